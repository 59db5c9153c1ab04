package dev.writ.sidecar.files;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Listener;
import dev.writ.contract.verify.Revocations;
import dev.writ.sidecar.Configuration.Standalone;
import dev.writ.sidecar.StartException;
import dev.writ.sidecar.Time;
import dev.writ.sidecar.disk.StateDirectory;
import dev.writ.sidecar.state.OwnIdentity;
import dev.writ.sidecar.state.RevocationKeeper;
import dev.writ.sidecar.state.SidecarState;
import dev.writ.sidecar.state.Snapshot;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the files of standalone mode: strictly at start, then again and again; a bad new one keeps
 * the old and raises a metric. Not thread-safe; reads files, so not for the event loop.
 */
public final class StandaloneFiles {
  private static final Logger LOG = LoggerFactory.getLogger(StandaloneFiles.class);
  private static final int MAX_FILE = 4 << 20;

  private final Standalone configuration;
  private final Ed25519 ed25519;
  private final Time time;
  private final RevocationKeeper keeper;
  private final Counter refused;
  private String trustText = "";
  private String revocationsText = "";
  private @Nullable String badTrust;
  private @Nullable String badRevocations;

  /**
   * Nothing is read yet.
   *
   * @param keeper remembers the newest revocation list over restarts
   */
  public StandaloneFiles(
      Standalone configuration,
      Ed25519 ed25519,
      Time time,
      RevocationKeeper keeper,
      MeterRegistry meters) {
    this.configuration = configuration;
    this.ed25519 = ed25519;
    this.time = time;
    this.keeper = keeper;
    this.refused =
        Counter.builder("writ.files.refused")
            .description(
                "Changed files that were not taken; what they held before is still in force")
            .register(meters);
  }

  /**
   * Reads all files for the first time.
   *
   * @throws StartException naming the file that is missing or bad
   */
  public Snapshot first() throws StartException {
    trustText = read(configuration.trustFile());
    TrustBundle trust = trust(trustText);
    return new Snapshot(0, trust, revocations(trust), identity(trust), List.of(), listeners());
  }

  /**
   * The key of {@code WRIT_KEY_FILE}, null when that is not set.
   *
   * @throws StartException when it cannot be read; the message holds nothing of the key
   */
  public @Nullable PrivateKey key() throws StartException {
    Path file = configuration.keyFile();
    if (file == null) {
      return null;
    }
    try {
      PrivateKey key = PrivateKey.fromJwk(read(file).strip());
      warnIfOthersMayRead(file);
      return key;
    } catch (MalformedException e) {
      throw bad(file, e);
    }
  }

  /** No more than a warning: what mounts a Secret commonly lets everybody of the container read. */
  private static void warnIfOthersMayRead(Path file) throws StartException {
    try {
      if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
        LOG.atWarn()
            .addKeyValue("file", file)
            .log("Everybody on this machine may read the private key: chmod 600 it");
      }
    } catch (UnsupportedOperationException _) {
      // A file system without such permissions cannot say.
    } catch (IOException e) {
      throw new StartException("couldn't read " + file + ": " + StateDirectory.cause(e), e);
    }
  }

  private List<Listener> listeners() {
    List<Listener> listeners = new ArrayList<>();
    for (int i = 0; i < configuration.services().size(); i++) {
      listeners.add(
          new Listener(
              Set.of(configuration.services().get(i).toString()),
              configuration.protocols().get(i)));
    }
    return listeners;
  }

  private TrustBundle trust(String text) throws StartException {
    try {
      TrustBundle trust = TrustBundle.parse(text);
      if (trust.keys().isEmpty()) {
        throw new MalformedException("jwks: no key");
      }
      return trust;
    } catch (MalformedException e) {
      throw bad(configuration.trustFile(), e);
    }
  }

  private Revocations revocations(TrustBundle trust) throws StartException {
    Path file = configuration.revocationsFile();
    if (file == null) {
      return new Revocations.Unconfigured();
    }
    revocationsText = read(file);
    return Revocations.standalone(list(file, revocationsText, trust));
  }

  private RevocationList list(Path file, String text, TrustBundle trust) throws StartException {
    try {
      String jws = text.strip();
      RevocationList list = RevocationList.parse(jws, trust, ed25519);
      long now = time.moment().epochSeconds();
      if (now >= list.exp()) {
        throw new MalformedException("revocations: expired");
      }
      return switch (keeper.offer(jws, list, now)) {
        case TAKEN -> list;
        case OVERTAKEN ->
            throw new MalformedException("revocations: older than a list that was in force before");
        case REFUSED ->
            throw new MalformedException(
                "revocations: from the future, or another list under a seq already seen");
      };
    } catch (MalformedException e) {
      throw bad(file, e);
    } catch (IOException e) {
      throw new StartException("couldn't remember " + file + ": " + StateDirectory.cause(e), e);
    }
  }

  private @Nullable OwnIdentity identity(TrustBundle trust) throws StartException {
    Path file = configuration.identityFile();
    if (file == null) {
      return null;
    }
    String jws = read(file).strip();
    try {
      return new OwnIdentity(jws, IdentityCredential.parse(jws, trust, ed25519));
    } catch (MalformedException e) {
      throw bad(file, e);
    }
  }

  /** Reads trust and revocations again and puts what changed in force. Called every second. */
  public void refresh(SidecarState state) {
    try {
      refreshTrust(state);
      badTrust = null;
    } catch (StartException e) {
      badTrust = refuse(badTrust, e);
    }
    Path file = configuration.revocationsFile();
    if (file == null) {
      return;
    }
    try {
      refreshRevocations(state, file);
      badRevocations = null;
    } catch (StartException e) {
      badRevocations = refuse(badRevocations, e);
    }
  }

  private void refreshTrust(SidecarState state) throws StartException {
    String text = read(configuration.trustFile());
    if (text.equals(trustText)) {
      return;
    }
    TrustBundle trust = trust(text);
    state.update(
        now ->
            new Snapshot(
                now.epoch(),
                trust,
                now.revocations(),
                now.identity(),
                now.contracts(),
                now.listeners()));
    trustText = text;
    LOG.atInfo().addKeyValue("keys", trust.keys().size()).log("Took the changed trust file");
  }

  private void refreshRevocations(SidecarState state, Path file) throws StartException {
    String text = read(file);
    TrustBundle trust = state.current().trust();
    if (text.equals(revocationsText) || trust == null) {
      return;
    }
    RevocationList list = list(file, text, trust);
    state.update(
        now ->
            new Snapshot(
                now.epoch(),
                now.trust(),
                Revocations.standalone(list),
                now.identity(),
                now.contracts(),
                now.listeners()));
    revocationsText = text;
    LOG.atInfo().addKeyValue("seq", list.seq()).log("Took the changed revocation list");
  }

  /** Counts and logs a bad file once for each thing that is wrong with it. */
  private String refuse(@Nullable String before, StartException e) {
    String problem = String.valueOf(e.getMessage());
    if (!problem.equals(before)) {
      refused.increment();
      LOG.atError()
          .addKeyValue("cause", problem)
          .log("Kept what was in force before a file changed");
    }
    return problem;
  }

  private static String read(Path file) throws StartException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_FILE + 1);
      if (bytes.length > MAX_FILE) {
        throw new StartException("couldn't read " + file + ": it is longer than 4 MiB");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new StartException("couldn't read " + file + ": " + StateDirectory.cause(e), e);
    }
  }

  private static StartException bad(Path file, MalformedException e) {
    return new StartException("couldn't use " + file + ": " + e.getMessage(), e);
  }
}
