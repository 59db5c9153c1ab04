import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The MCP Java SDK, unmodified: what user code gets from a granted and from refused calls.
 * Argument: base URL.
 */
public class McpClientPeer {
  public static void main(String[] args) throws Exception {
    var transport = HttpClientStreamableHttpTransport.builder(args[0]).endpoint("/mcp").build();
    try (McpSyncClient client = McpClient.sync(transport).build()) {
      client.initialize();
      say("list", Map.of("tools", client.listTools().tools().stream().map(Tool::name).toList()));
      call(client, "allowed", "get-sum", Map.of("a", 500, "b", 1));
      call(client, "above", "get-sum", Map.of("a", 501, "b", 1));
      call(client, "other", "echo", Map.of("message", "hi"));
      call(client, "spent", "get-sum", Map.of("a", 1, "b", 1));
    }
    System.exit(0);
  }

  static void call(McpSyncClient client, String step, String tool, Map<String, Object> arguments)
      throws Exception {
    try {
      var result = client.callTool(new CallToolRequest(tool, arguments));
      say(step, Map.of("text", ((TextContent) result.content().get(0)).text()));
    } catch (McpError e) {
      say(step, Map.of("code", e.getJsonRpcError().code(), "data", e.getJsonRpcError().data()));
    } catch (RuntimeException e) {
      say(step, Map.of("error", String.valueOf(e)));
    }
  }

  static void say(String step, Map<String, Object> what) throws Exception {
    Map<String, Object> line = new LinkedHashMap<>(what);
    line.put("step", step);
    System.out.println(McpJsonDefaults.getMapper().writeValueAsString(line));
  }
}
