package dev.writ.simulation;

import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest.Item;
import dev.writ.operator.ledger.LedgerState;
import java.util.HashMap;
import java.util.Map;

/** Delays, and when the plan has it so loses, repeats and reorders. */
final class Network {
  private final World world;

  Network(World world) {
    this.world = world;
  }

  void send(Message.Request request) {
    if (request.from().pod().cutOff()) {
      return;
    }
    copies(() -> deliver(request));
  }

  private void deliver(Message.Request request) {
    Leader leader = world.someLeader();
    if (leader == null) {
      return;
    }
    if (!world.seesPod(request.podUid())) {
      copies(() -> request.from().refused());
      return;
    }
    leader.receive(request);
  }

  void answer(Message.Request to, AllowanceAnswer answer, LedgerState state) {
    long perWindow = world.boundPerWindow();
    for (AllowanceAnswer.Rate rate : answer.rates()) {
      if (rate.granted() > 0 && perWindow > 0) {
        world.books().toldWindow(rate.window(), to.message().boot(), rate.granted(), perWindow);
      }
    }
    for (AllowanceAnswer.Item item : answer.items()) {
      if (item.exhausted()) {
        world.toldFinal(item.path(), state);
      }
    }
    Map<String, Long> returned = new HashMap<>();
    for (Item item : to.message().items()) {
      returned.put(item.path(), item.returned());
    }
    if (!to.from().pod().cutOff()) {
      copies(() -> to.from().answered(new Message.Answer(to, answer, returned)));
    }
  }

  void refuse(Message.Request to) {
    copies(() -> to.from().refused());
  }

  private void copies(Runnable delivery) {
    if (world.dice(Plan.Fault.LOSS, 6)) {
      return;
    }
    world.time().within(delay(), delivery);
    if (world.dice(Plan.Fault.DUPLICATES, 5)) {
      world.time().within(2_500, delivery);
    }
  }

  private long delay() {
    return world.chaos()
            && world.plan().has(Plan.Fault.DUPLICATES)
            && world.random().nextInt(10) == 0
        ? 1_800
        : 8;
  }
}
