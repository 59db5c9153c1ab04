package dev.writ.audit.log;

/** The storage of other tests keeps its promises too. */
class MemoryStorageTest extends StorageTest {
  @Override
  protected LogStorage fresh() {
    return new MemoryStorage();
  }

  /** {@code CrashTest} plays every step. */
  @Override
  protected int stride() {
    return 30;
  }

  @Override
  protected int seeds() {
    return 1;
  }
}
