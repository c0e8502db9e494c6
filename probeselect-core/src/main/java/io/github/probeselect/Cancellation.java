package io.github.probeselect;

import io.github.probeselect.error.DeadlineExceededException;
import io.github.probeselect.error.GenerationCancelledException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A wish to stop, set by any thread, or a deadline; obeyed by the generation before its next
 * denoiser call.
 */
final class Cancellation {

  private final AtomicReference<@Nullable String> reason = new AtomicReference<>();

  private final Optional<Instant> deadline;

  Cancellation(Optional<Instant> deadline) {
    this.deadline = deadline;
  }

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
    if (deadline.isPresent() && !Instant.now().isBefore(deadline.get())) {
      throw new DeadlineExceededException(
          "the deadline, "
              + deadline.get()
              + ", came before the generation was done; ask for less, give it longer, or keep what"
              + " it has reached in a session");
    }
  }
}
