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

/** How well weights do on prompts that they were not trained on, each seen at one fraction. */
final class Validation {

  private static final int PROMPTS_TOGETHER = 4;

  private final TrainingData data;
  private final PictureJudge judge;
  private final Map<String, Scale> scales;

  /**
   * Makes one.
   *
   * @param scales what the training set's metrics are standardised by
   */
  Validation(TrainingData data, PictureJudge judge, Map<String, Scale> scales) {
    this.data = data;
    this.judge = judge;
    this.scales = scales;
  }

  /** What was predicted of one prompt's candidates, and what became of them; standardised. */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by value
  record Judged(double[] scores, double[] logVariances, double[] rewards) {}

  /** By the first metric, the mean over the prompts. */
  double withinPromptSpearman(ProbeWeights weights, NDManager manager) {
    return judge(weights, 0, manager).stream()
        .mapToDouble(judged -> Spearman.correlation(judged.scores, judged.rewards))
        .filter(correlation -> !Double.isNaN(correlation))
        .average()
        .orElse(Double.NEGATIVE_INFINITY);
  }

  /**
   * What the expected errors have to be multiplied by to be right on average, for each metric at
   * each of the fractions.
   */
  Map<String, List<Double>> deviationFactors(ProbeWeights weights, NDManager manager) {
    Map<String, List<Double>> factors = new LinkedHashMap<>();
    List<String> metrics = data.shape().metrics();
    for (int metric = 0; metric < metrics.size(); metric++) {
      List<Double> atFractions = new ArrayList<>();
      for (int time = 0; time < data.fractions().size(); time++) {
        int always = time;
        double ratio =
            judge(weights, metric, prompt -> always, manager).stream()
                .flatMapToDouble(judged -> Arrays.stream(squaredErrorsOverExpected(judged)))
                .average()
                .orElse(1);
        atFractions.add(ratio > 0 ? Math.sqrt(ratio) : 1);
      }
      factors.put(metrics.get(metric), atFractions);
    }
    return factors;
  }

  private static double[] squaredErrorsOverExpected(Judged judged) {
    double[] errors = Reliability.errors(judged.scores, judged.rewards);
    return IntStream.range(0, errors.length)
        .mapToDouble(i -> errors[i] * errors[i] * Math.exp(-judged.logVariances[i]))
        .toArray();
  }

  /** Judges every prompt by one of the metrics, each at one of the fractions in turn. */
  List<Judged> judge(ProbeWeights weights, int metric, NDManager manager) {
    return judge(weights, metric, prompt -> prompt % data.fractions().size(), manager);
  }

  private List<Judged> judge(
      ProbeWeights weights, int metric, IntUnaryOperator times, NDManager manager) {
    ProbeNetwork network = new ProbeNetwork(data.shape(), weights);
    List<Judged> all = new ArrayList<>();
    for (int from = 0; from < data.prompts(); from += PROMPTS_TOGETHER) {
      int to = Math.min(data.prompts(), from + PROMPTS_TOGETHER);
      try (NDManager local = manager.newSubManager()) {
        List<Integer> chosen = IntStream.range(from, to).boxed().toList();
        Batch batch = new Batch(data, chosen, times, scales, local);
        NDArray input = network.input(batch.grid);
        NDArray tokens = network.tokens(batch.prompts).get(batch.promptOf);
        NDArray cells = network.cells(input, batch.fraction, tokens);
        ProbeNetwork.Judgement judged = judge.judge(network, metric, batch, input, cells, local);
        float[] scores = judged.score().toFloatArray();
        float[] logVariances = judged.logVariance().toFloatArray();
        float[] rewards = batch.scores.get(metric);
        for (int row = 0; row < batch.rows(); row += batch.seeds) {
          int end = row + batch.seeds;
          all.add(
              new Judged(
                  slice(scores, row, end),
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
