package io.github.probeselect.server.work;

import io.github.probeselect.Pipeline;
import io.github.probeselect.server.ServerProperties;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;

/**
 * Images for requests that wait for them. Identical requests share their work: one that comes while
 * its twin is computed waits for the same images. Work stops within a denoising step once nobody
 * waits for it; a retry within some minutes goes on where it stopped, or gets what has finished.
 */
@Component
public final class ImageService {

  /** How often the connection of a waiting client is looked at. */
  private static final Duration LOOK = Duration.ofMillis(50);

  /** So much finished or stopped work is remembered at the most. */
  private static final int MOST_REMEMBERED = 64;

  private static final long MOST_BYTES = 64L << 20;

  private final Pipeline pipeline;
  private final WorkQueue queue;
  private final Duration remembered;
  private final Map<String, Shared> known = new LinkedHashMap<>();

  ImageService(Pipeline pipeline, WorkQueue queue, ServerProperties properties) {
    this.pipeline = pipeline;
    this.queue = queue;
    this.remembered = properties.twins();
  }

  /**
   * What makes two requests one.
   *
   * @param key the name of the API, and what is the same for identical requests
   * @param retry whether the client itself calls it a retry
   */
  public record Identity(String key, boolean retry) {}

  /** Work and those that wait for it. All of it is guarded by the service. */
  private static final class Shared {

    private final ImageWork work;
    private CompletableFuture<Images> images = new CompletableFuture<>();
    private WorkQueue.Place place;
    private int waiting;
    private boolean stopped;
    private boolean delivered;
    private long forgetAt = Long.MAX_VALUE;

    @SuppressWarnings("NullAway.Init") // the place is set by the first start
    Shared(ImageWork work) {
      this.work = work;
    }

    private boolean isDone() {
      return images.isDone();
    }
  }

  /**
   * Waits for the images of a request.
   *
   * @param gone whether the client has gone away meanwhile
   * @throws QueueFullException if no place is free
   * @throws ClientGoneException if the client has gone away
   * @throws io.github.probeselect.error.ProbeSelectException if the generation failed
   */
  public Images generate(ImageRequest request, Identity identity, BooleanSupplier gone) {
    Shared shared = join(request, identity);
    CompletableFuture<Images> images = shared.images;
    try {
      while (true) {
        try {
          Images finished = images.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
          if (gone.getAsBoolean()) {
            throw new ClientGoneException();
          }
          synchronized (this) {
            shared.delivered = true;
          }
          return finished;
        } catch (TimeoutException e) {
          if (gone.getAsBoolean()) {
            throw new ClientGoneException();
          }
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new CompletionException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientGoneException();
    } finally {
      leave(shared);
    }
  }

  private synchronized Shared join(ImageRequest request, Identity identity) {
    forget();
    Shared shared = known.get(identity.key);
    boolean repeatedOnPurpose =
        shared != null
            && shared.isDone()
            && shared.delivered
            && request.seed().isEmpty()
            && !identity.retry;
    if (shared == null || repeatedOnPurpose) {
      shared = new Shared(new ImageWork(pipeline, request));
      start(shared);
      known.put(identity.key, shared);
    } else if (shared.stopped) {
      shared.work.again();
      shared.images = new CompletableFuture<>();
      start(shared);
      shared.stopped = false;
    }
    shared.forgetAt = Long.MAX_VALUE;
    shared.waiting++;
    return shared;
  }

  private void start(Shared shared) {
    CompletableFuture<Images> images = shared.images;
    shared.place =
        queue.submit(
            () -> {
              try {
                images.complete(shared.work.run());
              } catch (Throwable failure) {
                images.completeExceptionally(failure);
              }
            });
  }

  private synchronized void leave(Shared shared) {
    shared.waiting--;
    if (shared.waiting > 0) {
      return;
    }
    if (!shared.isDone()) {
      shared.stopped = true;
      shared.place.leave();
      shared.work.stop();
    } else if (shared.images.isCompletedExceptionally() || shared.work.isInterrupted()) {
      known.values().remove(shared);
    }
    shared.forgetAt = System.nanoTime() + remembered.toNanos();
    forget();
  }

  /** Forgets what is too old, and the oldest if it is too much; never what somebody waits for. */
  private void forget() {
    long now = System.nanoTime();
    known
        .values()
        .removeIf(shared -> shared.forgetAt != Long.MAX_VALUE && shared.forgetAt - now < 0);
    List<Shared> idle = new ArrayList<>();
    known.values().stream().filter(shared -> shared.waiting == 0).forEach(idle::add);
    long bytes = idle.stream().mapToLong(ImageService::bytes).sum();
    Iterator<Shared> oldest = idle.iterator();
    for (int count = idle.size(); count > MOST_REMEMBERED || bytes > MOST_BYTES; count--) {
      Shared next = oldest.next();
      bytes -= bytes(next);
      known.values().remove(next);
    }
  }

  private static long bytes(Shared shared) {
    boolean there = shared.isDone() && !shared.images.isCompletedExceptionally();
    return there ? shared.images.join().bytes() : 0;
  }

  /** The work of an API that has begun last among what is computed now. */
  public synchronized Optional<Current> current(String api) {
    List<Shared> now = computing(api);
    return now.isEmpty()
        ? Optional.empty()
        : Optional.of(new Current(now.get(now.size() - 1).work));
  }

  /** Stops the work of an API that is computed now; its clients get previews of what is there. */
  public synchronized void interrupt(String api) {
    computing(api).forEach(shared -> shared.work.interrupt());
  }

  private List<Shared> computing(String api) {
    return known.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(api))
        .map(Map.Entry::getValue)
        .filter(shared -> shared.waiting > 0 && !shared.isDone())
        .filter(shared -> shared.work.progress().isPresent())
        .toList();
  }

  /** Work that is computed now. */
  public static final class Current {

    private final ImageWork work;

    private Current(ImageWork work) {
      this.work = work;
    }

    /** The share of the denoiser evaluations done, from 0 to 1. */
    public double fraction() {
      return work.progress()
          .map(
              now ->
                  Math.min(1.0, (double) now.evaluations() / Math.max(1, now.evaluationsPlanned())))
          .orElse(0.0);
    }

    /** How many seconds the rest takes if it goes on as it has begun. */
    public double secondsLeft() {
      double done = fraction();
      return done == 0 ? 0 : work.seconds() * (1 - done) / done;
    }

    /** Whether it is being interrupted. */
    public boolean isInterrupted() {
      return work.isInterrupted();
    }

    /** The current denoising step. */
    public int step() {
      return work.progress().map(now -> now.step()).orElse(0);
    }

    /** All denoising steps. */
    public int steps() {
      return work.request().steps();
    }
  }
}
