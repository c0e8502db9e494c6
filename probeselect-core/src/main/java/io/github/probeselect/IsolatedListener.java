package io.github.probeselect;

import io.github.probeselect.error.GenerationCancelledException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of a generation as one. An exception of one is logged, and neither ends the
 * generation nor keeps the event from the others; only a {@link GenerationCancelledException}
 * cancels. Of the events that end a generation only the first is passed on.
 */
final class IsolatedListener implements GenerationListener {

  private static final Logger LOG = LoggerFactory.getLogger(IsolatedListener.class);

  private final List<GenerationListener> listeners;
  private final Cancellation cancellation;
  private final AtomicBoolean ended = new AtomicBoolean();

  IsolatedListener(List<GenerationListener> listeners, Cancellation cancellation) {
    this.listeners = listeners;
    this.cancellation = cancellation;
  }

  @Override
  public void onStart(Start start) {
    each(listener -> listener.onStart(start));
  }

  @Override
  public void onProgress(Progress progress) {
    each(listener -> listener.onProgress(progress));
  }

  @Override
  public void onPreview(Preview preview) {
    each(listener -> listener.onPreview(preview));
  }

  @Override
  public void onDecision(List<Candidate> candidates) {
    each(listener -> listener.onDecision(candidates));
  }

  @Override
  public void onFinished(KeptImage image) {
    each(listener -> listener.onFinished(image));
  }

  @Override
  public void onImage(KeptImage image) {
    each(listener -> listener.onImage(image));
  }

  @Override
  public void onResult(GenerationResult result) {
    if (ended.compareAndSet(false, true)) {
      each(listener -> listener.onResult(result));
    }
  }

  @Override
  public void onFailure(Throwable failure) {
    if (ended.compareAndSet(false, true)) {
      each(listener -> listener.onFailure(failure));
    }
  }

  private void each(Consumer<GenerationListener> event) {
    for (GenerationListener listener : listeners) {
      try {
        cancellation.callback(() -> event.accept(listener));
      } catch (GenerationCancelledException e) {
        cancellation.cancel("a listener cancelled the generation: " + e.getMessage());
      } catch (RuntimeException e) {
        LOG.warn("a generation listener failed; the generation goes on", e);
      }
    }
  }
}
