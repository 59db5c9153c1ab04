package dev.writ.operator.keys.pkcs11;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A session with one token, in which everything takes turns. A session that breaks is opened anew
 * by the next use. Thread-safe.
 */
final class Token {
  private static final long EDWARDS_KEY_PAIR_GEN = 0x1055;
  private static final long EDDSA = 0x1057;
  private static final long EDWARDS_KEY = 0x40;
  private static final long PUBLIC_KEY = 2;
  private static final long PRIVATE_KEY = 3;
  private static final long USER = 1;
  private static final long READ_WRITE = 2 | 4;
  private static final int LABEL = 32;
  private static final int SIGNATURE = 64;

  /** CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID and the like: the other spelling. */
  private static final List<byte[]> ED25519 =
      List.of(
          // The object identifier 1.3.101.112, and the name that earlier tokens want.
          HexFormat.of().parseHex("06032b6570"),
          HexFormat.of().parseHex("130c656477617264733235353139"));

  private final Cryptoki cryptoki;
  private final String label;
  private final PinSource pin;
  private long session;
  private boolean open;

  /** Reads the PIN each time it is needed: nobody keeps it. */
  @FunctionalInterface
  interface PinSource {
    byte[] read() throws CryptokiException;
  }

  Token(Cryptoki cryptoki, String label, PinSource pin) {
    this.cryptoki = cryptoki;
    this.label = label;
    this.pin = pin;
  }

  /** Makes a key that never leaves the token. The bytes of its public half. */
  synchronized byte[] generate(byte[] id, String name) throws CryptokiException {
    return within(
        arena -> {
          CryptokiException refused = null;
          for (byte[] curve : ED25519) {
            try {
              long[] pair = generate(arena, id, name, curve);
              return point(arena, pair[0]);
            } catch (CryptokiException e) {
              refused = e;
            }
          }
          throw refused == null ? new CryptokiException("C_GenerateKeyPair", 0) : refused;
        });
  }

  private long[] generate(Arena arena, byte[] id, String name, byte[] curve)
      throws CryptokiException {
    Attributes publicHalf =
        new Attributes(arena)
            .with(Attributes.TOKEN, true)
            .with(Attributes.VERIFY, true)
            .with(Attributes.EC_PARAMS, curve)
            .with(Attributes.LABEL, name)
            .with(Attributes.ID, id);
    Attributes privateHalf =
        new Attributes(arena)
            .with(Attributes.TOKEN, true)
            .with(Attributes.PRIVATE, true)
            .with(Attributes.SENSITIVE, true)
            .with(Attributes.EXTRACTABLE, false)
            .with(Attributes.SIGN, true)
            .with(Attributes.LABEL, name)
            .with(Attributes.ID, id);
    return cryptoki.generatePair(
        session, mechanism(arena, EDWARDS_KEY_PAIR_GEN), publicHalf, privateHalf);
  }

  /** The public half of a key of the token. */
  synchronized Optional<byte[]> publicHalf(byte[] id) throws CryptokiException {
    return within(
        arena -> {
          List<Long> found = find(arena, PUBLIC_KEY, id);
          return found.isEmpty() || find(arena, PRIVATE_KEY, id).size() != 1
              ? Optional.empty()
              : Optional.of(point(arena, found.getFirst()));
        });
  }

  synchronized byte[] sign(byte[] id, byte[] message) throws CryptokiException {
    return within(
        arena -> {
          List<Long> found = find(arena, PRIVATE_KEY, id);
          if (found.size() != 1) {
            throw new CryptokiException("C_FindObjects", found.size());
          }
          cryptoki.signInit(session, mechanism(arena, EDDSA), found.getFirst());
          MemorySegment in = arena.allocate(Math.max(1, message.length));
          MemorySegment.copy(message, 0, in, ValueLayout.JAVA_BYTE, 0, message.length);
          MemorySegment signature = arena.allocate(SIGNATURE);
          MemorySegment room = arena.allocateFrom(ValueLayout.JAVA_LONG, SIGNATURE);
          cryptoki.sign(session, in, message.length, signature, room);
          return signature.toArray(ValueLayout.JAVA_BYTE);
        });
  }

  synchronized void destroy(byte[] id) throws CryptokiException {
    var _ =
        within(
            arena -> {
              for (long kind : new long[] {PRIVATE_KEY, PUBLIC_KEY}) {
                for (long object : find(arena, kind, id)) {
                  cryptoki.destroy(session, object);
                }
              }
              return true;
            });
  }

  private List<Long> find(Arena arena, long kind, byte[] id) throws CryptokiException {
    return cryptoki.find(
        session,
        new Attributes(arena)
            .with(Attributes.CLASS, kind)
            .with(Attributes.KEY_TYPE, EDWARDS_KEY)
            .with(Attributes.ID, id),
        4);
  }

  /** The point as the standard's versions and their readers have it: OCTET STRING, or raw. */
  private byte[] point(Arena arena, long object) throws CryptokiException {
    Attributes answer = new Attributes(arena).room(Attributes.EC_POINT, 128);
    cryptoki.attributes(session, object, answer);
    byte[] value = answer.answer();
    return value.length > 32 ? Arrays.copyOfRange(value, value.length - 32, value.length) : value;
  }

  private static MemorySegment mechanism(Arena arena, long type) {
    MemorySegment mechanism = arena.allocate(ValueLayout.JAVA_LONG, 3);
    mechanism.set(ValueLayout.JAVA_LONG, 0, type);
    return mechanism;
  }

  private interface Work<T> {
    T with(Arena arena) throws CryptokiException;
  }

  private <T> T within(Work<T> work) throws CryptokiException {
    try (Arena arena = Arena.ofConfined()) {
      if (!open) {
        open(arena);
      }
      return work.with(arena);
    } catch (CryptokiException e) {
      close();
      throw e;
    }
  }

  private void open(Arena arena) throws CryptokiException {
    session = cryptoki.openSession(slot(arena), READ_WRITE);
    open = true;
    byte[] secret = pin.read();
    MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, secret);
    try {
      cryptoki.login(session, USER, copy);
    } finally {
      copy.fill((byte) 0);
      Arrays.fill(secret, (byte) 0);
    }
  }

  private long slot(Arena arena) throws CryptokiException {
    for (long slot : cryptoki.slots()) {
      byte[] padded =
          cryptoki.tokenInfo(arena, slot).asSlice(0, LABEL).toArray(ValueLayout.JAVA_BYTE);
      if (new String(padded, StandardCharsets.UTF_8).stripTrailing().equals(label)) {
        return slot;
      }
    }
    throw new CryptokiException(
        "there is no token with the label \"" + label + "\"", new IllegalStateException(label));
  }

  private void close() {
    if (open) {
      open = false;
      try {
        cryptoki.closeSession(session);
      } catch (CryptokiException e) {
        // It broke; that is why it is closed.
        session = 0;
      }
    }
  }
}
