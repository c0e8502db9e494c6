package io.github.probeselect.djl.training;

import ai.djl.ndarray.NDManager;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.djl.DeviceWorker;
import io.github.probeselect.djl.network.NetworkProbeFile;
import io.github.probeselect.djl.network.ProbeFile;
import io.github.probeselect.djl.network.ProbeWeights;
import io.github.probeselect.evaluation.PromptGroup;
import io.github.probeselect.evaluation.SelectionReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A trained probe, ready to be written. Holds native memory until closed. */
public final class TrainedProbe implements AutoCloseable {

  private final ProbeWeights weights;
  private final Map<String, List<Double>> deviationFactors;
  private final TrainingData training;
  private final ImageScorer scorer;
  private final double validationSpearman;
  private final NDManager manager;
  private final DeviceWorker worker;

  TrainedProbe(
      ProbeWeights weights,
      Map<String, List<Double>> deviationFactors,
      TrainingData training,
      ImageScorer scorer,
      double validationSpearman,
      NDManager manager,
      DeviceWorker worker) {
    this.weights = weights;
    this.deviationFactors = deviationFactors;
    this.training = training;
    this.scorer = scorer;
    this.validationSpearman = validationSpearman;
    this.manager = manager;
    this.worker = worker;
  }

  /** The within-prompt Spearman on the validation prompts, by which these weights were chosen. */
  public double validationSpearman() {
    return validationSpearman;
  }

  /**
   * Scores the candidates of other prompts for the first metric.
   *
   * @param data recorded with the same model and loaded with the same shape; prompt i is used at
   *     fraction {@code i % fractions}
   * @return for each prompt one standardised score per candidate
   */
  public List<double[]> scores(TrainingData data) {
    return worker.call(
        () -> {
          try (NDManager local = manager.newSubManager()) {
            return new Validation(data, scorer, training.scales())
                .score(weights, 0, local).stream().map(Validation.Scored::scores).toList();
          }
        });
  }

  /**
   * Reports how well it selects among the candidates of other prompts, by the first metric.
   *
   * @param data as for {@link #scores}
   * @param keep how many candidates of each prompt are kept
   * @param seed the seed of the bootstrap over prompts
   */
  public SelectionReport selection(TrainingData data, int keep, long seed) {
    List<double[]> scores = scores(data);
    List<PromptGroup> groups =
        IntStream.range(0, scores.size())
            .mapToObj(i -> new PromptGroup(data.prompt(i), scores.get(i), data.scores(i, 0)))
            .toList();
    return SelectionReport.of(groups, keep, seed);
  }

  /**
   * Writes {@code probe.json} and {@code probe.safetensors}.
   *
   * @param bundle the bundle it is for
   * @param provenance training data and settings
   * @return the path of the JSON file
   * @throws IOException if a file cannot be written
   */
  public Path write(Path directory, BundleManifest bundle, Map<String, Object> provenance)
      throws IOException {
    NetworkProbeFile description =
        new NetworkProbeFile(
            ProbeFile.FORMAT_VERSION,
            bundle.denoiserHash(),
            training.fractions(),
            bundle.promptEmbedding(),
            training.shape(),
            training.scales(),
            deviationFactors,
            "",
            "",
            provenance);
    return worker.call(() -> NetworkProbeFile.write(directory, description, weights));
  }

  @Override
  public void close() {
    worker.run(manager::close);
  }
}
