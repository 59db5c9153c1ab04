package dev.writ.contract;

/**
 * Every annotation, label, header, port, path, container and volume name that two processes share
 * (architecture.md, injection.md, protocol.md).
 */
public final class Names {
  /**
   * API group of the custom resources, and audience of the tokens that sidecars show to the
   * operator.
   */
  public static final String GROUP = "writ.dev";

  /** API version of the custom resources. */
  public static final String VERSION = "v1alpha1";

  /** Audience of the projected service account token. */
  public static final String TOKEN_AUDIENCE = "writ.dev";

  /** Trust domain unless set. */
  public static final String TRUST_DOMAIN = "cluster.local";

  /** Pod annotation: inject this pod. */
  public static final String INJECT = "writ.dev/inject";

  /** Value of {@link #INJECT}. */
  public static final String INJECT_ENABLED = "enabled";

  /** Namespace label: every pod must be injected. */
  public static final String ENFORCEMENT = "writ.dev/enforcement";

  /** Value of {@link #ENFORCEMENT}. */
  public static final String ENFORCEMENT_REQUIRED = "required";

  /** Pod annotation: {@link #MODE_AUDIT} or {@link #MODE_ENFORCE}. */
  public static final String MODE = "writ.dev/mode";

  /** Shadow mode of a callee. */
  public static final String MODE_AUDIT = "audit";

  /** The default mode. */
  public static final String MODE_ENFORCE = "enforce";

  /** Pod annotation: {@link #CAPTURE_REDIRECT} or {@link #CAPTURE_LOOPBACK}. */
  public static final String CAPTURE = "writ.dev/capture";

  /** Capture by nftables, the default. */
  public static final String CAPTURE_REDIRECT = "redirect";

  /** Capture by binding the port before the app does. */
  public static final String CAPTURE_LOOPBACK = "loopback";

  /** Pod annotation: the environment variable that makes the app bind 127.0.0.1. */
  public static final String APP_BIND_ENV = "writ.dev/app-bind-env";

  /** Pod annotation: {@link #OUTBOUND_MANUAL} leaves the app's proxy variables alone. */
  public static final String OUTBOUND = "writ.dev/outbound";

  /** Value of {@link #OUTBOUND}. */
  public static final String OUTBOUND_MANUAL = "manual";

  /** Pod annotation: CPU of the sidecar, {@code REQUEST/LIMIT} as in {@code 100m/2}. */
  public static final String SIDECAR_CPU = "writ.dev/sidecar-cpu";

  /** Pod annotation: memory of the sidecar, {@code REQUEST/LIMIT} as in {@code 192Mi/512Mi}. */
  public static final String SIDECAR_MEMORY = "writ.dev/sidecar-memory";

  /** Pod annotation: {@link #DEPUTY_CALLER_ONLY} forbids a deputy its own contracts. */
  public static final String DEPUTY = "writ.dev/deputy";

  /** Value of {@link #DEPUTY}. */
  public static final String DEPUTY_CALLER_ONLY = "caller-only";

  /** Pod annotation: {@link #LISTS_GRANTED} cuts the lists of MCP to what the caller may use. */
  public static final String LISTS = "writ.dev/lists";

  /** Value of {@link #LISTS}. */
  public static final String LISTS_GRANTED = "granted";

  /** Pod annotation: seconds that the app may take to begin an answer, 0 for ever. */
  public static final String RESPONSE_TIMEOUT = "writ.dev/response-timeout";

  /** Pod annotation: seconds that an answer may stand still, 0 for ever. */
  public static final String IDLE_TIMEOUT = "writ.dev/idle-timeout";

  /** Annotation of an AgentCapability: the log's totals are right, go on from them. */
  public static final String ACCEPT_LOG = "writ.dev/accept-log";

  /** Annotation of the issuer's Secret: remove this key at once. */
  public static final String REVOKE_KEY = "writ.dev/revoke-key";

  /** Annotation beside {@link #REVOKE_KEY}: sign with a new key as soon as every sidecar has it. */
  public static final String ROTATE_KEY = "writ.dev/rotate-key";

  /** Pod annotation: every key that the pod has or had counts no more, and it gets no other. */
  public static final String REVOKE = "writ.dev/revoke";

  /** Value of {@link #REVOKE}. */
  public static final String REVOKE_VALUE = "true";

  /** Annotation of a capability: kill the contracts with these jti, separated by commas. */
  public static final String REVOKE_CONTRACTS = "writ.dev/revoke-contracts";

  /** ConfigMap of the operator's namespace: which issuer keys there are, without the keys. */
  public static final String ISSUER_KEYS_MAP = "writ-issuer-keys";

  /** Entry of {@link #ISSUER_KEYS_MAP}. */
  public static final String ISSUER_KEYS_ENTRY = "keys.json";

  /** Container of the sidecar. */
  public static final String SIDECAR_CONTAINER = "writ-sidecar";

