package dev.writ.operator.records;

/**
 * Where a record can be checked. (crd.md, status.log)
 *
 * @param treeSize of the checkpoint that covers it
 * @param rootHash over that tree, standard base64
 * @param index of its entry
 */
public record LogPosition(long treeSize, String rootHash, long index) {}
