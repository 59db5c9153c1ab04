package dev.writ.sidecar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

final class LogConfiguratorTest {
  private final LoggerContext logging = new LoggerContext();

  @Test
  void whatAPeerPutsIntoAValueBeginsNoLineOfItsOwn() {
    assertThat(new LogConfigurator().configure(logging))
        .isEqualTo(ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY);
    Logger root = logging.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    var stderr = (ConsoleAppender<ILoggingEvent>) root.getAppender("stderr");
    LoggingEvent event =
        new LoggingEvent("", logging.getLogger("dev.writ.X"), Level.WARN, "refused", null, null);
    event.setInstant(Instant.parse("2026-11-26T10:00:00.123Z"));
    event.setKeyValuePairs(List.of(new KeyValuePair("cause", "a\r\nERROR forged\nb")));

    assertThat(new String(stderr.getEncoder().encode(event), UTF_8))
        .isEqualTo("2026-11-26T10:00:00.123Z WARN  X refused cause=\"a ERROR forged b\"\n");
  }

  @Test
  void librariesAreQuietAndWritIsNot() {
    new LogConfigurator().configure(logging);
    assertThat(logging.getLogger("io.vertx.core").isInfoEnabled()).isFalse();
    assertThat(logging.getLogger("io.netty.util").isInfoEnabled()).isFalse();
    assertThat(logging.getLogger("dev.writ.sidecar").isInfoEnabled()).isTrue();
    assertThat(logging.getLogger("dev.writ.sidecar").isDebugEnabled()).isFalse();
  }
}