  /** Init container that captures, in redirect mode only. */
  public static final String CAPTURE_CONTAINER = "writ-capture";

  /** Volume (emptyDir) of journals and counters. */
  public static final String STATE_VOLUME = "writ-state";

  /** File in the state directory by which the pod's {@code preStop} hook says that it leaves. */
  public static final String LEAVING_FILE = "leaving";

  /** Volume of the projected token. */
  public static final String TOKEN_VOLUME = "writ-token";

  /** Volume and ConfigMap of the operator's CA. */
  public static final String TRUST_VOLUME = "writ-trust";

  /** How many ports of one pod can be captured. */
  public static final int MAX_CAPTURED_PORTS = 100;

  /** Key of the CA certificate in {@link #TRUST_VOLUME}. */
  public static final String TRUST_CA_KEY = "ca.crt";

  /** Loopback port of the outbound helper. */
  public static final int HELPER_PORT = 15001;

  /** Port of health and metrics. */
  public static final int ADMIN_PORT = 15090;

  /** Port where the sidecar answers for the app's probes and lifecycle hooks. */
  public static final int PROBE_PORT = 15091;

  /**
   * Port that nobody listens on: in redirect mode the kubelet's startup probe asks it, and is
   * answered only if this very pod's capture redirects what comes from outside.
   */
  public static final int PROVING_PORT = 15092;

  /** First port of captured listeners; the n-th is this plus n. */
  public static final int CAPTURED_PORT = 15100;

  /** Path that serves challenges on every captured port. */
  public static final String CHALLENGE_PATH = "/.well-known/writ/challenge";

  /** Query parameter of {@link #CHALLENGE_PATH}. */
  public static final String CHALLENGE_JKT = "jkt";

  /** Control API: enrol. */
  public static final String ENROL_PATH = "/v1/enrol";

  /** Control API: server-sent events. */
  public static final String EVENTS_PATH = "/v1/events";

  /** Control API: audit records. */
  public static final String RECORDS_PATH = "/v1/records";

  /** Control API: allowances. */
  public static final String ALLOWANCES_PATH = "/v1/allowances";

  /** Everything below it is the public side of the log. */
  public static final String LOG_PATH = "/log/";

  /** Control API: issuer keys. */
  public static final String TRUST_PATH = "/trust/jwks.json";

  /** Admission webhook for pods. */
  public static final String ADMIT_PODS_PATH = "/admit/pods";

  /** Liveness of a process. */
  public static final String HEALTH_PATH = "/healthz";

  /** Readiness of a process. */
  public static final String READY_PATH = "/readyz";

  /** Metrics of a process. */
  public static final String METRICS_PATH = "/metrics";

  /** Event: the revocation list changed or was signed anew. */
  public static final String EVENT_REVOCATIONS = "revocations";

  /** Event: give back what is not spent. */
  public static final String EVENT_RECALL = "recall";

  /** Event: enrol again. */
  public static final String EVENT_REFRESH = "refresh";

  /** What an enrolling key signs: this, {@code <jkt>:<SHA-256 of the token>}. */
  public static final String ENROL_PROOF_PREFIX = "writ.dev/enrol:";

  /** Request header: the chain. */
  public static final String HEADER_CONTRACT = "Capability-Contract";

  /** Request header: identities of the delegates. */
  public static final String HEADER_IDENTITY = "Capability-Identity";

  /** Request header: chains for the callee to use onward. */
  public static final String HEADER_DELEGATION = "Capability-Delegation";

  /** Request header: identities of those chains. */
  public static final String HEADER_DELEGATION_IDENTITY = "Capability-Delegation-Identity";

  /** Request header: receipt of the call at the caller under which this one is made. */
  public static final String HEADER_PARENT = "Capability-Parent";

  /** Reply header: a challenge. */
  public static final String HEADER_NONCE = "Capability-Nonce";

  /** Reply header: the decision record. */
  public static final String HEADER_RECEIPT = "Capability-Receipt";

  /** Reply header: calls left. */
  public static final String HEADER_REMAINING = "Capability-Remaining";

  /** To the app: who calls. */
  public static final String HEADER_SUBJECT = "Capability-Subject";

  /** To the app: the subjects of the chain, root first. */
  public static final String HEADER_CHAIN = "Capability-Chain";

  /** To the app: the action. */
  public static final String HEADER_ACTION = "Capability-Action";

  /** To the app: the capability. */
  public static final String HEADER_ID = "Capability-Id";

  /** To the app: opaque, for onward calls. */
  public static final String HEADER_CONTEXT = "Capability-Context";

  /** Authentication scheme of a 401. */
  public static final String AUTH_SCHEME = "Capability";

  /** Action of base-protocol messages. */
  public static final String BASE_ACTION = "base";

  /** Type of an entry of {@code authorization_details}. */
  public static final String AUTHORIZATION_TYPE = "writ.dev/call";

  private Names() {}
}
