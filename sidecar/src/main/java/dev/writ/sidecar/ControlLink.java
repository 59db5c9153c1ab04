package dev.writ.sidecar;

import io.vertx.core.Future;

/**
 * Cluster mode's connection to the operator: enrols, feeds {@link
 * dev.writ.sidecar.state.SidecarState} and ships the {@link dev.writ.sidecar.journal.Backlog}.
 * (architecture.md, Flows 2, 5, 6)
 */
public interface ControlLink {
  /**
   * Begins to enrol, and goes on trying. Completes once the work is under way, whether or not the
   * operator can be reached.
   */
  Future<Void> start();

  /**
   * Ships what can be shipped within a few seconds and closes the connections. Called after the
   * `stop` record was journalled.
   */
  Future<Void> stop();
}
