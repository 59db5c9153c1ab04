package dev.writ.sidecar.gate;

import dev.writ.contract.Names;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Forwarding;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which fields of an app's answer the caller gets. (protocol.md, section 4, step 14) */
final class AnswerFields {
  private static final int SCHEME_LENGTH = Names.AUTH_SCHEME.length();

  private AnswerFields() {}

  /** Copies these to what the caller gets. */
  static void copy(MultiMap from, MultiMap to) {
    List<Field> fields = new ArrayList<>(from.size());
    for (Map.Entry<String, String> header : from) {
      fields.add(new Field(header.getKey(), header.getValue()));
    }
    Set<String> connection = Forwarding.connection(fields);
    for (Field field : fields) {
      if (!Forwarding.stripReply(field.name(), connection) && !isChallenge(field)) {
        to.add(field.name(), field.value());
      }
    }
  }

  /** The gate alone says why it refused: a helper would act on it. */
  private static boolean isChallenge(Field field) {
    return field.name().equalsIgnoreCase("www-authenticate")
        && field.value().strip().regionMatches(true, 0, Names.AUTH_SCHEME, 0, SCHEME_LENGTH);
  }
}
