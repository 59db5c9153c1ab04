package dev.writ.operator.control;

/** Answers whole requests on one path. */
@FunctionalInterface
interface Endpoint {
  Reply handle(Request request) throws ControlException;
}
