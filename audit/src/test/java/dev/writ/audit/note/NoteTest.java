package dev.writ.audit.note;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.audit.merkle.Hash;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class NoteTest {
  private static final Ed25519 ED25519 = Ed25519.bouncyCastle();
  private static final String ORIGIN = "writ.dev/log/test";
  private final NoteSigner signer = new NoteSigner(ORIGIN, PrivateKey.generate());
  private final Checkpoint checkpoint = new Checkpoint(ORIGIN, 7, Hash.leaf(new byte[0]));

  @Test
  void theSpecificationsExampleVerifies() throws MalformedException {
    VerifierKey key =
        VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    SignedNote note =
        SignedNote.parse(
            bytes(
                "This is an example message.\n\n"
                    + "\u2014 example.com/foo"
                    + " Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"));
    assertThat(note.signedBy(key, ED25519)).isTrue();
    assertThat(note.signedBy(signer.verifierKey(), ED25519)).isFalse();
  }

  @Test
  void keysReadBackAndOnlyTheirOwnSpellingDoes() throws MalformedException {
    String text = signer.verifierKey().toString();
    assertThat(VerifierKey.parse(text)).isEqualTo(signer.verifierKey());
    for (String bad :
        List.of(
            "",
            "x",
            text + "=",
            text.replace(ORIGIN, ORIGIN + "x"),
            text.replace(ORIGIN, "a b"),
            text.replaceFirst("\\+[0-9a-f]{8}\\+", "+00000000+"),
            text.substring(0, text.length() - 1))) {
      assertThatThrownBy(() -> VerifierKey.parse(bad))
          .as(bad)
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void aSignedCheckpointReadsBackAndVerifies() throws MalformedException {
    SignedNote note = checkpoint.sign(List.of(signer));
    SignedNote read = SignedNote.parse(note.toBytes());
    assertThat(read).isEqualTo(note);
    assertThat(Checkpoint.verified(read, List.of(signer.verifierKey()), ED25519))
        .isEqualTo(checkpoint);
  }

  @Test
  void whileKeysAreRotatedOldAndNewOneVerify() throws MalformedException {
    NoteSigner next = new NoteSigner(ORIGIN, PrivateKey.generate());
    SignedNote note = checkpoint.sign(List.of(next, signer));
    assertThat(Checkpoint.verified(note, List.of(signer.verifierKey()), ED25519))
        .isEqualTo(checkpoint);
    assertThat(Checkpoint.verified(note, List.of(next.verifierKey()), ED25519))
        .isEqualTo(checkpoint);
  }

  @Test
  void aCheckpointOfAnotherKeyOrOriginIsRefused() {
    NoteSigner other = new NoteSigner(ORIGIN, PrivateKey.generate());
    NoteSigner otherLog = new NoteSigner("writ.dev/log/other", PrivateKey.generate());
    assertThatThrownBy(() -> verify(checkpoint.sign(List.of(other)), signer))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> verify(checkpoint.sign(List.of(otherLog)), otherLog))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void noFlippedBitOfACheckpointVerifies() {
    byte[] note = checkpoint.sign(List.of(signer)).toBytes();
    for (int bit = 0; bit < note.length * 8; bit++) {
      byte[] flipped = note.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThatThrownBy(() -> verify(SignedNote.parse(flipped), signer))
          .as("bit %d", bit)
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void textThatIsNoCheckpointIsRefused() {
    String good = checkpoint.text();
    for (String bad :
        List.of(
            "",
            "\n",
            good + "extension\n",
            good.replace("\n7\n", "\n07\n"),
            good.replace("\n7\n", "\n-7\n"),
            good.replace("\n7\n", "\n9999999999999999999\n"),
            good.replace("=\n", "\n"),
            good.trim(),
            good.replace(ORIGIN, ""),
            good.replace(ORIGIN, "a b"))) {
      assertThatThrownBy(() -> Checkpoint.parse(bad))
          .as(bad)
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void notesThatAreNoneAreRefusedAndRandomOnesNeverFailOtherwise() {
    String good = checkpoint.sign(List.of(signer)).toString();
    for (String bad :
        List.of(
            "",
            "\n\n",
            good.replace("\n\n", "\n"),
            good + "\n",
            good.trim(),
            good.replace("\u2014 ", "- "),
            good + "x\n",
            good.replace("\n7", "\r\n7"),
            good.replace(ORIGIN + " ", ORIGIN + "  "))) {
      assertThatThrownBy(() -> SignedNote.parse(bytes(bad)))
          .as(bad)
          .isInstanceOf(MalformedException.class);
    }
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    for (int round = 0; round < 2000; round++) {
      byte[] noise = bytes(good);
      for (int i = 0; i < 1 + random.nextInt(8); i++) {
        noise[random.nextInt(noise.length)] = (byte) random.nextInt();
      }
      try {
        assertThat(SignedNote.parse(noise).toBytes()).isEqualTo(noise);
      } catch (MalformedException e) {
        assertThat(e.getMessage()).startsWith("note");
      }
    }
  }

  @Test
  void cosignaturesVerifyUnderTheWitnessKeyAlone() throws MalformedException {
    PrivateKey secret = PrivateKey.generate();
    VerifierKey key =
        new VerifierKey("witness.example/w1", VerifierKey.Type.COSIGNATURE, secret.publicKey());
    SignedNote note = checkpoint.sign(List.of(signer));
    NoteSignature cosignature = Cosignature.sign(key.name(), secret, note.text(), 1679315147);
    SignedNote cosigned = SignedNote.parse(note.with(List.of(cosignature)).toBytes());

    assertThat(VerifierKey.parse(key.toString())).isEqualTo(key);
    assertThat(cosigned.signedBy(key, ED25519)).isTrue();
    assertThat(Cosignature.time(cosigned, key)).hasValue(1679315147);
    assertThat(note.signedBy(key, ED25519)).isFalse();
    assertThat(Checkpoint.verified(cosigned, List.of(signer.verifierKey()), ED25519))
        .isEqualTo(checkpoint);
    SignedNote later =
        new Checkpoint(ORIGIN, 8, checkpoint.root())
            .sign(List.of(signer))
            .with(List.of(cosignature));
    assertThatThrownBy(() -> later.signedBy(key, ED25519)).isInstanceOf(MalformedException.class);
  }

  @Test
  void aLogKeyIsNoWitnessKey() throws MalformedException {
    VerifierKey asWitness =
        new VerifierKey(ORIGIN, VerifierKey.Type.COSIGNATURE, signer.signer().publicKey());
    assertThat(checkpoint.sign(List.of(signer)).signedBy(asWitness, ED25519)).isFalse();
  }

  @Test
  void proofsReadBackAndProveTheirEntryOnly() throws MalformedException {
    byte[] entry = bytes("entry");
    Hash sibling = Hash.leaf(bytes("other"));
    Checkpoint two = new Checkpoint(ORIGIN, 2, Hash.node(sibling, Hash.leaf(entry)));
    TlogProof proof = new TlogProof(1, List.of(sibling), two.sign(List.of(signer)));
    TlogProof read = TlogProof.parse(proof.toBytes());
    List<VerifierKey> keys = List.of(signer.verifierKey());

    assertThat(read).isEqualTo(proof);
    assertThat(read.verify(entry, keys, List.of(), 0, ED25519)).isEqualTo(two);
    assertThatThrownBy(() -> read.verify(bytes("other"), keys, List.of(), 0, ED25519))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> read.verify(entry, keys, List.of(), 1, ED25519))
        .isInstanceOf(MalformedException.class);
    String text = new String(proof.toBytes(), StandardCharsets.UTF_8);
    assertThat(TlogProof.parse(bytes(text.replace("@v1\n", "@v1\nextra QUJD\n"))).index())
        .isEqualTo(1);
    for (String bad :
        List.of(
            "",
            text.replace("@v1", "@v2"),
            text.replace("index 1", "index 01"),
            text.replace("\n\n", "\n"))) {
      assertThatThrownBy(() -> TlogProof.parse(bytes(bad)))
          .as(bad)
          .isInstanceOf(MalformedException.class);
    }
  }

  private static void verify(SignedNote note, NoteSigner by) throws MalformedException {
    Checkpoint read = Checkpoint.verified(note, List.of(by.verifierKey()), ED25519);
    if (!read.origin().equals(ORIGIN)) {
      throw new MalformedException("another log");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
