package dev.writ.cli.document;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.writ.cli.CommandException;
import dev.writ.contract.Names;
import dev.writ.operator.capability.Acceptance;
import dev.writ.operator.capability.CapabilityReader;
import dev.writ.operator.capability.Terms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** An AgentCapability in a YAML file, read as the operator reads it. */
final class CapabilityFile {
  private static final String DNS_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  private CapabilityFile() {}

  /**
   * What the file grants.
   *
   * @param now creation time of an object that states none
   * @throws CommandException when it is not one AgentCapability that the operator would accept
   */
  static Terms read(Path file, String trustDomain, Instant now) throws CommandException {
    JsonNode object = only(file);
    String version = Names.GROUP + "/" + Names.VERSION;
    if (!version.equals(object.path("apiVersion").asText())
        || !"AgentCapability".equals(object.path("kind").asText())) {
      throw CommandException.unusable(file + " is not an AgentCapability of " + version);
    }
    Optional<String> problem = CapabilitySchema.problem(object);
    if (problem.isPresent()) {
      throw CommandException.unusable(file + ": " + problem.get());
    }
    Terms.Subject subject = subject(file, object.path("metadata"), now);
    Acceptance acceptance = new CapabilityReader(trustDomain).read(subject, object.path("spec"));
    return switch (acceptance) {
      case Acceptance.Accepted accepted -> accepted.terms();
      case Acceptance.Refused refused ->
          throw CommandException.unusable(file + ": " + refused.message());
    };
  }

  private static JsonNode only(Path file) throws CommandException {
    try (MappingIterator<JsonNode> documents =
        YAML.readerFor(JsonNode.class).readValues(DocumentFiles.read(file))) {
      List<JsonNode> all = documents.readAll().stream().filter(JsonNode::isObject).toList();
      if (all.size() != 1) {
        throw CommandException.unusable(
            file + " holds " + all.size() + " objects; give a file with one");
      }
      return all.getFirst();
    } catch (JsonProcessingException e) {
      throw CommandException.unusable(file + " is not YAML: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw CommandException.unusable(file + " is not YAML: " + e.getMessage());
    }
  }

  /**
   * Without a UID the cid comes from namespace and name: counts and revocations of all its
   * contracts hang on it.
   */
  private static Terms.Subject subject(Path file, JsonNode metadata, Instant now)
      throws CommandException {
    String namespace = metadata.path("namespace").asText();
    String name = metadata.path("name").asText();
    if (!namespace.matches(DNS_LABEL) || name.isEmpty()) {
      throw CommandException.unusable(
          file + ": metadata.name and metadata.namespace must be there");
    }
    String uid =
        metadata
            .path("uid")
            .asText(
                UUID.nameUUIDFromBytes((namespace + "/" + name).getBytes(StandardCharsets.UTF_8))
                    .toString());
    return new Terms.Subject(
        namespace,
        name,
        uid,
        metadata.path("generation").asLong(1),
        created(file, metadata.path("creationTimestamp").asText(), now).getEpochSecond());
  }

  private static Instant created(Path file, String timestamp, Instant now) throws CommandException {
    try {
      return timestamp.isEmpty() ? now : Instant.parse(timestamp);
    } catch (DateTimeException e) {
      throw CommandException.unusable(file + ": metadata.creationTimestamp is not a moment");
    }
  }
}
