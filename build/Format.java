import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Checks or rewrites every Java file that git would see: {@code java build/Format.java check|write
 * FOLDER}. All modules in one process, since starting one takes longer than formatting.
 */
final class Format {
  private Format() {}

  public static void main(String[] args) throws IOException {
    boolean write =
        switch (args[0]) {
          case "check" -> false;
          case "write" -> true;
          default -> throw new IllegalArgumentException("check or write, not " + args[0]);
        };
    List<Path> wrong =
        sources(Path.of(args[1])).stream().filter(file -> !isFormatted(file, write)).toList();
    wrong.forEach(file -> System.out.println((write ? "formatted " : "not formatted: ") + file));
    if (!write && !wrong.isEmpty()) {
      System.out.println("To mend it: mvn -N initialize -Dformat=write");
      System.exit(1);
    }
  }

  private static List<Path> sources(Path folder) throws IOException {
    try (var files = Files.find(folder, 64, (file, _) -> isSource(file))) {
      return files.sorted().toList();
    }
  }

  private static boolean isSource(Path file) {
    for (Path part : file) {
      if (part.toString().equals("target") || part.toString().equals(".git")) {
        return false;
      }
    }
    return file.toString().endsWith(".java");
  }

  private static boolean isFormatted(Path file, boolean write) {
    try {
      String before = Files.readString(file);
      String after = new Formatter().formatSourceAndFixImports(before);
      if (before.equals(after)) {
        return true;
      }
      if (write) {
        Files.writeString(file, after);
      }
      return false;
    } catch (IOException | FormatterException e) {
      throw new IllegalStateException("couldn't format " + file + ": " + e.getMessage(), e);
    }
  }
}
