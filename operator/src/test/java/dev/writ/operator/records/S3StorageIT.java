package dev.writ.operator.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.audit.log.LogStorage;
import dev.writ.audit.log.StorageTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bucket of a real object store stands what a folder stands. {@code e2e/s3/install} builds the
 * store; {@code -Dwrit.s3.stride=1 -Dwrit.s3.seeds=100} plays it all.
 */
@EnabledIfEnvironmentVariable(named = S3Server.PROGRAM, matches = ".+")
class S3StorageIT extends StorageTest {
  @TempDir private static Path folder;
  private static S3Server server;
  private static int number;

  @BeforeAll
  static void start() throws IOException {
    server = S3Server.start(folder);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Override
  protected LogStorage fresh() throws IOException {
    return S3Storage.open(server.bucket(S3Server.BUCKET, "logs/" + number++ + "/"));
  }

  @Override
  protected int stride() {
    return Integer.getInteger("writ.s3.stride", 29);
  }

  @Override
  protected int seeds() {
    return Integer.getInteger("writ.s3.seeds", 1);
  }

  @Test
  void aFolderOfMoreNamesThanAPageIsListedAndDeletedWhole() throws IOException {
    LogStorage storage = fresh();
    for (int i = 0; i < 1_005; i++) {
      storage.write("stage/" + i, new byte[1]);
    }
    assertThat(storage.list("stage")).hasSize(1_005);
    storage.delete("stage");
    assertThat(storage.list("stage")).isEmpty();
  }

  @Test
  void aBucketThatIsNotThereIsNamedAndSaysWhatToDo() {
    assertThatThrownBy(() -> S3Storage.open(server.bucket("nowhere", "")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("s3://nowhere/")
        .hasMessageContaining("no such bucket: make it");
  }

  @Test
  void wrongCredentialsAreSaidAndNeverShown() {
    System.setProperty("aws.secretAccessKey", "wrong-" + S3Server.SECRET);
    try {
      assertThatThrownBy(() -> S3Storage.open(server.bucket(S3Server.BUCKET, "")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the credentials are not those of this store")
          .satisfies(
              e -> {
                StringWriter all = new StringWriter();
                e.printStackTrace(new PrintWriter(all));
                assertThat(all.toString()).doesNotContain(S3Server.SECRET);
              });
    } finally {
      System.setProperty("aws.secretAccessKey", S3Server.SECRET);
    }
  }
}
