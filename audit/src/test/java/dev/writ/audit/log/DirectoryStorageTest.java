package dev.writ.audit.log;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class DirectoryStorageTest extends StorageTest {
  @TempDir private Path folder;
  private int number;

  @Override
  protected LogStorage fresh() throws IOException {
    return DirectoryStorage.writing(folder.resolve(Integer.toString(number++)));
  }

  @Override
  protected int stride() {
    return 9;
  }

  @Override
  protected int seeds() {
    return 3;
  }
}
