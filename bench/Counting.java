import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.operator.ledger.Anchor;
import dev.writ.operator.ledger.Ask;
import dev.writ.operator.ledger.Ledger;
import dev.writ.operator.ledger.LedgerState;
import dev.writ.operator.ledger.RateWindows;
import dev.writ.operator.ledger.RootLimit;
import dev.writ.operator.ledger.Step;
import dev.writ.sidecar.count.Admission;
import dev.writ.sidecar.count.Block;
import dev.writ.sidecar.spent.GrantedCounter;
import dev.writ.sidecar.spent.Origin;
import dev.writ.sidecar.spent.SpentDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What counting costs: the time of one count in a gate's file, and how often gates of a steady rate
 * have the ledger written. Gates and ledger are the shipped code; the clock of the second part is
 * virtual, the answers come at once. Started by {@code bench/run}.
 */
final class Counting {
  private static final String CID = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
  private static final long LIMIT = 1L << 50;
  private static final int REPLICAS = 3;
  private static final List<Block> BLOCKS = List.of(new Block(CID, CID, LIMIT, null, null));
  private static final Block CHILD =
      new Block(CID + "/" + CID.replace('1', '2'), "c", LIMIT, null, null);

  private long millis = 1_000_000;
  private LedgerState state = LedgerState.EMPTY;
  private LedgerState heard = LedgerState.EMPTY;
  private Anchor anchor = Anchor.EMPTY;
  private long writes;
  private final RateWindows windows = new RateWindows("bench");

  public static void main(String[] args) throws Exception {
    System.out.printf(
        Locale.ROOT,
        "one count: %.0f ns, with one delegation %.0f ns%n",
        new Counting().cost(BLOCKS),
        new Counting().cost(List.of(BLOCKS.getFirst(), CHILD)));
    System.out.printf("%-18s %22s%n", "calls/s, 3 gates", "writes per 1,000 calls");
    for (int rate : new int[] {30, 300, 900, 3_000, 15_000}) {
      System.out.printf(Locale.ROOT, "%-18d %22.2f%n", rate, new Counting().writes(rate));
    }
  }

  private GrantedCounter gate(int number) throws IOException {
    Path directory = Files.createTempDirectory("writ-counting");
    String boot = String.format(Locale.ROOT, "%016x", number);
    return new GrantedCounter(
        SpentDirectory.open(directory, new Origin(boot, "pod-" + number, "kernel"), 16),
        boot,
        () -> millis);
  }

  private double cost(List<Block> blocks) throws IOException {
    GrantedCounter gate = gate(1);
    double best = Double.MAX_VALUE;
    for (int round = 0; round < 8; round++) {
      long counted = 0;
      long nanos = 0;
      while (counted < 1_000_000) {
        millis += 100;
        tell(gate, 1);
        long from = System.nanoTime();
        for (int i = 0;
            i < 100_000 && gate.spend(blocks, millis / 1_000) instanceof Admission.Admitted;
            i++) {
          counted++;
        }
        nanos += System.nanoTime() - from;
      }
      best = Math.min(best, (double) nanos / counted);
    }
    return best;
  }

  private double writes(int rate) throws IOException {
    List<GrantedCounter> gates = new ArrayList<>();
    for (int i = 1; i <= REPLICAS; i++) {
      gates.add(gate(i));
    }
    long calls = 0;
    double due = 0;
    long before = 0;
    for (long tick = 0; tick < 120_000; tick++) {
      millis++;
      if (tick == 60_000) {
        before = writes;
        calls = 0;
      }
      for (due += rate / 1_000.0; due >= 1; due--) {
        GrantedCounter gate = gates.get((int) (calls % REPLICAS));
        if (!(gate.spend(BLOCKS, millis / 1_000) instanceof Admission.Admitted)) {
          tell(gate, (int) (calls % REPLICAS) + 1);
          gate.spend(BLOCKS, millis / 1_000);
        }
        calls++;
      }
      if (tick % 100 == 0) {
        for (int i = 0; i < REPLICAS; i++) {
          tell(gates.get(i), i + 1);
        }
      }
    }
    return (writes - before) * 1_000.0 / calls;
  }

  /** Carries what is due to the ledger and back. */
  private void tell(GrantedCounter gate, int number) {
    for (var ask = gate.due(); ask != null; ask = gate.due()) {
      AllowanceRequest request = ask.request();
      LedgerState entry = state.withSpent(heard);
      Step step =
          Ledger.ask(
              anchor,
              entry,
              new RootLimit(1, LIMIT),
              windows,
              millis,
              new Ask(
                  request.boot(),
                  "pod-" + number,
                  REPLICAS,
                  request.items(),
                  request.rates(),
                  List.of(),
                  null));
      Step.Reply reply =
          switch (step) {
            case Step.Write write -> {
              writes++;
              state = write.next();
              heard = LedgerState.EMPTY;
              anchor = anchor.appended(state);
              yield write.reply();
            }
            case Step.Unchanged unchanged -> {
              heard = unchanged.heard();
              yield unchanged.reply();
            }
            case Step.Append _, Step.Behind _, Step.Closed _ ->
                throw new IllegalStateException(step.toString());
          };
      gate.answered(ask, new AllowanceAnswer(reply.items(), reply.rates(), List.of()));
    }
  }
}
