package dev.writ.examples;

import java.io.IOException;
import java.util.Map;

/**
 * Starts the agent whose role is the first argument; everything else comes from the environment.
 */
final class Main {
  private Main() {}

  /**
   * Runs one agent.
   *
   * @param args the role alone
   * @throws IOException when a listening port cannot be opened or a peer does not answer
   * @throws InterruptedException when the agent is interrupted
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Map<String, String> environment = System.getenv();
    String role = args.length == 1 ? args[0] : "";
    switch (role) {
      case "ledger" -> new Ledger().serve(address(environment));
      case "billing" -> new Billing(environment).run();
      case "steady" -> new Steady(environment).run();
      case "archive" -> new Archive().serve(address(environment));
      case "worker" -> new Worker(environment).serve(address(environment));
      case "planner" -> new Planner(environment).run();
      case "teller" -> new Teller().serve(address(environment), messages(environment));
      case "assistant" -> new Assistant(environment).run();
      case "warehouse" -> new Warehouse().serve(address(environment));
      case "report" -> new Report(environment).run();
      case "rehearsal" -> new Rehearsal(environment).run(address(environment));
      default -> {
        System.err.println(
            "give one role: ledger, billing, steady, archive, worker, planner, teller, assistant,"
                + " warehouse, report or rehearsal");
        System.exit(2);
      }
    }
  }

  private static Address messages(Map<String, String> environment) {
    return new Address(
        environment.getOrDefault("HOST", "127.0.0.1"),
        Integer.parseInt(environment.getOrDefault("MESSAGE_PORT", "8081")));
  }

  private static Address address(Map<String, String> environment) {
    return new Address(
        environment.getOrDefault("HOST", "127.0.0.1"),
        Integer.parseInt(environment.getOrDefault("PORT", "8080")));
  }
}
