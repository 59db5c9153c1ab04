package dev.writ.cli.demo;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.BrokenChainException;
import dev.writ.audit.ChainCheck;
import dev.writ.audit.Entry;
import dev.writ.contract.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The records that the operator has on its disk, read and checked as an auditor would. */
final class Records {
  private final Path folder;

  Records(Path folder) {
    this.folder = folder;
  }

  /**
   * What was found.
   *
   * @param boots chains, one for each start of a gate
   * @param records lines of all of them
   * @param allowed transfers that the billing agent was granted
   * @param exhausted transfers that it was refused because it had used up its calls
   */
  record Summary(int boots, long records, long allowed, long exhausted) {}

  /**
   * Checks the chain of every boot and counts the transfers.
   *
   * @throws StoryFailure when a chain is broken, naming its file
   */
  Summary check() throws IOException, StoryFailure {
    long records = 0;
    long allowed = 0;
    long exhausted = 0;
    List<Path> files = files();
    for (Path file : files) {
      ChainCheck chain = new ChainCheck(boot(file));
      for (String line : lines(file)) {
        AuditRecord record = accept(chain, line, file);
        records++;
        if (record.entry() instanceof Entry.Call call && "transfer".equals(call.action())) {
          allowed += call.code() == null ? 1 : 0;
          exhausted += call.code() == ErrorCode.QUOTA_EXHAUSTED ? 1 : 0;
        }
      }
    }
    return new Summary(files.size(), records, allowed, exhausted);
  }

  private static AuditRecord accept(ChainCheck chain, String line, Path file) throws StoryFailure {
    try {
      return chain.accept(line);
    } catch (BrokenChainException e) {
      throw new StoryFailure(file.getFileName() + ": " + e.getMessage());
    }
  }

  /** A line counts once its line feed is there: the operator may be writing. */
  private static List<String> lines(Path file) throws IOException {
    String text = Files.readString(file);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  private static String boot(Path file) {
    return file.getFileName().toString().replaceFirst("\\..*", "");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
    }
  }
}
