package io.github.probeselect;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs exceptions of a listener so that they do not end the generation. */
final class IsolatedListener implements GenerationListener {

  private static final Logger LOG = LoggerFactory.getLogger(IsolatedListener.class);

  private final GenerationListener listener;
  private final Cancellation cancellation;

  IsolatedListener(GenerationListener listener, Cancellation cancellation) {
    this.listener = listener;
    this.cancellation = cancellation;
  }

  @Override
  public void onProgress(Progress progress) {
    quietly(() -> listener.onProgress(progress));
  }

  @Override
  public void onDecision(List<Candidate> candidates) {
    quietly(() -> listener.onDecision(candidates));
  }

  @Override
  public void onImage(KeptImage image) {
    quietly(() -> listener.onImage(image));
  }

  private void quietly(Runnable call) {
    try {
      cancellation.callback(call);
    } catch (RuntimeException e) {
      LOG.warn("a generation listener failed; the generation goes on", e);
    }
  }
}
