package io.github.probeselect;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The future of a generation, or one derived from it. When a callback waits for it, a queued
 * generation runs on the callback's own thread, and a generation that waits for that callback is
 * refused.
 */
final class GenerationFuture<T> extends CompletableFuture<T> {

  private static final String REFUSAL =
      "a callback waits for the result of a generation that waits for that callback, which would"
          + " never end; let the listener, observer, signal, policy or metric return, and take the"
          + " result afterwards, for instance with future().thenAccept(...)";

  private final Generation generation;

  GenerationFuture(Generation generation) {
    this.generation = generation;
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new GenerationFuture<>(generation);
  }

  @Override
  public T join() {
    WaitGraph.Wait wait = begin();
    try {
      return super.join();
    } finally {
      wait.end();
    }
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    WaitGraph.Wait wait = begin();
    try {
      return super.get();
    } finally {
      wait.end();
    }
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (!isDone()) {
      WaitGraph.refuseCircle(generation::thread, REFUSAL);
    }
    return super.get(timeout, unit);
  }

  private WaitGraph.Wait begin() {
    if (!isDone() && WaitGraph.worksHere() && !Thread.currentThread().isInterrupted()) {
      generation.run();
    }
    return isDone() ? () -> {} : WaitGraph.begin(generation::thread, REFUSAL);
  }
}
