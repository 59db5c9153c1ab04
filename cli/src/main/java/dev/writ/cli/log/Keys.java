package dev.writ.cli.log;

import dev.writ.audit.note.VerifierKey;
import dev.writ.cli.CommandException;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Verifier keys as they are given: in the command line or in files. */
final class Keys {
  private Keys() {}

  /**
   * Reads them.
   *
   * @param option named in what is said about a bad one
   */
  static List<VerifierKey> of(List<String> given, String option, VerifierKey.Type type)
      throws CommandException {
    List<VerifierKey> keys = new ArrayList<>();
    for (String text : given) {
      for (String line : lines(text, option)) {
        keys.add(key(line, option, type));
      }
    }
    return keys;
  }

  private static VerifierKey key(String line, String option, VerifierKey.Type type)
      throws CommandException {
    try {
      VerifierKey key = VerifierKey.parse(line);
      if (key.type() == type) {
        return key;
      }
      throw CommandException.unusable(
          option
              + ": "
              + key.name()
              + (type == VerifierKey.Type.LOG
                  ? " is a witness's key; give the log's, and the witness's as --witness"
                  : " is a log's key; give the witness's, and the log's as --key"));
    } catch (MalformedException e) {
      throw CommandException.unusable(option + ": " + e.getMessage());
    }
  }

  private static List<String> lines(String text, String option) throws CommandException {
    if (text.indexOf('+') > 0) {
      return List.of(text);
    }
    try {
      List<String> lines =
          Files.readAllLines(Path.of(text)).stream().filter(line -> !line.isBlank()).toList();
      if (lines.isEmpty()) {
        throw CommandException.unusable(option + ": " + text + " is empty");
      }
      return lines;
    } catch (IOException | InvalidPathException e) {
      throw CommandException.unusable(
          option + ": \"" + text + "\" is neither a key (NAME+ID+KEY) nor a file that holds one");
    }
  }
}
