package io.github.probeselect.djl.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.probeselect.djl.network.ProbeFile.Scale;
import io.github.probeselect.djl.network.ProbeNetwork;
import io.github.probeselect.djl.network.ProbeWeights;
import io.github.probeselect.evaluation.Reliability;
import io.github.probeselect.evaluation.Spearman;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Validates weights on prompts that they were not trained on, each at one fraction. */
final class Validation {

  private static final int PROMPTS_TOGETHER = 4;

  private final TrainingData data;
  private final ImageScorer scorer;
  private final Map<String, Scale> scales;

  /**
   * Creates a validation.
   *
   * @param scales the scales that standardise the metrics, from the training set
   */
  Validation(TrainingData data, ImageScorer scorer, Map<String, Scale> scales) {
    this.data = data;
    this.scorer = scorer;
    this.scales = scales;
  }

  /** Predicted scores and true rewards of one prompt's candidates; standardised. */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  record Scored(double[] scores, double[] logVariances, double[] rewards) {}

  /** The mean over the prompts, for the first metric. */
  double withinPromptSpearman(ProbeWeights weights, NDManager manager) {
    return score(weights, 0, manager).stream()
        .mapToDouble(scored -> Spearman.correlation(scored.scores, scored.rewards))
        .filter(correlation -> !Double.isNaN(correlation))
        .average()
        .orElse(Double.NEGATIVE_INFINITY);
  }

  /**
   * The factors by which the expected errors match the actual errors on average, for each metric at
   * each fraction.
   */
  Map<String, List<Double>> deviationFactors(ProbeWeights weights, NDManager manager) {
    Map<String, List<Double>> factors = new LinkedHashMap<>();
    List<String> metrics = data.shape().metrics();
    for (int metric = 0; metric < metrics.size(); metric++) {
      List<Double> atFractions = new ArrayList<>();
      for (int time = 0; time < data.fractions().size(); time++) {
        int always = time;
        double ratio =
            score(weights, metric, prompt -> always, manager).stream()
                .flatMapToDouble(scored -> Arrays.stream(squaredErrorsOverExpected(scored)))
                .average()
                .orElse(1);
        atFractions.add(ratio > 0 ? Math.sqrt(ratio) : 1);
      }
      factors.put(metrics.get(metric), atFractions);
    }
    return factors;
  }

  private static double[] squaredErrorsOverExpected(Scored scored) {
    double[] errors = Reliability.errors(scored.scores, scored.rewards);
    return IntStream.range(0, errors.length)
        .mapToDouble(i -> errors[i] * errors[i] * Math.exp(-scored.logVariances[i]))
        .toArray();
  }

  /** Scores every prompt by one of the metrics, at the fractions cyclically. */
  List<Scored> score(ProbeWeights weights, int metric, NDManager manager) {
    return score(weights, metric, prompt -> prompt % data.fractions().size(), manager);
  }

  private List<Scored> score(
      ProbeWeights weights, int metric, IntUnaryOperator times, NDManager manager) {
    ProbeNetwork network = new ProbeNetwork(data.shape(), weights);
    List<Scored> all = new ArrayList<>();
    for (int from = 0; from < data.prompts(); from += PROMPTS_TOGETHER) {
      int to = Math.min(data.prompts(), from + PROMPTS_TOGETHER);
      try (NDManager local = manager.newSubManager()) {
        List<Integer> chosen = IntStream.range(from, to).boxed().toList();
        Batch batch = new Batch(data, chosen, times, scales, local);
        NDArray input = network.input(batch.grid);
        NDArray tokens = network.tokens(batch.prompts).get(batch.promptOf);
        NDArray cells = network.cells(input, batch.fraction, tokens);
        ProbeNetwork.ScoreTensors tensors =
            scorer.score(network, metric, batch, input, cells, local);
        float[] values = tensors.score().toFloatArray();
        float[] logVariances = tensors.logVariance().toFloatArray();
        float[] rewards = batch.scores.get(metric);
        for (int row = 0; row < batch.rows(); row += batch.seeds) {
          int end = row + batch.seeds;
          all.add(
              new Scored(
                  slice(values, row, end),
                  slice(logVariances, row, end),
                  slice(rewards, row, end)));
        }
      }
    }
    return all;
  }

  private static double[] slice(float[] values, int from, int to) {
    return IntStream.range(from, to).mapToDouble(i -> values[i]).toArray();
  }
}
