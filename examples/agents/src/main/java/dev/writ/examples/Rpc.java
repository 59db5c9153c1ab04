package dev.writ.examples;

import java.io.IOException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A client of JSON-RPC over HTTP: of the Model Context Protocol, and of A2A. */
final class Rpc {
  private static final Pattern ERROR =
      Pattern.compile("\"error\":\\{\"code\":-?[0-9]+,.*?\"data\":(\\{.*\\})\\}\\}$");
  private static final Pattern STATUS = Pattern.compile("\"status\":([0-9]{3})");

  private final Http http;
  private final String url;
  private int id;

  Rpc(Http http, String url) {
    this.http = http;
    this.url = url;
  }

  /** What user code gets from a client library: a result, or the {@code data} of the error. */
  Answer call(String method, String params) throws IOException {
    Answer answer = http.post(url, message(method, params, "\"id\":" + ++id + ","), fields());
    Matcher error = ERROR.matcher(answer.body());
    if (!error.find()) {
      return answer;
    }
    Matcher status = STATUS.matcher(error.group(1));
    return new Answer(
        status.find() ? Integer.parseInt(status.group(1)) : 500,
        error.group(1),
        answer.remaining());
  }

  /** Expects no answer. */
  void tell(String method) throws IOException {
    http.post(url, message(method, "{}", ""), fields());
  }

  private static String message(String method, String params, String id) {
    return "{\"jsonrpc\":\"2.0\","
        + id
        + "\"method\":\""
        + method
        + "\",\"params\":"
        + params
        + "}";
  }

  private static Map<String, String> fields() {
    return Map.of("Accept", "application/json, text/event-stream");
  }
}
