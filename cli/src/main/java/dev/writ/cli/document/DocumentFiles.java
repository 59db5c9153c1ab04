package dev.writ.cli.document;

import dev.writ.cli.CommandException;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and writes the files of these commands; every failure names the file. */
final class DocumentFiles {
  private static final int MAX_BYTES = 1 << 20;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private DocumentFiles() {}

  /** The content without white space around it; {@code -} is standard input. */
  static String read(Path file) throws CommandException {
    try (InputStream in = file.toString().equals("-") ? System.in : Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw CommandException.unusable(file + " is larger than 1 MiB");
      }
      return new String(bytes, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw CommandException.unusable("couldn't read " + file + ": " + cause(e));
    }
  }

  /** Warns on {@code err} when others may read it too. */
  static PrivateKey privateKey(Path file, PrintStream err) throws CommandException {
    try {
      PrivateKey key = PrivateKey.fromJwk(read(file));
      if (othersMayRead(file)) {
        err.println(
            "writ: everybody on this machine may read the private key in "
                + file
                + ": chmod 600 "
                + file);
      }
      return key;
    } catch (MalformedException e) {
      throw CommandException.unusable(file + " is no private key: " + e.getMessage());
    }
  }

  private static boolean othersMayRead(Path file) {
    try {
      return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
    } catch (UnsupportedOperationException | IOException _) {
      // A pipe, or a file system without such permissions: it cannot say.
      return false;
    }
  }

  static PublicKey publicKey(Path file) throws CommandException {
    String jwk = read(file);
    try {
      return PublicKey.fromJwk(jwk);
    } catch (MalformedException e) {
      String advice =
          jwk.contains("\"d\"") ? " (it holds a private key: give its public half)" : "";
      throw CommandException.unusable(file + " is no public key: " + e.getMessage() + advice);
    }
  }

  static TrustBundle trust(Path file) throws CommandException {
    try {
      return TrustBundle.parse(read(file));
    } catch (MalformedException e) {
      throw CommandException.unusable(file + " is no trust bundle: " + e.getMessage());
    }
  }

  /** Writes a document to a file, or to {@code out} when there is none. */
  static void write(@Nullable Path file, String content, boolean force, PrintStream out)
      throws CommandException {
    if (file == null || file.toString().equals("-")) {
      out.println(content);
    } else {
      write(file, content, force, false);
    }
  }

  /** Writes a file that its owner alone can read, from its first byte on. */
  static void writeSecret(Path file, String content, boolean force) throws CommandException {
    write(file, content, force, true);
  }

  private static void write(Path file, String content, boolean force, boolean secret)
      throws CommandException {
    Path target = file.toAbsolutePath();
    try {
      if (!force && Files.exists(target)) {
        throw new FileAlreadyExistsException(file.toString());
      }
      Path fresh =
          secret
              ? Files.createTempFile(
                  target.getParent(), ".writ", "", PosixFilePermissions.asFileAttribute(OWNER_ONLY))
              : Files.createFile(
                  target.resolveSibling(
                      "." + target.getFileName() + "." + ProcessHandle.current().pid()));
      try {
        Files.writeString(fresh, content + "\n");
        place(fresh, target, force);
      } finally {
        Files.deleteIfExists(fresh);
      }
    } catch (FileAlreadyExistsException e) {
      throw CommandException.unusable(file + " exists; --force replaces it");
    } catch (IOException e) {
      throw CommandException.unusable("couldn't write " + file + ": " + cause(e));
    }
  }

  /** Whole or not at all; without force a file that came up meanwhile stays. */
  private static void place(Path fresh, Path target, boolean force) throws IOException {
    if (force) {
      Files.move(
          fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } else {
      Files.createLink(target, fresh);
    }
  }

  private static String cause(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "no such file or folder";
      case AccessDeniedException denied -> "permission denied";
      default -> String.valueOf(e.getMessage());
    };
  }
}
