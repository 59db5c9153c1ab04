package dev.writ.audit.log;

import dev.writ.audit.merkle.Hash;

/**
 * What the log is bound to: the value behind the compare-and-swap that makes a batch part of it.
 *
 * @param size number of entries
 * @param root over them
 * @param stage path in the storage where the newest of them wait until they are public
 */
public record Committed(long size, Hash root, String stage) {}
