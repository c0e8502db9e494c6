package io.github.probeselect.djl.training;

import ai.djl.ndarray.NDManager;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.network.ProbeFile;
import io.github.probeselect.djl.network.ProbeFile.Scale;
import io.github.probeselect.djl.network.ProbeWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A trained probe, ready to be written. Holds native memory until closed. */
public final class TrainedProbe implements AutoCloseable {

  private final ProbeWeights weights;
  private final TrainingData training;
  private final Map<String, Scale> scales;
  private final double validationSpearman;
  private final NDManager manager;
  private final DeviceWorker worker;

  TrainedProbe(
      ProbeWeights weights,
      TrainingData training,
      Map<String, Scale> scales,
      double validationSpearman,
      NDManager manager,
      DeviceWorker worker) {
    this.weights = weights;
    this.training = training;
    this.scales = scales;
    this.validationSpearman = validationSpearman;
    this.manager = manager;
    this.worker = worker;
  }

  /** The within-prompt Spearman on the validation prompts, by which these weights were chosen. */
  public double validationSpearman() {
    return validationSpearman;
  }

  /**
   * Writes {@code probe.json} and {@code probe.safetensors}.
   *
   * @param bundle the bundle it is for
   * @param provenance what it was trained on and with
   * @return the path of the JSON file
   * @throws IOException if a file cannot be written
   */
  public Path write(Path directory, BundleManifest bundle, Map<String, Object> provenance)
      throws IOException {
    ProbeFile description =
        new ProbeFile(
            ProbeFile.FORMAT_VERSION,
            bundle.denoiserHash(),
            training.fractions(),
            bundle.promptEmbedding(),
            training.shape(),
            scales,
            "",
            "",
            provenance);
    return worker.call(() -> ProbeFile.write(directory, description, weights));
  }

  @Override
  public void close() {
    worker.run(manager::close);
  }
}
