package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.document.Constraint;
import org.jspecify.annotations.Nullable;

/** What one rule says of one request. */
public sealed interface Verdict {
  /** It grants the request. */
  record Holds() implements Verdict {}

  /** It is of another protocol than the port speaks. */
  record OtherProtocol() implements Verdict {}

  /** A delegation of the chain left its action out. */
  record LeftOut() implements Verdict {}

  /**
   * The request is another than it matches.
   *
   * @param agreeing how many parts agreed before that one: the more, the nearer
   * @param part the first that differs, such as {@code method} or {@code name}
   */
  record Differs(int agreeing, String part) implements Verdict {}

  /**
   * It matches, and something else is not as it has to be.
   *
   * @param code what a refusal by this rule alone would say
   * @param reason a few words
   * @param constraint the first that fails; null when it is none of the arguments
   */
  record Fails(ErrorCode code, String reason, @Nullable Constraint constraint) implements Verdict {}
}
