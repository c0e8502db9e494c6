package io.github.probeselect.djl;

import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.MetricDirectory;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.LearnedMetric;
import java.util.List;

/**
 * Loads bundles and metrics into DJL's PyTorch engine. The engine itself is loaded with the first
 * of them; nothing is downloaded unless the system property {@code ai.djl.offline} is set to {@code
 * false}.
 *
 * <p>Thread-safe.
 */
public final class DjlBackend implements Backend {

  /** Creates the backend; nothing native is touched yet. */
  public DjlBackend() {}

  @Override
  public String name() {
    return "DJL PyTorch";
  }

  /**
   * {@inheritDoc}
   *
   * <p>The first call loads PyTorch.
   */
  @Override
  public List<Device> devices() {
    return DeviceWorker.cpu().call(PyTorch::devices);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Every module is run once on a small input, so that a file that does not fit the manifest is
   * refused here and not during a generation. All models and metrics of a device share its {@link
   * DeviceWorker}.
   */
  @Override
  public DiffusionModel open(Bundle bundle, Device device) {
    return DjlDiffusionModel.open(bundle, device, worker(device));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The metric is run once on a small image, so that one that gives no finite score is refused
   * here.
   */
  @Override
  public LearnedMetric openMetric(MetricDirectory directory, Device device) {
    return DjlMetric.open(directory, worker(device));
  }

  private static DeviceWorker worker(Device device) {
    return DeviceWorker.of(
        switch (device.type()) {
          case CPU -> ai.djl.Device.cpu();
          case CUDA -> ai.djl.Device.gpu(device.index());
          case MPS -> PyTorch.MPS;
        });
  }
}
