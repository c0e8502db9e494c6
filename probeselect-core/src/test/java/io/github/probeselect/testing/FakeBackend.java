package io.github.probeselect.testing;

import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.MetricDirectory;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.LearnedMetric;

/**
 * Loads any valid bundle as a {@link FakeModel}, and any valid metric directory as one that looks
 * at the redness of the first pixel, whatever their modules hold.
 */
public final class FakeBackend implements Backend {

  /** Creates the backend, as {@link java.util.ServiceLoader} does. */
  public FakeBackend() {}

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public DiffusionModel open(Bundle bundle) {
    return new FakeModel(bundle.manifest());
  }

  @Override
  public LearnedMetric openMetric(MetricDirectory directory) {
    return new LearnedMetric() {
      @Override
      public String name() {
        return directory.manifest().name();
      }

      @Override
      public String version() {
        return directory.manifest().hash();
      }

      @Override
      public double score(RgbImage image, String prompt) {
        return image.red(0, 0) / 255.0;
      }

      @Override
      public void close() {}
    };
  }
}
