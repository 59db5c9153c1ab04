package dev.writ.contract.verify;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.RevocationList;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonBoolean;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PublicKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Runs one vector by its kind. */
final class VectorRun {
  private static final int BODY_CAP = 1 << 20;
  private static final Ed25519 ED25519 = Ed25519.bouncyCastle();

  private VectorRun() {}

  /** What came out, and what {@code expect} may say about it. */
  record Result(String outcome, String reason, Map<String, JsonValue> more) {
    static Result of(String outcome) {
      return new Result(outcome, "", Map.of());
    }
  }

  static Result of(Vector vector) throws Exception {
    return switch (vector.kind()) {
      case "request" -> request(vector, head(vector.input()));
      case "head" -> request(vector, RawHead.parse(bytes(vector.input(), "head")));
      case "chain" -> chain(vector);
      case "document" -> document(vector);
      case "successor" -> successor(vector);
      case "challenge" -> challenge(vector);
      case "window" -> window(vector);
      case "windows" -> windows(vector);
      case "thumbprint" -> thumbprint(vector);
      case "ed25519" -> ed25519(vector);
      default -> throw new IllegalArgumentException("unknown kind " + vector.kind());
    };
  }

  private static Result request(Vector vector, RequestHead head) throws Exception {
    if (head == null) {
      return new Result("malformed", "not even a lenient parser reads it", Map.of());
    }
    Verifier verifier = new Verifier(ED25519, vector.challenges(), BODY_CAP);
    verifier.trust(vector.trust());
    HeadResult result = verifier.head(head, vector.listener(), vector.revocations(), vector.now());
    if (!(result instanceof Proven proven)) {
      return refused((Refusal) result);
    }
    BodyResult body =
        proven.isOpening()
            ? verifier.opening(proven)
            : verifier.body(proven, bytes(vector.input(), "body"));
    if (!(body instanceof Granted granted)) {
      return refused((Refusal) body);
    }
    Refusal spent = verifier.spend(granted, vector.now());
    if (spent != null) {
      return refused(spent);
    }
    Framed framed = (Framed) Framing.check(head, vector.listener().protocol());
    byte[] base = java.util.Objects.requireNonNull(Proof.read(framed)).base(head, framed);
    return new Result(
        "allow",
        "",
        Map.of(
            "action", new JsonString(granted.action()),
            "counted", new JsonBoolean(granted.counted()),
            "subject", new JsonString(granted.chain().subject()),
            "seq", JsonNumber.of(granted.seq()),
            "challenge", new JsonString(granted.challenge()),
            "thumbprints", strings(granted.chain().thumbprints()),
            "parHashes", strings(granted.chain().parentHashes()),
            "signatureBase", new JsonString(new String(base, StandardCharsets.ISO_8859_1))));
  }

  private static Result refused(Refusal refusal) {
    return new Result(refusal.code().code(), refusal.reason(), Map.of());
  }

  private static RequestHead head(JsonObject input) {
    List<Field> fields = new ArrayList<>();
    for (JsonValue item : Vector.items(input, "headers")) {
      List<JsonValue> pair = ((JsonArray) item).items();
      fields.add(new Field(((JsonString) pair.get(0)).value(), ((JsonString) pair.get(1)).value()));
    }
    return new RequestHead(Vector.text(input, "method"), Vector.text(input, "target"), fields);
  }

  private static Result chain(Vector vector) throws Exception {
    Verifier verifier = new Verifier(ED25519, vector.challenges(), BODY_CAP);
    verifier.trust(vector.trust());
    String identities =
        vector.input().get("identities") instanceof JsonString given ? given.value() : null;
    ChainResult result =
        verifier.chain(
            Vector.text(vector.input(), "contract"),
            identities,
            vector.listener().services(),
            vector.revocations(),
            vector.now());
    return switch (result) {
      case ChainResult.Rejected no -> new Result(no.code().code(), no.reason(), Map.of());
      case ChainResult.Verified yes ->
          new Result(
              "allow",
              "",
              Map.of(
                  "subjects", strings(yes.chain().subjects()),
                  "thumbprints", strings(yes.chain().thumbprints()),
                  "parHashes", strings(yes.chain().parentHashes()),
                  "countPath", new JsonString(yes.chain().countPath())));
    };
  }

