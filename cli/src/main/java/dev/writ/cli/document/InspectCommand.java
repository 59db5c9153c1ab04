package dev.writ.cli.document;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code writ contract inspect}: shows, and believes nothing. */
@Command(
    name = "inspect",
    description = {
      "Shows what is written in a contract, a chain, an identity or a revocation list.",
      "It checks no signature: writ contract verify does."
    })
final class InspectCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Surroundings surroundings;

  @Parameters(
      paramLabel = "FILE",
      description =
          "The document, or the value of a Capability-Contract header; - is standard input.")
  private Path file = Path.of("-");

  InspectCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException {
    String[] documents = DocumentFiles.read(file).split(",", -1);
    for (String document : documents) {
      show(document.strip());
    }
    surroundings.err().println("Nothing of this was verified.");
    return ExitCode.OK;
  }

  private void show(String jws) throws CommandException {
    String[] parts = jws.split("\\.", -1);
    if (parts.length != 3) {
      throw CommandException.unusable(
          file + " is not a signed document: three parts with dots between them are due");
    }
    JsonNode header = decode(parts[0]);
    JsonNode payload = decode(parts[1]);
    surroundings.out().println(header);
    surroundings.out().println(payload.toPrettyString());
    for (String time : new String[] {"iat", "nbf", "exp"}) {
      if (payload.path(time).canConvertToLong() && payload.has(time)) {
        surroundings.out().println(time + " " + moment(payload.path(time).asLong()));
      }
    }
  }

  private static String moment(long epochSecond) {
    boolean sane = epochSecond >= 0 && epochSecond <= Instant.MAX.getEpochSecond();
    return sane ? Instant.ofEpochSecond(epochSecond).toString() : "(not a moment)";
  }

  private JsonNode decode(String part) throws CommandException {
    try {
      return JSON.readTree(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException | JsonProcessingException e) {
      throw CommandException.unusable(
          file + " is not a signed document: a part is not base64url of JSON");
    }
  }
}
