package io.github.probeselect.server.work;

import io.github.probeselect.server.ServerProperties;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.stereotype.Component;

/** Runs as many requests at a time as there are workers, keeps some waiting, refuses the others. */
@Component
public final class WorkQueue {

  private final int workers;
  private final int places;
  private final AtomicInteger here = new AtomicInteger();
  private final Pace pace;
  private final ThreadPoolExecutor threads;

  WorkQueue(ServerProperties properties) {
    workers = properties.workers();
    places = workers + properties.waiting();
    pace = new Pace(workers);
    AtomicInteger numbers = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            workers,
            workers,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> new Thread(work, "generation-" + numbers.incrementAndGet()));
  }

  /** A place in the queue. */
  public final class Place {

    private final FutureTask<Void> task;
    private boolean free;

    private Place(Runnable work) {
      task = new FutureTask<>(() -> run(work), null);
    }

    private void run(Runnable work) {
      long begun = System.nanoTime();
      try {
        work.run();
      } finally {
        synchronized (pace) {
          pace.took(Duration.ofNanos(System.nanoTime() - begun));
        }
        free();
      }
    }

    /** Gives the place up if its turn has not come; returns whether it was so. */
    public boolean leave() {
      if (threads.remove(task)) {
        free();
        return true;
      }
      return false;
    }

    private synchronized void free() {
      if (!free) {
        free = true;
        here.decrementAndGet();
      }
    }
  }

  /**
   * Gives work a place. It must not throw.
   *
   * @throws QueueFullException if no place is free
   */
  public Place submit(Runnable work) {
    if (here.incrementAndGet() > places) {
      int others = here.decrementAndGet();
      long seconds;
      synchronized (pace) {
        seconds = pace.retryAfter(System.nanoTime() * 1e-9, others);
      }
      throw new QueueFullException(waiting(), seconds);
    }
    Place place = new Place(work);
    try {
      threads.execute(place.task);
    } catch (RejectedExecutionException e) {
      place.free();
      throw new io.github.probeselect.error.GenerationCancelledException("the server stops", e);
    }
    return place;
  }

  /** How many requests wait for their turn. */
  public int waiting() {
    return threads.getQueue().size();
  }

  /** How many requests are computed now. */
  public int running() {
    return Math.max(0, here.get() - waiting());
  }

  /** How many may be computed and wait together. */
  public int places() {
    return places;
  }

  @PreDestroy
  void close() throws InterruptedException {
    threads.shutdown();
    if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
      threads.shutdownNow();
    }
  }
}
