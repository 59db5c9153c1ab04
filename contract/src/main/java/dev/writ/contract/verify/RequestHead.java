package dev.writ.contract.verify;

import java.util.List;

/**
 * Request line and fields, in the order of the wire. In HTTP/2, {@code :method}, {@code :path} and
 * {@code :authority} (as {@code Host}) take their places here.
 *
 * @param method as sent, such as {@code POST}
 * @param target the request target as sent; origin-form is the only one accepted
 * @param fields all of them
 */
public record RequestHead(String method, String target, List<Field> fields) {
  /** Copies. */
  public RequestHead {
    fields = List.copyOf(fields);
  }
}
