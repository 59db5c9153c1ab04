package dev.writ.operator.ledger;

import org.jspecify.annotations.Nullable;

/**
 * What an AgentCapability says now, perhaps read from a stale cache: it replaces the limit of the
 * entry only with a higher generation. (quota.md, Totals)
 *
 * @param generation of the capability
 * @param calls its {@code limits.calls}, null when it has none
 */
public record RootLimit(long generation, @Nullable Long calls) {}
