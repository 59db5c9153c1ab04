package dev.writ.sidecar.outbound;

import dev.writ.contract.SpiffeId;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.RequestHead;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the app asks for.
 *
 * @param request of the app
 * @param target that it names
 * @param service that this is
 */
record Call(HttpServerRequest request, Target target, SpiffeId service) {
  /** What a contract is chosen by. */
  RequestHead head() {
    List<Field> fields = new ArrayList<>();
    for (Map.Entry<String, String> field : request.headers()) {
      fields.add(new Field(field.getKey(), field.getValue()));
    }
    return new RequestHead(request.method().name(), target.path(), fields);
  }
}
