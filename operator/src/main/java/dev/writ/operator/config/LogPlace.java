package dev.writ.operator.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Where a log, or an archive of its entries, is kept. (audit.md, Log) */
public sealed interface LogPlace {
  /** A folder, on a volume that survives the pod. */
  record Folder(Path path) implements LogPlace {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /**
   * A bucket of an object store that speaks S3 with conditional writes. Credentials are found as
   * AWS clients do, and are no part of this.
   *
   * @param name of the bucket
   * @param prefix of every key, empty or ending in a slash
   * @param region that requests are signed for
   * @param endpoint of a store that is not AWS's own
   */
  record Bucket(String name, String prefix, String region, Optional<URI> endpoint)
      implements LogPlace {
    @Override
    public String toString() {
      return "s3://" + name + "/" + prefix;
    }
  }

  /**
   * Reads {@code /a/folder} or {@code s3://bucket/prefix}.
   *
   * @throws IllegalArgumentException with what is wrong; the text is quoted
   */
  static LogPlace parse(String text, String region, Optional<URI> endpoint) {
    if (!text.startsWith("s3:")) {
      return folder(text);
    }
    String wanted = "\"" + text + "\" is not s3://BUCKET or s3://BUCKET/PREFIX: ";
    try {
      URI uri = new URI(text);
      String bucket = uri.getRawAuthority();
      String path = uri.getRawPath() == null ? "" : uri.getRawPath();
      if (bucket == null || !bucket.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")) {
        throw new IllegalArgumentException(
            wanted + "a bucket has 3 to 63 lower-case letters, digits, dots and dashes");
      }
      if (!path.matches("(/[A-Za-z0-9_.=-]+)*/?")
          || path.matches(".*/[.]{1,2}(/.*)?")
          || uri.getRawQuery() != null
          || uri.getRawFragment() != null) {
        throw new IllegalArgumentException(
            wanted + "a prefix has names of letters, digits, '-', '_', '.' and '=', with slashes");
      }
      String prefix = path.replaceAll("^/|/$", "");
      return new Bucket(bucket, prefix.isEmpty() ? "" : prefix + "/", region, endpoint);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(wanted + "remove spaces and special characters", e);
    }
  }

  private static LogPlace folder(String text) {
    try {
      Path path = Path.of(text);
      if (path.isAbsolute()) {
        return new Folder(path.normalize());
      }
    } catch (InvalidPathException e) {
      // As any other text that is none.
    }
    throw new IllegalArgumentException(
        "\"" + text + "\" is neither an absolute folder nor s3://BUCKET/PREFIX");
  }
}
