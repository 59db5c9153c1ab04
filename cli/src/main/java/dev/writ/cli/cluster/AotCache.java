package dev.writ.cli.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The AOT cache of a program, beside its jar: classes loaded and linked ahead of time halve the
 * start of a JVM. One that is older than its jar is not used.
 */
final class AotCache {
  private AotCache() {}

  static Path file(Path jar) {
    String name = jar.getFileName().toString();
    return jar.resolveSibling(name.substring(0, name.length() - ".jar".length()) + ".aot");
  }

  static boolean isFresh(Path jar) {
    Path cache = file(jar);
    try {
      return Files.exists(cache)
          && Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar)) > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
