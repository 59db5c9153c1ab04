package dev.writ.audit.log;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A storage in memory that keeps every promise of {@link LogStorage}. Thread-safe. */
public final class MemoryStorage implements LogStorage {
  private final Map<String, byte[]> files = new TreeMap<>();

  @Override
  public synchronized byte[] read(String path) {
    byte[] bytes = files.get(path);
    return bytes == null ? null : bytes.clone();
  }

  @Override
  public synchronized void write(String path, byte[] bytes) {
    files.put(path, bytes.clone());
  }

  @Override
  public synchronized boolean replace(String path, byte[] expected, byte[] bytes) {
    if (!Arrays.equals(files.get(path), expected)) {
      return false;
    }
    files.put(path, bytes.clone());
    return true;
  }

  @Override
  public synchronized List<String> list(String folder) {
    return files.keySet().stream()
        .filter(path -> path.startsWith(folder + "/"))
        .map(path -> path.substring(folder.length() + 1).split("/", 2)[0])
        .distinct()
        .toList();
  }

  @Override
  public synchronized void delete(String path) {
    files.keySet().removeIf(file -> file.equals(path) || file.startsWith(path + "/"));
  }

  /** All paths, sorted. */
  public synchronized List<String> paths() {
    return List.copyOf(files.keySet());
  }

  /** Another storage with the same content. */
  public synchronized MemoryStorage copy() {
    MemoryStorage copy = new MemoryStorage();
    files.forEach((path, bytes) -> copy.files.put(path, bytes.clone()));
    return copy;
  }
}
