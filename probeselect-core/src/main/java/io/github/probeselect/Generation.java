package io.github.probeselect;

import io.github.probeselect.error.GenerationCancelledException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A generation that runs on another thread. Thread-safe.
 *
 * <pre>{@code
 * Generation generation = pipeline.request("a red circle").candidates(16).keep(4).start();
 * generation.future().thenAccept(result -> System.out.println(result.evaluations().share()));
 * generation.cancel(); // on second thoughts
 * }</pre>
 */
public final class Generation {

  private final CompletableFuture<GenerationResult> future = new CompletableFuture<>();
  private final Cancellation cancellation;

  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage only passes a cancellation on
  Generation(Cancellation cancellation) {
    this.cancellation = cancellation;
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

  void complete(GenerationResult result) {
    future.complete(result);
  }

  void fail(Throwable failure) {
    future.completeExceptionally(failure);
  }

  /**
   * The result to come. It fails with the exception that {@link GenerationRequest#generate} would
   * throw. Cancelling it cancels the generation.
   */
  public CompletableFuture<GenerationResult> future() {
    return future;
  }

  /**
   * Asks the generation to stop before its next denoiser call; the future then fails with {@link
   * GenerationCancelledException}. Without effect once it is done.
   */
  public void cancel() {
    cancellation.cancel("the generation was cancelled");
  }

  /**
   * Waits for the result.
   *
   * @throws GenerationCancelledException if it was cancelled
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
