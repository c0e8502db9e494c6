package io.github.probeselect.testing;

import io.github.probeselect.Candidate;
import io.github.probeselect.GenerationListener;
import io.github.probeselect.KeptImage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what a generation tells. Thread-safe. */
public final class RecordingListener implements GenerationListener {

  private final List<Progress> progress = new CopyOnWriteArrayList<>();
  private final List<List<Candidate>> decisions = new CopyOnWriteArrayList<>();
  private final List<KeptImage> images = new CopyOnWriteArrayList<>();

  @Override
  public void onProgress(Progress event) {
    progress.add(event);
  }

  @Override
  public void onDecision(List<Candidate> candidates) {
    decisions.add(candidates);
  }

  @Override
  public void onImage(KeptImage image) {
    images.add(image);
  }

  /** Every progress event so far. */
  public List<Progress> progress() {
    return List.copyOf(progress);
  }

  /** Every decision so far. */
  public List<List<Candidate>> decisions() {
    return List.copyOf(decisions);
  }

  /** Every finished image so far. */
  public List<KeptImage> images() {
    return List.copyOf(images);
  }
}
