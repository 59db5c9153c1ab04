package dev.writ.operator.config;

/**
 * Every variable the operator knows; any other {@code WRIT_*} stops the start. (architecture.md,
 * Configuration)
 */
enum Variable {
  /**
   * Base URL of the API server without credentials, plain http allowed: mock servers. Unset:
   * KUBECONFIG or in-cluster.
   */
  WRIT_KUBE_URL,
  /** Namespace of the operator: its Secrets and ConfigMaps live there. Required. */
  WRIT_NAMESPACE,
  /** {@code host:port} of the Control API and the webhook, HTTPS. Default {@code [::]:8443}. */
  WRIT_LISTEN,
  /** {@code host:port} of health and metrics, HTTP. Default {@code [::]:8080}. */
  WRIT_ADMIN,
  /** Directory on a disk that survives the pod: records are appended there. Required. */
  WRIT_DATA_DIR,
  /**
   * Where the log is kept: an absolute folder, or {@code s3://BUCKET/PREFIX}. Default: {@code log}
   * in the data directory.
   */
  WRIT_LOG_STORE,
  /** Region of the bucket. Default {@code us-east-1} with an endpoint, else required. */
  WRIT_LOG_S3_REGION,
  /** URL of an object store that is not AWS's own, as in https://minio.example.com:9000. */
  WRIT_LOG_S3_ENDPOINT,
  /** For how many days entries stay in the log, as in 400d. Unset: for ever. */
  WRIT_LOG_KEEP,
  /** Where older entries are moved, as {@link #WRIT_LOG_STORE}. Unset: they are deleted. */
  WRIT_LOG_ARCHIVE,
  /** Where copies of records are posted as OTLP logs, as in http://collector:4318/v1/logs. */
  WRIT_LOG_OTLP_URL,
  /** Where copies of records are posted as CloudEvents, in batches. */
  WRIT_LOG_CLOUDEVENTS_URL,
  /**
   * Witnesses of the log, comma separated, each {@code URL KEY}: the submission prefix and the
   * verifier key. Unset: none, and checkpoints say so.
   */
  WRIT_LOG_WITNESSES,
  /**
   * How many days a key of the log signs first before another follows it, as in 365d. Unset: until
   * somebody asks.
   */
  WRIT_LOG_KEY_LIFETIME,
  /** How many witnesses make a checkpoint witnessed. Default: more than half. */
  WRIT_LOG_QUORUM,
  /** Trust domain of all identities. Default {@code cluster.local}. */
  WRIT_TRUST_DOMAIN,
  /** Further names and addresses of the serving certificate, comma separated. */
  WRIT_SERVING_NAMES,
  /**
   * Secret of the operator's namespace with the serving certificate, its key and its authority,
   * kept by somebody else, as by cert-manager. Unset: the operator has an authority of its own.
   */
  WRIT_SERVING_SECRET,
  /**
   * How long an issuer key signs before another follows it, as in 90m, 72h or 30d. Default {@code
   * 30d}, at least {@code 1h}.
   */
  WRIT_KEY_LIFETIME,
  /**
   * Library of a PKCS #11 token in which issuer keys are made from now on. Unset: in the Secret.
   * With it go the two that follow.
   */
  WRIT_PKCS11_LIBRARY,
  /** Label of the token. */
  WRIT_PKCS11_TOKEN,
  /** File with the PIN of the token's user. */
  WRIT_PKCS11_PIN_FILE,
  /** Image of the injected sidecar. Required. */
  WRIT_SIDECAR_IMAGE,
  /**
   * {@code https://host:port} that injected sidecars call. Default: Service {@code writ-operator}
   * of the namespace.
   */
  WRIT_OPERATOR_URL,
  /**
   * Name of the pod that this replica runs in: with it replicas choose a leader. Unset: it is the
   * only one.
   */
  WRIT_POD_NAME
}
