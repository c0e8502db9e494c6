package io.github.probeselect;

import io.github.probeselect.error.GenerationCancelledException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A generation that runs on another thread or is queued for it. Thread-safe.
 *
 * <pre>{@code
 * Generation generation = pipeline.request("a red circle").candidates(16).keep(4).start();
 * generation.future().thenAccept(result -> System.out.println(result.evaluations().share()));
 * generation.cancel(); // no longer needed
 * }</pre>
 *
 * <p>A callback of a generation (listener, observer, signal, policy, forecast, metric) must not
 * wait for its own generation, nor for one whose callback waits for it: {@link #join}, the future
 * and futures derived from it then throw {@link
 * io.github.probeselect.error.InvalidRequestException} at once. A deadlock through something else,
 * such as a latch or another future, is not detected. A callback may start other generations and
 * wait for them.
 */
public final class Generation {

  private final Cancellation cancellation;
  private final Supplier<GenerationResult> work;
  private final Consumer<RuntimeException> abandoned;
  private final CompletableFuture<GenerationResult> future = new GenerationFuture<>(this);
  private final CompletableFuture<Boolean> turn = new CompletableFuture<>();

  /**
   * A generation that is to run.
   *
   * @param work what it does
   * @param abandoned is told why, if the generation ends before it begins
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage only passes a cancellation on
  Generation(
      Cancellation cancellation,
      Supplier<GenerationResult> work,
      Consumer<RuntimeException> abandoned) {
    this.cancellation = cancellation;
    this.work = work;
    this.abandoned = abandoned;
    future.whenComplete(
        (result, failure) -> {
          if (future.isCancelled()) {
            cancel();
          }
        });
  }

  Cancellation cancellation() {
    return cancellation;
  }

  /** The thread on which it runs; {@code null} before and after. */
  @Nullable Thread thread() {
    return cancellation.thread();
  }

  /**
   * Completes when the generation leaves the queue: {@code true} if it begins, {@code false} if it
   * is abandoned.
   */
  CompletableFuture<Boolean> turn() {
    return turn;
  }

  /** Runs it on the current thread, unless it has begun or was abandoned. */
  void run() {
    if (turn.complete(true)) {
      try {
        future.complete(work.get());
      } catch (Throwable failure) {
        future.completeExceptionally(failure);
      }
    }
  }

  /** Fails the generation at once if it is still queued. */
  void giveUp(RuntimeException why) {
    if (turn.complete(false)) {
      // Whoever has the result finds the listeners told, as after a generation that ran. Meanwhile
      // it counts as running here: a listener that waits for it is refused.
      cancellation.begin();
      try {
        abandoned.accept(why);
      } finally {
        cancellation.end();
        future.completeExceptionally(why);
      }
    }
  }

  /**
   * The future of the result. It fails with the exception that {@link GenerationRequest#generate}
   * would throw. Cancelling it cancels the generation. Dependent stages run on the thread that ran,
   * or cancelled, the generation.
   */
  public CompletableFuture<GenerationResult> future() {
    return future;
  }

  /**
   * Stops the generation before its next denoiser call; the future then fails with {@link
   * GenerationCancelledException}, at once if the generation is still queued. Has no effect once it
   * is done.
   */
  public void cancel() {
    cancel("the generation was cancelled");
  }

  void cancel(String why) {
    cancellation.cancel(why);
    giveUp(new GenerationCancelledException(why));
  }

  /**
   * WaitGraph for the result.
   *
   * @throws GenerationCancelledException if it was cancelled
   * @throws io.github.probeselect.error.InvalidRequestException if the generation waits for the
   *     callback that calls this
   * @throws io.github.probeselect.error.ProbeSelectException if it failed
   */
  public GenerationResult join() {
    try {
      return future.join();
    } catch (CancellationException e) {
      throw new GenerationCancelledException("the generation was cancelled", e);
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
