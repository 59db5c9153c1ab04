package dev.writ.operator.keys.pkcs11;

import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import dev.writ.operator.keys.ContractSigner;
import dev.writ.operator.keys.KeyReference;
import dev.writ.operator.keys.KeyUnavailableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Uses a token and prints what came of it, one line each: {@code make}, {@code open X REFERENCE},
 * {@code destroy REFERENCE}.
 */
final class TokenProcess {
  private TokenProcess() {}

  public static void main(String[] args) throws Exception {
    try {
      ContractSigner token = Pkcs11ContractSigner.of(Path.of(args[0]), args[1], Path.of(args[2]));
      switch (args[3]) {
        case "make" -> {
          ContractSigner.Made made = token.make();
          sign(made.signer());
          System.out.println("made " + made.signer().publicKey().x());
          System.out.println("reference " + made.reference().rest());
          System.out.println("prints " + made.signer() + made.reference());
        }
        case "open" -> {
          PublicKey key = PublicKey.fromJwk(args[4]);
          sign(token.open(key, KeyReference.of("pkcs11", args[5])));
          System.out.println("opened");
        }
        case "destroy" -> {
          token.destroy(KeyReference.of("pkcs11", args[4]));
          token.destroy(KeyReference.of("pkcs11", args[4]));
          System.out.println("destroyed");
        }
        default -> System.out.println("what?");
      }
    } catch (KeyUnavailableException e) {
      System.out.println("unavailable " + e.getMessage());
    }
  }

  /** From several threads, as enrolments do; also nothing at all, and more than one block. */
  private static void sign(Signer signer) throws Exception {
    List<byte[]> messages = new ArrayList<>();
    for (int length : new int[] {0, 1, 63, 64, 65, 4096}) {
      messages.add("w".repeat(length).getBytes(StandardCharsets.UTF_8));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<byte[]>> signatures = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        byte[] message = messages.get(i % messages.size());
        signatures.add(threads.submit(() -> signer.sign(message)));
      }
      int verified = 0;
      for (int i = 0; i < signatures.size(); i++) {
        if (Ed25519.bouncyCastle()
            .verify(
                signer.publicKey(), messages.get(i % messages.size()), signatures.get(i).get())) {
          verified++;
        }
      }
      System.out.println("verified " + verified);
    }
  }
}
