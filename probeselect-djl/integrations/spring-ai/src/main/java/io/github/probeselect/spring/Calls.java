package io.github.probeselect.spring;

import io.github.probeselect.Generation;
import io.github.probeselect.error.BackendException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Counts the calls of a model, and refuses new ones while it is stopped. Thread-safe. */
final class Calls {

  private final List<Runnable> awaiting = new ArrayList<>();
  private final Set<Generation> generations = new HashSet<>();
  private int running;
  private long succeeded;
  private long failed;
  private Optional<Instant> lastSuccess = Optional.empty();
  private Optional<Activity.Failure> lastFailure = Optional.empty();
  private boolean stopped;

  /**
   * A call begins.
   *
   * @throws BackendException if the model is stopped
   */
  synchronized void begin() {
    if (stopped) {
      throw new BackendException(
          "the image model is stopped, as its application context is; call it before that, or send"
              + " the request to another instance");
    }
    running++;
  }

  /** The generation of a call is started. */
  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage only counts
  void started(Generation generation) {
    synchronized (this) {
      generations.add(generation);
    }
    generation.future().whenComplete((result, failure) -> forget(generation));
  }

  private synchronized void forget(Generation generation) {
    generations.remove(generation);
  }

  synchronized void succeeded() {
    succeeded++;
    lastSuccess = Optional.of(Instant.now());
  }

  synchronized void failed(Throwable exception) {
    failed++;
    lastFailure = Optional.of(new Activity.Failure(Instant.now(), exception));
  }

  /** A call has ended, and no generation of it runs any more. */
  void end() {
    List<Runnable> idle = List.of();
    synchronized (this) {
      running--;
      if (running == 0) {
        idle = List.copyOf(awaiting);
        awaiting.clear();
        notifyAll();
      }
    }
    idle.forEach(Runnable::run);
  }

  synchronized void start() {
    stopped = false;
  }

  /**
   * Refuses new calls.
   *
   * @param whenIdle runs once none is under way any more
   */
  void stop(Runnable whenIdle) {
    synchronized (this) {
      stopped = true;
      if (running > 0) {
        awaiting.add(whenIdle);
        return;
      }
    }
    whenIdle.run();
  }

  /**
   * Refuses new calls, cancels those under way and waits until they have ended.
   *
   * @param patience how long it waits
   */
  void cancel(Duration patience) {
    List<Generation> underWay;
    synchronized (this) {
      stopped = true;
      underWay = List.copyOf(generations);
    }
    underWay.forEach(Generation::cancel);
    try {
      awaitIdle(Instant.now().plus(patience));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void awaitIdle(Instant until) throws InterruptedException {
    for (long left = left(until); running > 0 && left > 0; left = left(until)) {
      wait(left);
    }
  }

  private static long left(Instant until) {
    return Duration.between(Instant.now(), until).toMillis();
  }

  synchronized boolean isStopped() {
    return stopped;
  }

  synchronized Activity activity() {
    return new Activity(running, succeeded, failed, lastSuccess, lastFailure, stopped);
  }
}
