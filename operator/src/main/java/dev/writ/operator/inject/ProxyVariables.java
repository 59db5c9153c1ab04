package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.JsonNode;
import dev.writ.contract.Names;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The variables that lead an app's plain HTTP to the helper, unless the app has a proxy of its own.
 */
final class ProxyVariables {
  private static final String HELPER = "http://127.0.0.1:" + Names.HELPER_PORT;
  private static final String LOOPBACK = "localhost,127.0.0.1,::1";
  private static final List<String> PROXIES = List.of("HTTP_PROXY", "http_proxy");

  /** Every name that may be set. */
  static final Set<String> NAMES = Set.of("HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy");

  private ProxyVariables() {}

  /** What this container lacks; nothing if it says itself where its HTTP goes. */
  static Map<String, String> missing(JsonNode container) {
    List<JsonNode> env = Pod.items(container.path("env"));
    for (String proxy : PROXIES) {
      JsonNode own = Pod.named(env, proxy);
      if (!own.isMissingNode() && !HELPER.equals(Pod.text(own.path("value")))) {
        return Map.of();
      }
    }
    Map<String, String> wanted = new LinkedHashMap<>();
    PROXIES.forEach(proxy -> wanted.put(proxy, HELPER));
    wanted.put("NO_PROXY", LOOPBACK);
    wanted.put("no_proxy", LOOPBACK);
    wanted.keySet().removeIf(name -> !Pod.named(env, name).isMissingNode());
    return wanted;
  }
}
