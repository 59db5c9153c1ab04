package dev.writ.contract.grant;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which operation a path of the HTTP+JSON binding stands for. Every path also exists below a tenant
 * or a base path, so the end of a path decides.
 *
 * @param operation of it
 * @param task that the path names, null when it names none
 */
record A2aRoute(A2aOperation operation, @Nullable String task) {

  /**
   * The route of a request.
   *
   * @param path decoded
   * @return null when the path is none of this binding
   */
  static @Nullable A2aRoute of(String method, String path) throws GrantException {
    List<A2aRoute> routes = routes(method, path.split("/", -1));
    if (routes.size() > 1) {
      throw GrantException.malformed("path with two meanings");
    }
    return routes.isEmpty() ? null : routes.get(0);
  }

  /**
   * Whether a server that is lenient about case and slashes could take the path for one of this
   * binding.
   */
  static boolean resembles(String path) {
    String lower = path.toLowerCase(Locale.ROOT).replaceAll("/{2,}", "/").replaceAll("/$", "");
    for (String method : List.of("GET", "POST", "DELETE")) {
      if (!routes(method, lower.split("/", -1)).isEmpty()) {
        return true;
      }
    }
    return lower.indexOf(':') >= 0;
  }

  private static List<A2aRoute> routes(String method, String[] segments) {
    List<A2aRoute> routes = new ArrayList<>();
    int last = segments.length - 1;
    String end = segments[last];
    switch (end) {
      case "message:send" -> add(routes, method, "POST", A2aOperation.SEND_MESSAGE, null);
      case "message:stream" ->
          add(routes, method, "POST", A2aOperation.SEND_STREAMING_MESSAGE, null);
      case "tasks" -> add(routes, method, "GET", A2aOperation.LIST_TASKS, null);
      case "extendedAgentCard", "extendedagentcard" ->
          add(routes, method, "GET", A2aOperation.GET_EXTENDED_CARD, null);
      case "card" -> {
        if (at(segments, last - 1).equals("v1")) {
          add(routes, method, "GET", A2aOperation.GET_EXTENDED_CARD, null);
        }
      }
      default -> {}
    }
    if (at(segments, last - 1).equals("tasks") && !end.isEmpty()) {
      task(routes, method, end);
    }
    if (isConfigs(end) && isTask(segments, last - 1)) {
      add(routes, method, "POST", A2aOperation.CREATE_PUSH, segments[last - 1]);
      add(routes, method, "GET", A2aOperation.LIST_PUSH, segments[last - 1]);
    }
    if (isConfigs(at(segments, last - 1)) && isTask(segments, last - 2) && !end.isEmpty()) {
      add(routes, method, "GET", A2aOperation.GET_PUSH, segments[last - 2]);
      add(routes, method, "DELETE", A2aOperation.DELETE_PUSH, segments[last - 2]);
    }
    return routes;
  }

  private static void task(List<A2aRoute> routes, String method, String segment) {
    int colon = segment.indexOf(':');
    if (colon < 0) {
      add(routes, method, "GET", A2aOperation.GET_TASK, segment);
      return;
    }
    String task = segment.substring(0, colon);
    switch (segment.substring(colon)) {
      case ":cancel" -> add(routes, method, "POST", A2aOperation.CANCEL_TASK, task);
      case ":subscribe" -> {
        add(routes, method, "GET", A2aOperation.SUBSCRIBE_TO_TASK, task);
        add(routes, method, "POST", A2aOperation.SUBSCRIBE_TO_TASK, task);
      }
      default -> {}
    }
  }

  private static void add(
      List<A2aRoute> routes,
      String method,
      String wanted,
      A2aOperation operation,
      @Nullable String task) {
    if (method.equals(wanted) && (task == null || !task.isEmpty())) {
      routes.add(new A2aRoute(operation, task));
    }
  }

  private static boolean isConfigs(String segment) {
    return segment.equals("pushNotificationConfigs") || segment.equals("pushnotificationconfigs");
  }

  private static boolean isTask(String[] segments, int at) {
    return at > 0
        && !segments[at].isEmpty()
        && segments[at].indexOf(':') < 0
        && segments[at - 1].equals("tasks");
  }

  private static String at(String[] segments, int index) {
    return index < 0 ? "" : segments[index];
  }
}