  private static Result document(Vector vector) throws Exception {
    String jws = Vector.text(vector.input(), "jws");
    try {
      if (Vector.text(vector.input(), "typ").equals("cap-identity+jwt")) {
        IdentityCredential.parse(jws, vector.trust(), ED25519);
      } else {
        RevocationList.parse(jws, vector.trust(), ED25519);
      }
      return Result.of("allow");
    } catch (MalformedException e) {
      return new Result("invalid-document", e.getMessage(), Map.of());
    }
  }

  private static Result successor(Vector vector) throws Exception {
    RevocationList next;
    try {
      next = RevocationList.parse(Vector.text(vector.input(), "jws"), vector.trust(), ED25519);
    } catch (MalformedException e) {
      return new Result("refused", e.getMessage(), Map.of());
    }
    RevocationList current =
        vector.input().get("current") instanceof JsonString jws
            ? RevocationList.unverified(jws.value())
            : null;
    boolean taken =
        next.maySucceed(
            current, Vector.number(vector.input(), "highestSeq"), vector.now().epochSeconds());
    return Result.of(taken ? "allow" : "refused");
  }

  private static Result challenge(Vector vector) throws Exception {
    long issued = Long.parseUnsignedLong(Vector.text(vector.input(), "issued"));
    String minted = vector.challenges().mint(Vector.text(vector.input(), "jkt"), issued);
    return new Result("allow", "", Map.of("challenge", new JsonString(minted)));
  }

  private static Result window(Vector vector) {
    Window window = new Window();
    List<JsonValue> admitted = new ArrayList<>();
    for (JsonValue seq : Vector.items(vector.input(), "seqs")) {
      int value = ((JsonNumber) seq).value().intValueExact();
      admitted.add(new JsonBoolean(window.offer(value) == Window.Verdict.ADMITTED));
    }
    return new Result("allow", "", Map.of("admitted", new JsonArray(admitted)));
  }

  private static Result windows(Vector vector) {
    Windows windows = new Windows(Challenges.DEFAULT_MAX_WINDOWS, -1);
    List<JsonValue> admitted = new ArrayList<>();
    for (JsonValue item : Vector.items(vector.input(), "ops")) {
      JsonObject op = (JsonObject) item;
      long issued = Long.parseUnsignedLong(Vector.text(op, "issued"));
      Window.Verdict verdict =
          windows.offer(Vector.text(op, "jkt"), issued, (int) Vector.number(op, "seq"));
      admitted.add(new JsonBoolean(verdict == Window.Verdict.ADMITTED));
    }
    return new Result("allow", "", Map.of("admitted", new JsonArray(admitted)));
  }

  private static Result thumbprint(Vector vector) {
    try {
      PublicKey key =
          PublicKey.fromJwk(
              new JsonWriter().value(Vector.member(vector.input(), "jwk")).toString());
      return new Result("allow", "", Map.of("thumbprint", new JsonString(key.thumbprint())));
    } catch (MalformedException e) {
      return new Result("invalid-key", e.getMessage(), Map.of());
    }
  }

  private static Result ed25519(Vector vector) {
    HexFormat hex = HexFormat.of();
    try {
      PublicKey key = PublicKey.unchecked(hex.parseHex(Vector.text(vector.input(), "public")));
      byte[] message = hex.parseHex(Vector.text(vector.input(), "message"));
      byte[] signature = hex.parseHex(Vector.text(vector.input(), "signature"));
      return Result.of(ED25519.verify(key, message, signature) ? "allow" : "invalid-signature");
    } catch (MalformedException e) {
      return new Result("invalid-signature", e.getMessage(), Map.of());
    }
  }

  private static byte[] bytes(JsonObject input, String name) {
    return Base64.getDecoder().decode(Vector.text(input, name));
  }

  private static JsonArray strings(List<String> values) {
    return new JsonArray(values.stream().map(value -> (JsonValue) new JsonString(value)).toList());
  }
}
