package dev.writ.contract.verify;

import dev.writ.contract.Base64Url;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Vectors of rules that the others leave out, made here from fixed keys: the file is what this
 * writes. {@code -Dgolden=write} writes it anew; {@link VectorsTest} runs it.
 */
class OwnVectorsTest {
  private final VectorFile file = new VectorFile("own.json");

  @Test
  void theFileIsWhatIsMadeHere() throws Exception {
    // When
    headers();
    fields();
    windows();
    // Then
    file.assertWritten();
  }

  /** Section 1: the header of a JWS. */
  private void headers() throws Exception {
    String kid = file.issuer.publicKey().thumbprint();
    String good = "{\"alg\":\"Ed25519\",\"typ\":\"cap-contract+jwt\",\"kid\":\"" + kid + "\"}";
    header("control", good, "allow");
    header("alg-eddsa", good.replace("Ed25519", "EdDSA"), "invalid-contract");
    header("alg-lower-case", good.replace("Ed25519", "ed25519"), "invalid-contract");
    header("typ-jwt", good.replace("cap-contract+jwt", "JWT"), "invalid-contract");
    header("typ-of-an-identity", good.replace("cap-contract", "cap-identity"), "invalid-contract");
    header(
        "kid-of-nobody",
        good.replace(kid, file.holder.publicKey().thumbprint()),
        "invalid-contract");
    for (String member : List.of("crit", "jku", "jwk", "x5u", "x5c", "b64", "cty", "zip")) {
      header(
          "member-" + member, good.replace("}", ",\"" + member + "\":\"x\"}"), "invalid-contract");
    }
    header("member-twice", good.replace("}", ",\"alg\":\"Ed25519\"}"), "invalid-contract");
    header("white-space", good.replace(",", ", "), "invalid-contract");
    header("byte-order-mark", "\ufeff" + good, "invalid-contract");
  }

  private void header(String name, String header, String outcome) throws Exception {
    String payload = contract().split("\\.", -1)[1];
    String input = Base64Url.encode(header.getBytes(StandardCharsets.UTF_8)) + "." + payload;
    String jws =
        input + "." + Base64Url.encode(file.issuer.sign(input.getBytes(StandardCharsets.US_ASCII)));
    request("own/header/" + name, 1, jws, outcome);
  }

  /** Section 2: fields that are for later calls, and for records. */
  private void fields() throws Exception {
    parent("control", VectorFile.BOOT + ".17", "allow");
    parent("boot-upper-case", "00C0FFEE00C0FFEE.17", "malformed");
    parent("boot-short", "c0ffee.17", "malformed");
    parent("without-seq", VectorFile.BOOT, "malformed");
    parent("seq-zero", VectorFile.BOOT + ".0", "malformed");
    parent("seq-leading-zero", VectorFile.BOOT + ".017", "malformed");
    parent("two", VectorFile.BOOT + ".17, " + VectorFile.BOOT + ".18", "malformed");
    onward("control", "a.b.c, d.e.f ; a.b.c, d.e.f", "allow");
    onward("no-space-after-comma", "a.b.c,d.e.f", "malformed");
    onward("no-space-before-semicolon", "a.b.c, d.e.f; a.b.c, d.e.f", "malformed");
    onward("nothing-after-semicolon", "a.b.c, d.e.f ; ", "malformed");
    onward("not-a-jws", "a.b, d.e.f", "malformed");
    onward("four-parts", "a.b.c.d, d.e.f", "malformed");
    onward("another-alphabet", "a.b+c.c, d.e.f", "malformed");
  }

  private void parent(String name, String value, String outcome) throws Exception {
    request("own/parent/" + name, 2, contract(), outcome, new Field("Capability-Parent", value));
  }

  private void onward(String name, String value, String outcome) throws Exception {
    request(
        "own/delegation/" + name,
        2,
        contract(),
        outcome,
        new Field("Capability-Delegation", value));
  }

  /** Section 3: below the window, and below sixteen windows. */
  private void windows() throws Exception {
    String seqs = "{\"kind\":\"window\",\"seqs\":[1,1026,1,2,3,3,2049,1025,1026]}";
    file.add(
        "own/window/below-it-nothing-is-admitted",
        3,
        seqs,
        "http",
        "{\"outcome\":\"allow\",\"admitted\":[true,true,false,false,true,false,true,false,false]}");
    String jkt = file.holder.publicKey().thumbprint();
    List<String> ops = new ArrayList<>();
    for (int issued : IntStream.concat(IntStream.range(10, 26), IntStream.of(5, 9)).toArray()) {
      ops.add("{\"jkt\":\"" + jkt + "\",\"issued\":\"" + issued + "\",\"seq\":1}");
    }
    file.add(
        "own/windows/a-new-one-below-all-sixteen-is-refused",
        3,
        "{\"kind\":\"windows\",\"ops\":[" + String.join(",", ops) + "]}",
        "http",
        "{\"outcome\":\"allow\",\"admitted\":[" + "true,".repeat(16) + "false,false]}");
  }

  private String contract() throws Exception {
    return file.contract(List.of(World.rule(World.REPORT)));
  }

  private void request(String name, int section, String contract, String outcome, Field... more)
      throws Exception {
    byte[] none = new byte[0];
    RequestHead head =
        World.request(file.holder, contract, "GET", "/v1/reports/7", none, file.nonce(), more);
    file.request(name, section, head, none, "http", outcome);
  }
}
