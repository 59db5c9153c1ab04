package dev.writ.simulation;

import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.contract.quota.AllowanceRequest.Item;
import dev.writ.sidecar.allowance.Ask;
import dev.writ.sidecar.count.Block;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The mistakes that a gate makes in what it sends and takes. */
final class GateMutant {
  private final World world;
  private final GateProcess process;
  private final Map<String, Long> granted = new HashMap<>();
  private final Map<String, Long> returned = new HashMap<>();
  private final Map<String, Long> overshoot = new HashMap<>();

  GateMutant(World world, GateProcess process) {
    this.world = world;
    this.process = process;
  }

  Message.Request request(Ask ask) {
    AllowanceRequest message = ask.request();
    Map<String, Long> given = new HashMap<>();
    List<Item> items = new ArrayList<>();
    for (Item item : message.items()) {
      items.add(item(item, given));
    }
    AllowanceRequest sent =
        new AllowanceRequest(message.boot(), items, message.rates(), message.closing());
    return new Message.Request(process, process.pod().uid(), ask, sent, given);
  }

  private Item item(Item item, Map<String, Long> given) {
    long before = returned.getOrDefault(item.path(), 0L);
    long said = item.returned();
    returned.merge(item.path(), said, Math::max);
    given.put(item.path(), said - before);
    long spent = item.spent() + overshoot.getOrDefault(item.path(), 0L);
    switch (world.bug()) {
      case NO_IDLE_RETURN -> said = 0;
      case RETURN_NOT_REPEATED -> said = said > before ? said : 0;
      case RETURN_BEFORE_LOWERING_OWN -> {
        long here = granted.getOrDefault(item.path(), 0L) - said - spent;
        if (here > 0 && world.random().nextInt(4) == 0) {
          said += here;
        }
      }
      default -> {}
    }
    return new Item(item.path(), item.limit(), item.need(), said, spent, item.leaf());
  }

  AllowanceAnswer answer(Message.Answer answer) {
    AllowanceAnswer message = answer.message();
    List<AllowanceAnswer.Item> items = new ArrayList<>();
    for (AllowanceAnswer.Item item : message.items()) {
      long total = item.granted();
      if (world.bug() == Bug.ANSWER_SETS_ALLOWANCE) {
        total +=
            returned.getOrDefault(item.path(), 0L)
                - answer.returnedThen().getOrDefault(item.path(), 0L);
      }
      granted.merge(item.path(), total, Math::max);
      items.add(
          new AllowanceAnswer.Item(
              item.path(), total, item.exhausted(), item.limit(), item.others()));
    }
    return new AllowanceAnswer(items, message.rates(), message.closed());
  }

  /** A loser of a fetch-and-add leaves its trace. */
  void overshoot(List<Block> chain) {
    if (world.bug() == Bug.FETCH_AND_ADD_OVERSHOOT) {
      for (String path : World.counted(chain)) {
        if (granted.getOrDefault(path, 0L) > 0) {
          overshoot.merge(path, 1L, Long::sum);
        }
      }
    }
  }
}
