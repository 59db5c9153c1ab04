package dev.writ.operator.control;

import dev.writ.contract.MalformedException;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.operator.counting.BootClosedException;
import dev.writ.operator.counting.LedgerDesk;
import java.nio.charset.StandardCharsets;

/** {@code POST /v1/allowances}: totals of one boot of a gate, and what it may spend. (quota.md) */
final class AllowancesEndpoint implements Endpoint {
  private final Authenticator authenticator;
  private final LedgerDesk desk;

  AllowancesEndpoint(Authenticator authenticator, LedgerDesk desk) {
    this.authenticator = authenticator;
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) throws ControlException {
    Caller caller = authenticator.authenticateEnding(request.authorization());
    try {
      return Reply.json(
          200,
          desk.serve(caller.pod(), AllowanceRequest.parse(request.body()))
              .json()
              .getBytes(StandardCharsets.UTF_8));
    } catch (MalformedException e) {
      throw new ControlException(ControlError.MALFORMED, String.valueOf(e.getMessage()));
    } catch (BootClosedException e) {
      throw new ControlException(ControlError.BOOT_CLOSED, String.valueOf(e.getMessage()));
    } catch (LedgerDesk.UnavailableException e) {
      throw new ControlException(ControlError.UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }
}
