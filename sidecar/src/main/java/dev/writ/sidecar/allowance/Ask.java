package dev.writ.sidecar.allowance;

import dev.writ.contract.quota.AllowanceRequest;

/**
 * A request under way. Its answer is good whenever it comes, also twice.
 *
 * @param request what is sent
 * @param sentMillis monotonic clock, read before it is sent: rights to windows count from here
 */
public record Ask(AllowanceRequest request, long sentMillis) {}
