package io.github.probeselect;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The future of a generation, or one derived from it. A callback that waits for it either has it
 * carried out on its own thread, if it has not had its turn, or is refused, if the generation waits
 * for the callback.
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
    Waits.Wait wait = begin();
    try {
      return super.join();
    } finally {
      wait.end();
    }
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    Waits.Wait wait = begin();
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
      Waits.refuseCircle(generation::thread, REFUSAL);
    }
    return super.get(timeout, unit);
  }

  private Waits.Wait begin() {
    if (!isDone() && Waits.worksHere() && !Thread.currentThread().isInterrupted()) {
      generation.run();
    }
    return isDone() ? () -> {} : Waits.begin(generation::thread, REFUSAL);
  }
}
