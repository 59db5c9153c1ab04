package dev.writ.simulation;

import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.sidecar.allowance.Ask;
import java.util.Map;

/** What is on its way. */
sealed interface Message {
  /**
   * A request.
   *
   * @param podUid as its token says
   * @param given what {@link Bug#RETURN_AS_INCREMENT_TWICE} sends instead of a total, by path
   */
  record Request(
      GateProcess from, String podUid, Ask ask, AllowanceRequest message, Map<String, Long> given)
      implements Message {}

  /** An answer. */
  record Answer(Request to, AllowanceAnswer message, Map<String, Long> returnedThen)
      implements Message {}

  /** 409. */
  record Refusal(Request to) implements Message {}
}
