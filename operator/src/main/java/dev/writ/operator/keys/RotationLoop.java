package dev.writ.operator.keys;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the rotation look when the Secret or the notice changed, when the sidecars have confirmed,
 * and now and then, since a watch may stop silently.
 */
public final class RotationLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RotationLoop.class);
  private static final long TICK_MILLIS = 500;
  private static final long POLL_TICKS = 60;

  private final Rotation rotation;
  private final Runnable failed;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("issuer-keys").daemon().factory());
  private final AtomicBoolean pending = new AtomicBoolean();
  private final List<SharedIndexInformer<?>> watches;
  private long ticks;

  /**
   * Looks once, then starts to watch.
   *
   * @param failed counts looks that the API server did not allow
   */
  public RotationLoop(
      Rotation rotation, KubernetesClient client, String namespace, Runnable failed) {
    this.rotation = rotation;
    this.failed = failed;
    look();
    watches =
        List.of(
            client
                .secrets()
                .inNamespace(namespace)
                .withName(SecretKeyringStore.SECRET)
                .inform(new Handler<>(this::wake)),
            client
                .configMaps()
                .inNamespace(namespace)
                .withName(dev.writ.contract.Names.ISSUER_KEYS_MAP)
                .inform(new Handler<>(this::wake)));
    var _ =
        thread.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void wake() {
    if (pending.compareAndSet(false, true)) {
      thread.execute(this::look);
    }
  }

  private void tick() {
    if (rotation.ready() || ++ticks % POLL_TICKS == 0) {
      look();
    }
  }

  private void look() {
    // Before the look: what comes meanwhile asks for another.
    pending.set(false);
    try {
      rotation.look();
    } catch (RuntimeException e) {
      failed.run();
      LOG.atWarn()
          .addKeyValue("cause", e.getMessage())
          .log("couldn't look after the issuer's keys; tried again");
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    watches.forEach(SharedIndexInformer::close);
  }

  private record Handler<T extends HasMetadata>(Runnable changed)
      implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T resource) {
      changed.run();
    }

    @Override
    public void onUpdate(T before, T after) {
      if (!before
          .getMetadata()
          .getResourceVersion()
          .equals(after.getMetadata().getResourceVersion())) {
        changed.run();
      }
    }

    @Override
    public void onDelete(T resource, boolean unknown) {
      changed.run();
    }
  }
}
