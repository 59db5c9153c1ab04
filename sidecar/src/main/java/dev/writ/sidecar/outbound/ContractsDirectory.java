package dev.writ.sidecar.outbound;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import dev.writ.sidecar.Configuration;
import dev.writ.sidecar.Parts;
import dev.writ.sidecar.StartException;
import dev.writ.sidecar.state.HeldContract;
import dev.writ.sidecar.state.Snapshot;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Standalone mode's contracts: the {@code *.jws} files of one directory, read again within 2 s of a
 * change. A set with a bad file is not taken: the last good one stays. (architecture.md,
 * Configuration)
 */
final class ContractsDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ContractsDirectory.class);
  private static final long LOOK_MS = 1_000;
  private static final long MAX_FILE = 16 * 1024;

  private final Path directory;
  private final Parts parts;
  private final Ed25519 ed25519;
  private final Counter failures;
  private Map<Path, String> seen = Map.of();
  private @Nullable TrustBundle seenTrust;
  private volatile boolean closed;

  private ContractsDirectory(Path directory, Parts parts) {
    this.directory = directory;
    this.parts = parts;
    this.ed25519 = parts.ed25519();
    this.failures =
        Counter.builder("writ_outbound_contracts_failures")
            .description("Sets of contracts that were not taken")
            .register(parts.meters());
  }

  /**
   * Reads the directory of the configuration and keeps looking at it.
   *
   * @return null in cluster mode and when none is configured
   * @throws StartException when a file cannot be read or is no contract for this key
   */
  static @Nullable ContractsDirectory of(Parts parts) throws StartException {
    if (!(parts.configuration().source() instanceof Configuration.Standalone standalone)
        || standalone.contractsDir() == null) {
      return null;
    }
    ContractsDirectory directory = new ContractsDirectory(standalone.contractsDir(), parts);
    try {
      directory.look();
    } catch (IOException | MalformedException e) {
      throw new StartException(
          "couldn't read the contracts in WRIT_CONTRACTS_DIR: " + e.getMessage(), e);
    }
    Thread.ofVirtual().name("writ-contracts").start(directory::run);
    return directory;
  }

  private void run() {
    while (!closed) {
      try {
        Thread.sleep(LOOK_MS);
        look();
      } catch (InterruptedException e) {
        return;
      } catch (IOException | MalformedException | RuntimeException e) {
        failures.increment();
        LOG.atWarn()
            .addKeyValue("cause", e.getMessage())
            .log("couldn't take the changed contracts; the former ones stay");
      }
    }
  }

  /**
   * Takes the files if they differ from those of the last look, also from those that were refused:
   * one line per change.
   */
  private void look() throws IOException, MalformedException {
    TrustBundle trust = parts.state().current().trust();
    Map<Path, String> files = read();
    if (trust == null || (files.equals(seen) && trust.equals(seenTrust))) {
      return;
    }
    seen = files;
    seenTrust = trust;
    List<HeldContract> contracts = new ArrayList<>();
    for (Map.Entry<Path, String> file : files.entrySet()) {
      contracts.add(parse(file.getKey(), file.getValue(), trust));
    }
    parts
        .state()
        .update(
            now ->
                new Snapshot(
                    now.epoch(),
                    now.trust(),
                    now.revocations(),
                    now.identity(),
                    contracts,
                    now.listeners()));
    LOG.atInfo().addKeyValue("contracts", contracts.size()).log("contracts taken");
  }

  private HeldContract parse(Path file, String jws, TrustBundle trust) throws MalformedException {
    RootContract contract;
    try {
      contract = RootContract.parse(jws, trust, ed25519);
    } catch (MalformedException e) {
      throw new MalformedException(file.getFileName() + ": " + e.getMessage());
    }
    if (parts.key() == null || !contract.holder().equals(parts.key().publicKey())) {
      throw new MalformedException(
          file.getFileName() + ": the contract is for another key than WRIT_KEY_FILE");
    }
    return new HeldContract(jws, contract);
  }

  private Map<Path, String> read() throws IOException {
    Map<Path, String> files = new TreeMap<>();
    try (DirectoryStream<Path> list = Files.newDirectoryStream(directory, "*.jws")) {
      for (Path file : list) {
        if (Files.size(file) > MAX_FILE) {
          throw new IOException(file.getFileName() + " is larger than " + MAX_FILE + " bytes");
        }
        files.put(file, new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip());
      }
    }
    return files;
  }

  @Override
  public void close() {
    closed = true;
  }
}
