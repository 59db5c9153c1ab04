package dev.writ.cli.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;

/** Why the cluster could not be asked, in words for a user. */
public final class KubeFailure {
  private KubeFailure() {}

  /** What the API server said, else the innermost message: the client's own names the request. */
  public static String why(Throwable failure) {
    if (failure instanceof KubernetesClientException answer
        && answer.getStatus() != null
        && answer.getStatus().getMessage() != null) {
      return answer.getStatus().getMessage();
    }
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof ConnectException || cause instanceof ClosedChannelException) {
      return "nobody listens there";
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
