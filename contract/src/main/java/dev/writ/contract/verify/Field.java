package dev.writ.contract.verify;

/**
 * One header field as it came.
 *
 * @param name in the case of the wire
 * @param value without surrounding white space, one character per byte (ISO-8859-1)
 */
public record Field(String name, String value) {}
