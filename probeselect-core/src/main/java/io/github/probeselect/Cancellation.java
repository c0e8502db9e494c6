package io.github.probeselect;

import io.github.probeselect.error.GenerationCancelledException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A wish to stop, set by any thread and obeyed by the generation before its next denoiser call. */
final class Cancellation {

  private final AtomicReference<@Nullable String> reason = new AtomicReference<>();

  void cancel(String why) {
    reason.compareAndSet(null, why);
  }

  void check() {
    String why = reason.get();
    if (why != null) {
      throw new GenerationCancelledException(why);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new GenerationCancelledException("the thread that ran the generation was interrupted");
    }
  }
}
