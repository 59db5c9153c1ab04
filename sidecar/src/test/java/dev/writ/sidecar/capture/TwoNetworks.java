package dev.writ.sidecar.capture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A pod and a peer as two network namespaces with a cable between them, both families. */
final class TwoNetworks implements AutoCloseable {
  static final String POD4 = "10.199.0.5";
  static final String POD6 = "fd00:199::5";
  private static final List<String> HOLD = List.of("unshare", "--net", "sleep", "3600");
  private static final List<String> NET_ADMIN_ALONE =
      List.of("setpriv", "--bounding-set=-all,+net_admin", "--inh-caps=-all,+net_admin");

  private final Path folder;
  private final Process pod;
  private final Process peer;
  private final List<Process> running = new ArrayList<>();
  private int logs;

  private TwoNetworks(Path folder) throws Exception {
    this.folder = folder;
    // Held by a process, not by a name: names are mounts that all of this machine would see.
    pod = new ProcessBuilder(HOLD).start();
    peer = new ProcessBuilder(HOLD).start();
    for (Process network : List.of(pod, peer)) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (ours(network) && System.nanoTime() < end) {
        Thread.sleep(20);
      }
    }
  }

  /** Whether the process has not left our network yet. */
  private static boolean ours(Process process) throws IOException {
    Path theirs = Path.of("/proc/" + process.pid() + "/ns/net");
    return Files.readSymbolicLink(theirs)
        .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/net")));
  }

  /** Whether this user may have network namespaces, and the programs for them are there. */
  static boolean possible() {
    try {
      return run(List.of("nft", "--version")) == 0
          && run(List.of("setpriv", "--version")) == 0
          && run(List.of("unshare", "--net", "ip", "link", "set", "lo", "up")) == 0;
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  static TwoNetworks make(Path folder) throws Exception {
    TwoNetworks made = new TwoNetworks(folder);
    String outside = String.valueOf(made.peer.pid());
    ip(made.pod, "link", "add", "eth0", "type", "veth", "peer", "name", "eth1", "netns", outside);
    made.address(made.pod, "eth0", POD4 + "/24", POD6 + "/64");
    made.address(made.peer, "eth1", "10.199.0.6/24", "fd00:199::6/64");
    return made;
  }

  private void address(Process network, String device, String four, String six) throws Exception {
    ip(network, "link", "set", "lo", "up");
    ip(network, "link", "set", device, "up");
    ip(network, "address", "add", four, "dev", device);
    ip(network, "-6", "address", "add", six, "dev", device, "nodad");
  }

  void withoutIpv6() throws Exception {
    List<String> off =
        List.of(
            "sysctl",
            "-q",
            "-w",
            "net.ipv6.conf.all.disable_ipv6=1",
            "net.ipv6.conf.default.disable_ipv6=1");
    check(inside(pod, off));
  }

  /** What is there when a trial is killed early. */
  void leaveInterfaces() throws Exception {
    ip(pod, "link", "add", "writ-a", "type", "veth", "peer", "name", "writ-b");
  }

  /** Somebody else's rules in the pod's network. */
  void foreignRules(String rules) throws Exception {
    Path file = Files.writeString(folder.resolve("foreign.nft"), rules);
    check(inside(pod, List.of("nft", "-f", file.toString())));
  }

  /** What {@code writ-capture} does, with the one capability that it has. */
  Result capture(Map<String, String> environment) throws Exception {
    List<String> command = new ArrayList<>(NET_ADMIN_ALONE);
    command.addAll(java("dev.writ.sidecar.Main"));
    command.add("capture");
    Process process = start(inside(pod, command), environment);
    return ended(process);
  }

  /** Starts the sidecar in the pod, as nobody in particular, and returns when it listens. */
  Process sidecar(Map<String, String> environment) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=15001",
                "--regid=15001",
                "--clear-groups",
                "--bounding-set=-all"));
    command.addAll(java("dev.writ.sidecar.Main"));
    return start(inside(pod, command), environment);
  }

  /** What a pod of {@code writ check} does, from outside and as nobody in particular. */
  Result scan(Map<String, String> environment) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("setpriv", "--reuid=65532", "--clear-groups", "--bounding-set=-all"));
    command.addAll(java("dev.writ.sidecar.Main"));
    command.add("scan");
    return ended(start(inside(peer, command), environment), 300);
  }

  /** Binds in the pod and stays; returns what became of each. */
  List<String> serve(String... sockets) throws Exception {
    List<String> command = java("dev.writ.sidecar.capture.Peer");
    command.add("serve");
    command.addAll(List.of(sockets));
    Process process = start(inside(pod, command), Map.of());
    List<String> lines = new ArrayList<>();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (lines.size() < sockets.length && process.isAlive() && System.nanoTime() < end) {
      Thread.sleep(50);
      lines = output(process).lines().toList();
    }
    return lines;
  }

  List<String> askFromOutside(String... targets) throws Exception {
    return ask(peer, targets);
  }

  List<String> askFromInside(String... targets) throws Exception {
    return ask(pod, targets);
  }

  private List<String> ask(Process network, String... targets) throws Exception {
    List<String> command = java("dev.writ.sidecar.capture.Peer");
    command.add("ask");
    command.addAll(List.of(targets));
    Result result = ended(start(inside(network, command), Map.of()));
    return result.output().lines().toList();
  }

  String rules() throws Exception {
    return ended(start(inside(pod, List.of("nft", "list", "ruleset")), Map.of())).output();
  }

  String output(Process process) throws IOException {
    return Files.readString(folder.resolve("log-" + running.indexOf(process)));
  }

  /** How a program ended, and what it said. */
  record Result(int code, String output) {}

  private Result ended(Process process) throws Exception {
    return ended(process, 90);
  }

  private Result ended(Process process, int seconds) throws Exception {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new IOException("did not end:\n" + output(process));
    }
    return new Result(process.exitValue(), output(process));
  }

  private static List<String> java(String main) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "-XX:TieredStopAtLevel=1"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    return command;
  }

  private static List<String> inside(Process network, List<String> command) {
    List<String> whole =
        new ArrayList<>(List.of("nsenter", "--net", "--target", String.valueOf(network.pid())));
    whole.addAll(command);
    return whole;
  }

  private Process start(List<String> command, Map<String, String> environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("WRIT_"));
    builder.environment().putAll(new TreeMap<>(environment));
    builder.redirectOutput(folder.resolve("log-" + logs++).toFile());
    Process process = builder.start();
    running.add(process);
    return process;
  }

  private static void ip(Process network, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    check(inside(network, command));
  }

  private static void check(List<String> command) throws Exception {
    if (run(command) != 0) {
      throw new IOException("failed: " + command);
    }
  }

  private static int run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      System.err.println(command + ": " + output);
    }
    return code;
  }

  @Override
  public void close() {
    running.forEach(Process::destroyForcibly);
    running.forEach(process -> process.onExit().join());
    pod.destroyForcibly().onExit().join();
    peer.destroyForcibly().onExit().join();
  }
}
