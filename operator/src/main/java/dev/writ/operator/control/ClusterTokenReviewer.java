package dev.writ.operator.control;

import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;

/**
 * TokenReview of the API server, which checks signature, expiry and that the pod the token is bound
 * to still exists.
 */
public final class ClusterTokenReviewer implements TokenReviewer {
  private static final String USER_PREFIX = "system:serviceaccount:";
  private static final String POD_NAME = "authentication.kubernetes.io/pod-name";
  private static final String POD_UID = "authentication.kubernetes.io/pod-uid";

  private final KubernetesClient client;

  /** Needs the right to create tokenreviews. */
  public ClusterTokenReviewer(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public Optional<Bearer> review(String token) {
    TokenReview question =
        new TokenReviewBuilder()
            .withNewSpec()
            .withToken(token)
            .withAudiences(Names.TOKEN_AUDIENCE)
            .endSpec()
            .build();
    TokenReviewStatus status = client.resource(question).create().getStatus();
    // An API server that does not know audiences answers without any: such a token is for
    // everybody, not for us.
    if (status == null
        || !Boolean.TRUE.equals(status.getAuthenticated())
        || status.getAudiences() == null
        || !status.getAudiences().contains(Names.TOKEN_AUDIENCE)) {
      return Optional.empty();
    }
    String user = status.getUser().getUsername();
    String[] account =
        user == null || !user.startsWith(USER_PREFIX)
            ? new String[0]
            : user.substring(USER_PREFIX.length()).split(":", -1);
    List<String> names = extra(status, POD_NAME);
    List<String> uids = extra(status, POD_UID);
    return account.length == 2 && names.size() == 1 && uids.size() == 1
        ? Optional.of(new Bearer(account[0], account[1], names.getFirst(), uids.getFirst()))
        : Optional.empty();
  }

  private static List<String> extra(TokenReviewStatus status, String key) {
    return status.getUser().getExtra() == null
        ? List.of()
        : status.getUser().getExtra().getOrDefault(key, List.of());
  }
}
