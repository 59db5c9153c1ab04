package dev.writ.contract.grant;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.StructProto;
import com.google.protobuf.util.JsonFormat;
import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.verify.Mutations;
import dev.writ.contract.verify.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Agents of A2A read their JSON as ProtoJSON, which takes a field by either of two names and a
 * number for a string: of what is accepted here they see the same tasks, the same data and the same
 * address to call, or nothing.
 */
class A2aProtoJsonTest {
  private static final String STRUCT = ".google.protobuf.Struct";
  private static final String VALUE = ".google.protobuf.Value";
  private static final List<String> BODIES =
      List.of(
          "{\"message\":{\"messageId\":\"m\",\"taskId\":\"t1\",\"contextId\":\"c\",\"role\":\"ROLE_USER\","
              + "\"parts\":[{\"data\":{\"skill\":\"transfer\",\"amount\":5}}],\"referenceTaskIds\":[\"t2\"]},"
              + "\"configuration\":{\"taskPushNotificationConfig\":{\"url\":\"https://a\",\"id\":\"p\"}}}",
          "{\"message\":{\"message_id\":\"m\",\"task_id\":\"t1\",\"parts\":[{\"text\":\"pay\"},"
              + "{\"data\":7}],\"reference_task_ids\":[\"t2\",\"t3\"],\"metadata\":{\"skillId\":\"x\"}},"
              + "\"configuration\":{\"task_push_notification_config\":{\"url\":\"https://a\",\"task_id\":\"\"}}}");
  private static final List<String> SPLICES =
      List.of(
          "\"taskId\":\"t9\",",
          "\"task_id\":\"t9\",",
          "\"taskId\":9,",
          "\"task_id\":null,",
          "\"TaskId\":\"t9\",",
          "\"task_Id\":\"t9\",",
          "\"taskid\":\"t9\",",
          "\"[taskId]\":\"t9\",",
          "\"referenceTaskIds\":[\"t9\"],",
          "\"reference_task_ids\":\"t9\",",
          "\"referenceTaskIds\":[9],",
          "\"data\":{\"amount\":9},",
          "\"data\":null,",
          "\"parts\":[{\"data\":9}],",
          "\"parts\":null,",
          "\"content\":[{\"data\":9}],",
          "\"url\":\"https://b\",",
          "\"taskPushNotificationConfig\":{\"url\":\"https://b\"},",
          "\"task_push_notification_config\":{\"url\":\"https://b\"},",
          "\"pushNotificationConfig\":{\"url\":\"https://b\"},",
          "\"message\":{},",
          "{},",
          "null,");

  private final Random random = Seeds.random();
  private final Descriptor request;
  private final JsonFormat.Parser proto = JsonFormat.parser().ignoringUnknownFields();

  /** The fields of version 1.0 that rules look at, by the numbers and names of its a2a.proto. */
  A2aProtoJsonTest() throws DescriptorValidationException {
    request =
        FileDescriptor.buildFrom(
                FileDescriptorProto.newBuilder()
                    .setName("a2a.proto")
                    .setPackage("a2a")
                    .setSyntax("proto3")
                    .addDependency("google/protobuf/struct.proto")
                    .addMessageType(
                        message("Part")
                            .addOneofDecl(OneofDescriptorProto.newBuilder().setName("content"))
                            .addField(
                                field("text", 1, FieldDescriptorProto.Type.TYPE_STRING)
                                    .setOneofIndex(0))
                            .addField(
                                field("raw", 2, FieldDescriptorProto.Type.TYPE_BYTES)
                                    .setOneofIndex(0))
                            .addField(
                                field("url", 3, FieldDescriptorProto.Type.TYPE_STRING)
                                    .setOneofIndex(0))
                            .addField(field("data", 4, VALUE).setOneofIndex(0))
                            .addField(field("metadata", 5, STRUCT)))
                    .addMessageType(
                        message("Message")
                            .addField(field("message_id", 1, FieldDescriptorProto.Type.TYPE_STRING))
                            .addField(field("context_id", 2, FieldDescriptorProto.Type.TYPE_STRING))
                            .addField(field("task_id", 3, FieldDescriptorProto.Type.TYPE_STRING))
                            .addField(many(field("parts", 5, ".a2a.Part")))
                            .addField(field("metadata", 6, STRUCT))
                            .addField(
                                many(
                                    field(
                                        "reference_task_ids",
                                        8,
                                        FieldDescriptorProto.Type.TYPE_STRING))))
                    .addMessageType(
                        message("Push")
                            .addField(field("id", 2, FieldDescriptorProto.Type.TYPE_STRING))
                            .addField(field("task_id", 3, FieldDescriptorProto.Type.TYPE_STRING))
                            .addField(field("url", 4, FieldDescriptorProto.Type.TYPE_STRING)))
                    .addMessageType(
                        message("Configuration")
                            .addField(field("task_push_notification_config", 2, ".a2a.Push")))
                    .addMessageType(
                        message("Request")
                            .addField(field("message", 2, ".a2a.Message"))
                            .addField(field("configuration", 3, ".a2a.Configuration"))
                            .addField(field("metadata", 4, STRUCT)))
                    .build(),
                new FileDescriptor[] {StructProto.getDescriptor()})
            .findMessageTypeByName("Request");
  }

