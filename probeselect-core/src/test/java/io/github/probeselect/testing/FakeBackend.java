package io.github.probeselect.testing;

import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.MetricDirectory;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.LearnedMetric;
import java.util.List;

/**
 * Loads any valid bundle as a {@link FakeModel}, and any valid metric directory as one that looks
 * at the redness of the first pixel, whatever their modules hold.
 */
public class FakeBackend implements Backend {

  private final List<Device> devices;

  /** Creates the backend of a machine without a GPU, as {@link java.util.ServiceLoader} does. */
  public FakeBackend() {
    this(Device.CPU);
  }

  /** Creates the backend of a machine with these devices. */
  public FakeBackend(Device... devices) {
    this.devices = List.of(devices);
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public List<Device> devices() {
    return devices;
  }

  @Override
  public DiffusionModel open(Bundle bundle, Device device) {
    return new FakeModel(bundle.manifest(), device);
  }

  @Override
  public LearnedMetric openMetric(MetricDirectory directory, Device device) {
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
