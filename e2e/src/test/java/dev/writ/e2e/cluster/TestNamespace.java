package dev.writ.e2e.cluster;

import java.util.Map;

/** A namespace of one test, with a callee and a caller in it if wanted. */
final class TestNamespace implements AutoCloseable {
  private final Cluster cluster;
  private final String name;

  TestNamespace(Cluster cluster, String name) {
    this.cluster = cluster;
    this.name = name;
  }

  /** An answer that the caller's pod got. */
  record Answer(int status, String text) {}

  String name() {
    return name;
  }

  /** Applies a file of the test resources, with {@code @NAME@} replaced by its value. */
  void apply(String resource, Map<String, String> values) {
    String yaml = Cluster.resource(resource).replace("@NAMESPACE@", name);
    for (Map.Entry<String, String> value : values.entrySet()) {
      yaml = yaml.replace("@" + value.getKey() + "@", value.getValue());
    }
    cluster.apply(yaml);
  }

  /** A ledger behind a gate, an agent that may call it through its helper, and the capability. */
  void ledgerAndCaller(int replicas) {
    apply("ledger.yaml", Map.of("REPLICAS", "" + replicas));
    apply("caller.yaml", Map.of());
    rolledOut("ledger");
    rolledOut("caller");
    ready("agentcapability/caller-may-transfer");
  }

  void rolledOut(String deployment) {
    kubectl("rollout", "status", "deployment/" + deployment, "--timeout", timeout());
  }

  /** Waits for condition Ready. */
  void ready(String object) {
    kubectl("wait", "--for=condition=Ready", object, "--timeout", timeout());
  }

  static String timeout() {
    return Cluster.PATIENCE.toSeconds() - 5 + "s";
  }

  String kubectl(String... arguments) {
    return kubectlTry(arguments).output();
  }

  Command kubectlTry(String... arguments) {
    return cluster.kubectlTry(Command.join(new String[] {"--namespace", name}, arguments));
  }

  /** Runs a shell in the agent's container of a workload or pod. */
  Command shell(String target, String script) {
    return kubectlTry("exec", target, "-c", "agent", "--", "sh", "-c", script);
  }

  /** The caller posts a transfer through its helper. */
  Answer transfer(int amount) {
    return call(
        "ledger." + name + ":8080",
        "POST",
        "/v1/transfers",
        "{\"amount\":" + amount + ",\"currency\":\"EUR\"}");
  }

  /** The caller's pod makes one call through its helper, byte for byte. */
  Answer call(String host, String method, String path, String body) {
    String request =
        method
            + " http://"
            + host
            + path
            + " HTTP/1.1\\r\\nHost: "
            + host
            + "\\r\\nContent-Type: application/json\\r\\nConnection: close\\r\\nContent-Length: "
            + body.length()
            + "\\r\\n\\r\\n"
            + body.replace("\"", "\\\"");
    String reply =
        shell(
                "deployment/caller", // The request stays open until there is an answer: who hangs
                // up has lost interest in it.
                """
                f=/tmp/answer.$$; : >$f
                { printf "%s"; i=0; while [ ! -s $f ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i+1)); done; sleep 0.3; } |
                  timeout 40 nc 127.0.0.1 15001 >$f
                cat $f
                """
                    .formatted(request))
            .output();
    if (!reply.startsWith("HTTP/1.1 ")) {
      throw new AssertionError("no answer of the helper: \"" + reply + "\"");
    }
    return new Answer(Integer.parseInt(reply.substring(9, 12)), reply);
  }

  @Override
  public void close() {
    if (!Boolean.getBoolean("writ.it.keep")) {
      cluster.kubectlTry("delete", "namespace", name, "--wait=false");
    }
  }
}
