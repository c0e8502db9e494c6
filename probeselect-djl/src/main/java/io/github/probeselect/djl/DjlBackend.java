package io.github.probeselect.djl;

import ai.djl.Device;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.MetricDirectory;
import io.github.probeselect.bundle.VerifiedFiles;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.LearnedMetric;

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
   * <p>Every module is run once on a small input, so that a file that does not fit the manifest is
   * refused here and not during a generation. All models and metrics of a device share its {@link
   * DeviceWorker}.
   */
  @Override
  public DiffusionModel open(Bundle bundle) {
    return DjlDiffusionModel.open(
        bundle, DeviceWorker.of(device(bundle, bundle.manifest().device())));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The metric is run once on a small image, so that one that gives no finite score is refused
   * here.
   */
  @Override
  public LearnedMetric openMetric(MetricDirectory directory) {
    return DjlMetric.open(
        directory, DeviceWorker.of(device(directory, directory.manifest().device())));
  }

  private static Device device(VerifiedFiles files, String name) {
    if (name.equals("cpu") || name.equals("any")) {
      return Device.cpu();
    }
    if (!name.equals("cuda")) {
      throw files.invalid("unknown device '" + name + "'; known are any, cpu and cuda");
    }
    if (DeviceWorker.cpu().call(() -> PyTorch.engine().getGpuCount()) == 0) {
      throw new BackendException(
          files.location()
              + " was exported for CUDA, but PyTorch finds no GPU; export it for the CPU, or put a"
              + " CUDA build of PyTorch's native library on the class path");
    }
    return Device.gpu();
  }
}
