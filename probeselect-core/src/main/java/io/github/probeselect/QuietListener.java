package io.github.probeselect;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what a listener throws away from the generation. */
final class QuietListener implements GenerationListener {

  private static final Logger LOG = LoggerFactory.getLogger(QuietListener.class);

  private final GenerationListener listener;

  QuietListener(GenerationListener listener) {
    this.listener = listener;
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

  private static void quietly(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      LOG.warn("a generation listener failed; the generation goes on", e);
    }
  }
}
