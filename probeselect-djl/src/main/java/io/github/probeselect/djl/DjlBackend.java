package io.github.probeselect.djl;

import ai.djl.Device;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.DiffusionModel;

/**
 * Loads bundles into DJL's PyTorch engine. The engine itself is loaded with the first bundle;
 * nothing is ever fetched from the internet unless the system property {@code ai.djl.offline} is
 * set to {@code false}.
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
   * refused here and not in the middle of a generation. What is opened shares the {@link
   * DeviceWorker} of its device with all others.
   */
  @Override
  public DiffusionModel open(Bundle bundle) {
    return DjlDiffusionModel.open(bundle, DeviceWorker.of(device(bundle)));
  }

  private static Device device(Bundle bundle) {
    String name = bundle.manifest().device();
    if (name.equals("cpu")) {
      return Device.cpu();
    }
    if (!name.equals("cuda")) {
      throw new InvalidBundleException(
          "bundle "
              + bundle.location()
              + ": manifest.json: unknown device '"
              + name
              + "'; known are cpu and cuda");
    }
    if (DeviceWorker.cpu().call(() -> PyTorch.engine().getGpuCount()) == 0) {
      throw new BackendException(
          "bundle "
              + bundle.location()
              + " was exported for CUDA, but PyTorch finds no GPU; export it for the CPU, or put a"
              + " CUDA build of PyTorch's native library on the class path");
    }
    return Device.gpu();
  }
}
