package dev.writ.contract.verify;

import dev.writ.contract.Base64Url;
import dev.writ.contract.MalformedException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Challenges of one replica and the windows of what was seen under them (protocol.md, section 3;
 * Replay.tla). Shared by all listeners of a process. Thread-safe.
 */
public final class Challenges {
  /** How many windows a process keeps unless told otherwise: about 15 MB when all are in use. */
  public static final int DEFAULT_MAX_WINDOWS = 65_536;

  private static final byte VERSION = 1;
  private static final int PREFIX = 8;
  private static final int MAC = 16;
  private static final int SIGNED = 1 + 8 + 8 + PREFIX;
  private static final int LENGTH = SIGNED + MAC;
  private static final int CHARS = 55;
  private static final int THUMBPRINT = 32;
  private static final int SECRET = 32;
  private static final int MAX_SEQ_DIGITS = 4;

  /**
   * Wall and monotonic clock may part by this much, milliseconds; more means that the process was
   * stopped or copied.
   */
  private static final long MAX_PARTING = 5_000;

  private final Object lock = new Object();
  private final @Nullable SecureRandom random;
  private final int maxWindows;
  private final AtomicLong lastIssued = new AtomicLong(-1);
  private volatile Boot boot;

  // Guarded by the lock.
  private Windows windows;
  private long latestMillis;

  /**
   * One boot: drawn at start and at each jump of the clocks; memory only.
   *
   * @param id of this boot
   * @param mac keyed with its secret
   * @param clocks wall minus monotonic when it was drawn, milliseconds
   */
  private record Boot(long id, Hmac mac, long clocks) {}

  /**
   * Draws boot id and boot secret.
   *
   * @param random source of boot id and secret, kept for the next re-key
   * @param start both clocks now: where their distance is measured from
   * @param maxWindows how many windows there may be at a time, of all keys (at most 16 per key)
   */
  public Challenges(SecureRandom random, Moment start, int maxWindows) {
    this.random = random;
    this.maxWindows = maxWindows;
    this.windows = new Windows(maxWindows, -1);
    this.boot = draw(random, start);
  }

  /** A replica whose boot is given, for test vectors. */
  Challenges(long bootId, byte[] secret, Moment start, long watermark) {
    this.random = null;
    this.maxWindows = DEFAULT_MAX_WINDOWS;
    this.windows = new Windows(maxWindows, watermark);
    this.boot = new Boot(bootId, new Hmac(secret), clocks(start));
  }

  private static Boot draw(SecureRandom random, Moment now) {
    byte[] secret = new byte[SECRET];
    random.nextBytes(secret);
    return new Boot(random.nextLong(), new Hmac(secret), clocks(now));
  }

  private static long clocks(Moment now) {
    return now.epochSeconds() * 1_000 - now.monotonicMillis();
  }

  /**
   * A fresh challenge for the holder key of that thumbprint. Keeps no state.
   *
   * @param jkt RFC 7638 thumbprint, 43 characters of base64url
   * @throws MalformedException when it is no thumbprint
   */
  public String mint(String jkt, Moment now) throws MalformedException {
    long floor = now.monotonicMillis() << 20;
    long issued = lastIssued.updateAndGet(last -> Math.max(last + 1, floor));
    return mint(jkt, issued);
  }

  /** With that {@code issued}, for test vectors. */
  String mint(String jkt, long issued) throws MalformedException {
    byte[] thumbprint = Base64Url.decode(jkt);
    if (thumbprint.length != THUMBPRINT) {
      throw new MalformedException("jkt: not a thumbprint");
    }
    Boot current = boot;
    byte[] bytes = new byte[LENGTH];
    ByteBuffer.wrap(bytes)
        .put(VERSION)
        .putLong(current.id)
        .putLong(issued)
        .put(thumbprint, 0, PREFIX);
    System.arraycopy(current.mac.of(bytes, SIGNED), 0, bytes, SIGNED, MAC);
    return Base64Url.encode(bytes);
  }

  /**
   * Step 3: whether this replica minted the challenge for that key, in this boot, and it still
   * counts. Costs one HMAC.
   *
   * @return null when the nonce does not count
   */
  @Nullable Nonce check(String challenge, String seq, String jkt, Moment now) {
    rekeyOnJump(now);
    if (challenge.length() != CHARS
        || seq.isEmpty()
        || seq.length() > MAX_SEQ_DIGITS
        || seq.charAt(0) == '0') {
      return null;
    }
    byte[] bytes;
    byte[] thumbprint;
    try {
      bytes = Base64Url.decode(challenge);
      thumbprint = Base64Url.decode(jkt);
    } catch (MalformedException e) {
      return null;
    }
    Boot current = boot;
    if (bytes.length != LENGTH || bytes[0] != VERSION) {
      return null;
    }
    byte[] mac = new byte[LENGTH];
    System.arraycopy(bytes, 0, mac, 0, SIGNED);
    System.arraycopy(current.mac.of(bytes, SIGNED), 0, mac, SIGNED, MAC);
    ByteBuffer parts = ByteBuffer.wrap(bytes, 1, 16);
    long bootId = parts.getLong();
    long issued = parts.getLong();
    boolean sameKey = true;
    for (int i = 0; i < PREFIX; i++) {
      sameKey &= bytes[SIGNED - PREFIX + i] == thumbprint[i];
    }
    Nonce nonce = new Nonce(challenge, issued, bootId, Integer.parseInt(seq));
    if (!MessageDigest.isEqual(bytes, mac)
        || bootId != current.id
        || !sameKey
        || nonce.seq() > Nonce.MAX_SEQ
        || !nonce.isYoung(now.monotonicMillis())) {
      return null;
    }
    synchronized (lock) {
      return windows.isClosed(jkt, issued) ? null : nonce;
    }
  }

  /**
   * Step 11: boot, age and watermark again, then test-and-set, all under one lock. Between step 3
   * and here the body was read: a window may have been dropped, the boot may have changed, the
   * challenge may have grown old.
   */
  Window.Verdict spend(Nonce nonce, String jkt, Moment now) {
    rekeyOnJump(now);
    synchronized (lock) {
      // Callers read the clock before the lock: the latest reading counts, or a slow one would
      // revive what has expired.
      latestMillis = Math.max(latestMillis, now.monotonicMillis());
      if (nonce.boot() != boot.id || !nonce.isYoung(latestMillis)) {
        return Window.Verdict.UNKNOWN;
      }
      return windows.offer(jkt, nonce.issued(), nonce.seq());
    }
  }

  /**
   * A process image that was copied or suspended has clocks that parted: what it knew must not
   * count any more.
   */
  private void rekeyOnJump(Moment now) {
    if (random == null || Math.abs(clocks(now) - boot.clocks) <= MAX_PARTING) {
      return;
    }
    synchronized (lock) {
      if (Math.abs(clocks(now) - boot.clocks) > MAX_PARTING) {
        boot = draw(random, now);
        windows = new Windows(maxWindows, -1);
      }
    }
  }

  /** How many windows there are now, for a metric. */
  public int windows() {
    synchronized (lock) {
      return windows.windows();
    }
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "Challenges[boot=" + Long.toHexString(boot.id) + "]";
  }
}
