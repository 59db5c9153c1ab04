package dev.writ.sidecar.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;

/** The list of a gate in standalone mode: replaced whole, as {@code writ revocation} does it. */
final class RevocationFile {
  private final Path file;
  private final Issuer issuer;
  private long revision;

  /** A list that revokes nothing, for that gate; before it starts. */
  RevocationFile(Path file, Issuer issuer, RunningSidecar gate) throws IOException {
    this.file = file;
    this.issuer = issuer;
    gate.environment.put("WRIT_REVOCATIONS_FILE", file.toString());
    revoke();
  }

  /** From now on these are revoked and no others. */
  void revoke(String... cids) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(draft, issuer.revocations(++revision, Set.of(cids)));
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
