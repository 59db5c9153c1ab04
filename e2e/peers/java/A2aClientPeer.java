import com.fasterxml.jackson.databind.ObjectMapper;
import io.a2a.A2A;
import io.a2a.client.Client;
import io.a2a.client.ClientEvent;
import io.a2a.client.MessageEvent;
import io.a2a.client.TaskEvent;
import io.a2a.client.config.ClientConfig;
import io.a2a.client.transport.jsonrpc.JSONRPCTransport;
import io.a2a.client.transport.jsonrpc.JSONRPCTransportConfig;
import io.a2a.spec.AgentCard;
import io.a2a.spec.DataPart;
import io.a2a.spec.JSONRPCError;
import io.a2a.spec.Message;
import io.a2a.spec.TaskQueryParams;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;

/** The A2A Java SDK of version 0.3, unmodified: what user code gets. Argument: base URL. */
public class A2aClientPeer {
  static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    AgentCard card = A2A.getAgentCard(args[0]);
    AtomicReference<ClientEvent> last = new AtomicReference<>();
    Client client =
        Client.builder(card)
            .clientConfig(new ClientConfig.Builder().setStreaming(false).build())
            .withTransport(JSONRPCTransport.class, new JSONRPCTransportConfig())
            .addConsumer((event, of) -> last.set(event))
            .build();
    Callable<String> sent =
        () ->
            switch (last.get()) {
              case TaskEvent task -> task.getTask().getId();
              case MessageEvent message -> message.getMessage().getMessageId();
              case ClientEvent other -> other.toString();
            };
    String task =
        say("allowed", () -> send(client, Map.of("skill", "transfer", "amount", 500), sent));
    say("above", () -> send(client, Map.of("skill", "transfer", "amount", 501), sent));
    say("other", () -> send(client, Map.of("skill", "close"), sent));
    say("own", () -> client.getTask(new TaskQueryParams(task)).getId());
    say("stranger", () -> client.getTask(new TaskQueryParams("somebody-elses")).getId());
    System.exit(0);
  }

  static String send(Client client, Map<String, Object> data, Callable<String> sent)
      throws Exception {
    client.sendMessage(
        new Message.Builder()
            .role(Message.Role.USER)
            .messageId(UUID.randomUUID().toString())
            .parts(List.of(new DataPart(data)))
            .build());
    return sent.call();
  }

  static String say(String step, Callable<String> call) throws Exception {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    String id = null;
    try {
      id = call.call();
      line.put("id", id);
    } catch (Exception | JSONRPCError e) {
      line.put("error", e.getClass().getSimpleName());
      line.put("message", String.valueOf(e.getMessage()));
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof JSONRPCError error) {
          line.put("code", error.getCode());
          line.put("data", error.getData());
        }
      }
    }
    System.out.println(JSON.writeValueAsString(line));
    return id;
  }
}
