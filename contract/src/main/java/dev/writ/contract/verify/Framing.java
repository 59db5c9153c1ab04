package dev.writ.contract.verify;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Match.GrpcMatch;
import dev.writ.contract.document.Match.HttpMatch;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.document.SignedBlock;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Step 1 of protocol.md, section 4: one line each, one spelling, one meaning. What an HTTP library
 * reads leniently is refused here, before anything is decided on it.
 */
final class Framing {
  private static final int MAX_CONTRACT = 12 * 1024;
  private static final int MAX_IDENTITY = 6 * 1024;

  /** Fields that may come once at most. */
  private static final Set<String> SINGLE =
      Set.of(
          "capability-contract",
          "capability-identity",
          "capability-delegation",
          "capability-delegation-identity",
          "capability-parent",
          "content-digest",
          "signature-input",
          "signature",
          "host",
          "content-type",
          "content-encoding",
          "content-length",
          "transfer-encoding",
          "idempotency-key",
          "upgrade");

  private static final Set<String> CONNECTION =
      Set.of("close", "keep-alive", "upgrade", "te", "http2-settings");

  private final RequestHead head;
  private final Protocol protocol;
  private final Map<String, String> single = new HashMap<>();

  private Framing(RequestHead head, Protocol protocol) {
    this.head = head;
    this.protocol = protocol;
  }