  @Test
  void anAgentSeesTheTasksTheDataAndTheAddressThatTheGateSaw() {
    // Given
    int inputs = Integer.getInteger("writ.differential", 20_000);
    int compared = 0;
    for (int i = 0; i < inputs; i++) {
      String body = body();
      A2aCall call;
      try {
        JsonObject params = (JsonObject) StrictJson.body(body.getBytes(UTF_8));
        call = A2aCall.read(A2aOperation.SEND_MESSAGE, false, params, null);
      } catch (MalformedException | GrantException | ClassCastException e) {
        continue;
      }
      // When
      DynamicMessage.Builder seen = DynamicMessage.newBuilder(request);
      try {
        proto.merge(body, seen);
      } catch (InvalidProtocolBufferException e) {
        continue;
      }
      // Then
      compared++;
      assertSame(body + " of seed " + Seeds.seed(), call, seen.build());
    }
    assertThat(compared).isGreaterThan(inputs / 10);
    System.out.println(
        "ProtoJSON: " + inputs + " bodies, " + compared + " compared, seed " + Seeds.seed());
  }

  private static void assertSame(String where, A2aCall call, Message seen) {
    Message message = (Message) value(seen, "message");
    List<String> tasks = new ArrayList<>();
    if (!value(message, "task_id").equals("")) {
      tasks.add((String) value(message, "task_id"));
    }
    for (Object task : (List<?>) value(message, "reference_task_ids")) {
      tasks.add((String) task);
    }
    assertThat(call.tasks()).as(where).isEqualTo(tasks);
    A2aMessage gate = call.message();
    assertThat(gate).as(where).isNotNull();
    List<String> data = new ArrayList<>();
    boolean free = false;
    for (Object part : (List<?>) value(message, "parts")) {
      if (has((Message) part, "data")) {
        data.add(json((Message) value((Message) part, "data")));
      } else {
        free = true;
      }
    }
    List<String> ours = new ArrayList<>();
    for (JsonValue one : gate.data()) {
      ours.add(Spelled.of(one));
    }
    // Old bindings call the parts "content", which an agent of 1.0 does not read.
    if (!where.contains("\"content\"")) {
      assertThat(ours).as(where).isEqualTo(data);
      assertThat(gate.free() || !free).as(where).isTrue();
    }
    Message configuration = (Message) value(seen, "configuration");
    if (has(configuration, "task_push_notification_config")) {
      Object url = value((Message) value(configuration, "task_push_notification_config"), "url");
      assertThat(call.push()).as(where).isNotNull();
      assertThat(url).as(where).isIn(text(call.push()), "");
    }
  }

  private static String text(@Nullable JsonObject push) {
    JsonValue url = push == null ? null : push.get("url");
    return url instanceof JsonValue.JsonString text ? text.value() : "";
  }

  private static String json(Message value) {
    try {
      return Spelled.of(new ObjectMapper().readTree(JsonFormat.printer().print(value)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String body() {
    StringBuilder text = new StringBuilder(BODIES.get(random.nextInt(BODIES.size())));
    for (int i = random.nextInt(3); i > 0; i--) {
      List<Integer> places = new ArrayList<>();
      for (int at = 0; at < text.length(); at++) {
        if ("{,[".indexOf(text.charAt(at)) >= 0) {
          places.add(at + 1);
        }
      }
      text.insert(
          places.get(random.nextInt(places.size())), SPLICES.get(random.nextInt(SPLICES.size())));
    }
    return random.nextInt(4) == 0 ? Mutations.of(random, text.toString()) : text.toString();
  }

  private static Object value(Message message, String name) {
    return message.getField(named(message, name));
  }

  private static boolean has(Message message, String name) {
    return message.hasField(named(message, name));
  }

  private static FieldDescriptor named(Message message, String name) {
    return message.getDescriptorForType().findFieldByName(name);
  }

  private static DescriptorProto.Builder message(String name) {
    return DescriptorProto.newBuilder().setName(name);
  }

  private static FieldDescriptorProto.Builder field(
      String name, int number, FieldDescriptorProto.Type type) {
    return FieldDescriptorProto.newBuilder().setName(name).setNumber(number).setType(type);
  }

  private static FieldDescriptorProto.Builder field(String name, int number, String type) {
    return field(name, number, FieldDescriptorProto.Type.TYPE_MESSAGE).setTypeName(type);
  }

  private static FieldDescriptorProto.Builder many(FieldDescriptorProto.Builder field) {
    return field.setLabel(FieldDescriptorProto.Label.LABEL_REPEATED);
  }
}
