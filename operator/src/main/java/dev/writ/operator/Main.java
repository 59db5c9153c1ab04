package dev.writ.operator;

import dev.writ.contract.MalformedException;
import dev.writ.operator.cluster.KubeAccess;
import dev.writ.operator.config.Configuration;
import dev.writ.operator.config.ConfigurationException;
import dev.writ.operator.keys.KeyUnavailableException;
import dev.writ.operator.revoke.RevocationStore.StaleVersionException;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the operator; alone reads the environment and the clock, and alone ends the process. */
public final class Main {
  /** The environment is wrong; starting again does not help. */
  private static final int EXIT_USAGE = 2;

  /** Something could not be used; starting again may help. */
  private static final int EXIT_FAILED = 1;

  private Main() {}

  /** Without arguments the operator; everything is said by the environment. Else a farewell. */
  public static void main(String[] arguments) {
    // Read by the JDK's server when it is first used: a request that is not complete by then is cut
    // off. Seconds.
    System.setProperty("sun.net.httpserver.maxReqTime", "30");
    // Longer than the API server keeps a connection that it does not use (90 s): who closes it
    // first must not be the one that may be sent a request meanwhile.
    System.setProperty("sun.net.httpserver.idleInterval", "120");
    // With more than these that wait for a request, connections are closed behind an answer that
    // does not say so. Each sidecar has one or two.
    System.setProperty("sun.net.httpserver.maxIdleConnections", "4000");
    System.setProperty("sun.net.httpserver.nodelay", "true");
    Logger log = LoggerFactory.getLogger(Main.class);
    boolean farewell = List.of(arguments).equals(List.of("farewell"));
    if (arguments.length > 0 && !farewell) {
      log.error("the operator takes no arguments, only WRIT_* variables");
      System.exit(EXIT_USAGE);
    }
    try {
      if (farewell) {
        farewell();
        return;
      }
      run(Configuration.of(System.getenv()));
    } catch (ConfigurationException e) {
      log.atError().log("couldn't read the configuration: {}", e.getMessage());
      System.exit(EXIT_USAGE);
    } catch (IOException
        | GeneralSecurityException
        | MalformedException
        | KeyUnavailableException
        | StaleVersionException
        | KubernetesClientException e) {
      log.atError().log("couldn't start: {}", why(e));
      log.debug("cause", e);
      System.exit(EXIT_FAILED);
    }
  }

  /** The client's messages name the request; what went wrong stands in the innermost cause. */
  private static String why(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    Throwable cause = failure.getCause();
    if (cause == null) {
      return message;
    }
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return message
        + " ("
        + (cause.getMessage() == null ? cause.toString() : cause.getMessage())
        + ")";
  }

  private static void farewell() {
    try (KubernetesClient client =
        new KubernetesClientBuilder().withConfig(KubeAccess.config(Optional.empty())).build()) {
      new Farewell(client).say();
    }
  }

  private static void run(Configuration configuration)
      throws IOException,
          GeneralSecurityException,
          MalformedException,
          KeyUnavailableException,
          StaleVersionException {
    KubernetesClient client =
        new KubernetesClientBuilder()
            .withConfig(KubeAccess.config(configuration.kubeUrl()))
            .build();
    OperatorProcess process =
        OperatorProcess.start(
            configuration,
            client,
            Clock.systemUTC(),
            () -> Thread.ofPlatform().start(() -> System.exit(EXIT_FAILED)));
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(
                    () -> {
                      process.close();
                      client.close();
                    }));
  }
}