  /** The framed head, or the refusal of step 1. */
  static FrameResult check(RequestHead head, Protocol protocol) {
    Framing framing = new Framing(head, protocol);
    MalformedException malformed = framing.collect();
    String contract = framing.single.get("capability-contract");
    if (contract == null) {
      return Refusal.of(ErrorCode.MISSING_CONTRACT, "no Capability-Contract");
    }
    if (framing.tooLarge()) {
      return Refusal.of(ErrorCode.CONTRACT_TOO_LARGE, "header too large");
    }
    if (malformed != null) {
      return Refusal.of(ErrorCode.MALFORMED, String.valueOf(malformed.getMessage()));
    }
    try {
      framing.line();
      framing.transfer();
      Framed framed = framing.capability(contract);
      return framing.upgradeRefused(contract)
          ? Refusal.of(ErrorCode.ACTION_NOT_GRANTED, "upgrade")
          : framed;
    } catch (MalformedException e) {
      return Refusal.of(ErrorCode.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  /** Step 1 without what it says of contract and proof: null when the head is sound. */
  static @Nullable Refusal bare(RequestHead head) {
    Framing framing = new Framing(head, Protocol.HTTP);
    MalformedException malformed = framing.collect();
    try {
      if (malformed != null) {
        throw malformed;
      }
      framing.line();
      framing.transfer();
    } catch (MalformedException e) {
      return Refusal.of(ErrorCode.MALFORMED, String.valueOf(e.getMessage()));
    }
    boolean upgrade = framing.single.containsKey("upgrade") || head.method().equals("CONNECT");
    return upgrade ? Refusal.of(ErrorCode.ACTION_NOT_GRANTED, "upgrade") : null;
  }

  /** Takes all fields; what is wrong with them is kept until the checks that come before. */
  private @Nullable MalformedException collect() {
    MalformedException problem = null;
    for (Field field : head.fields()) {
      try {
        collect(field);
      } catch (MalformedException e) {
        problem = problem == null ? e : problem;
      }
    }
    return problem;
  }

  private void collect(Field field) throws MalformedException {
    String name = field.name().toLowerCase(Locale.ROOT);
    String value = field.value();
    MalformedException repeated = null;
    if (SINGLE.contains(name)) {
      String earlier = single.putIfAbsent(name, value);
      if (earlier != null) {
        repeated = new MalformedException(name + " repeated");
        // The longer one counts for size: which of the two is meant is unknown.
        single.put(name, earlier.length() >= value.length() ? earlier : value);
      }
    }
    if (repeated != null) {
      throw repeated;
    }
    if (!Syntax.isToken(name)) {
      throw new MalformedException("field name");
    }
    if (!Syntax.isFieldValue(value)) {
      throw new MalformedException("field value");
    }
    if (name.equals("connection")) {
      connection(value);
    } else if (name.equals("trailer")) {
      throw new MalformedException("trailers");
    }
  }

  private static void connection(String value) throws MalformedException {
    for (String option : value.split(",", -1)) {
      String name = option.strip().toLowerCase(Locale.ROOT);
      if (!name.isEmpty() && !CONNECTION.contains(name)) {
        throw new MalformedException("Connection names a protected field");
      }
    }
  }

  private boolean tooLarge() {
    return length("capability-contract") > MAX_CONTRACT
        || length("capability-identity") > MAX_IDENTITY
        || length("capability-delegation") > MAX_CONTRACT
        || length("capability-delegation-identity") > MAX_CONTRACT;
  }

  private int length(String name) {
    String value = single.get(name);
    return value == null ? 0 : value.length();
  }

  private void line() throws MalformedException {
    if (!Syntax.isToken(head.method())) {
      throw new MalformedException("method");
    }
    Target.parse(head.target());
    if (!Syntax.isHost(required("host"))) {
      throw new MalformedException("Host");
    }
  }

  private void transfer() throws MalformedException {
    String length = single.get("content-length");
    String coding = single.get("transfer-encoding");
    if (length != null && (coding != null || !Syntax.isLength(length))) {
      throw new MalformedException("Content-Length");
    }
    if (coding != null && !coding.equalsIgnoreCase("chunked")) {
      throw new MalformedException("Transfer-Encoding");
    }
  }

  private Framed capability(String contract) throws MalformedException {
    String digest = opensStream(contract) ? null : required("content-digest");
    if (digest != null && !Syntax.isContentDigest(digest)) {
      throw new MalformedException("Content-Digest");
    }
    String input = required("signature-input");
    String signature = required("signature");
    String identities = single.get("capability-identity");
    if (elements(contract) - 1 != (identities == null ? 0 : elements(identities))) {
      throw new MalformedException("one identity per delegation");
    }
    onward();
    String parent = single.get("capability-parent");
    if (parent != null && !Syntax.isReceipt(parent)) {
      throw new MalformedException("Capability-Parent");
    }
    List<Field> covered = SignatureBase.covered(head.fields());
    return new Framed(contract, identities, digest, input, signature, covered);
  }

  /**
   * Only the syntax: whether they are good for anything is asked when they are used, not by this
   * call.
   */
  private void onward() throws MalformedException {
    String delegation = single.get("capability-delegation");
    String identities = single.get("capability-delegation-identity");
    if ((delegation != null && !OnwardChains.isDelegation(delegation))
        || (identities != null && !OnwardChains.isIdentities(identities))) {
      throw new MalformedException("Capability-Delegation");
    }
  }

  /**
   * An upgrade goes on only when the root could grant one; the root is not verified yet, step 10
   * decides.
   */
  private boolean upgradeRefused(String contract) {
    String upgrade = single.get("upgrade");
    if (upgrade == null) {
      return head.method().equals("CONNECT");
    }
    if (!upgrade.equalsIgnoreCase("websocket")) {
      return true;
    }
    return !rootHas(
        contract, rule -> rule.match() instanceof HttpMatch http && http.upgradeWebsocket());
  }

  /**
   * The opening of a gRPC stream carries no digest of a body that is not there yet: only where the
   * root could grant one; the root is not verified yet, step 10 decides.
   */
  private boolean opensStream(String contract) {
    if (protocol != Protocol.GRPC || single.containsKey("content-digest")) {
      return false;
    }
    return rootHas(contract, rule -> rule.match() instanceof GrpcMatch grpc && grpc.streaming());
  }

  private static boolean rootHas(String contract, Predicate<Rule> wanted) {
    int comma = contract.indexOf(", ");
    try {
      String first = comma < 0 ? contract : contract.substring(0, comma);
      return SignedBlock.read(first).block() instanceof RootContract root
          && root.rules().stream().anyMatch(wanted);
    } catch (MalformedException e) {
      return false;
    }
  }

  private String required(String name) throws MalformedException {
    String value = single.get(name);
    if (value == null) {
      throw new MalformedException(name + " missing");
    }
    return value;
  }

  private static int elements(String list) {
    int count = 1;
    for (int at = list.indexOf(", "); at >= 0; at = list.indexOf(", ", at + 2)) {
      count++;
    }
    return count;
  }
}
