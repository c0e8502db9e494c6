package io.github.probeselect.examples;

import io.github.probeselect.Candidate;
import io.github.probeselect.DecisionPoint;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.evaluation.PromptGroup;
import io.github.probeselect.model.Probe;
import io.github.probeselect.model.QualityMetric;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * For every candidate of every prompt, what each signal said at the decision point and what each
 * metric said at the end.
 */
final class CandidateRecords {

  static final List<String> SIGNALS = List.of("probe", "decoded preview", "guidance gap", "random");

  private final Pipeline pipeline;
  private final Probe probe;
  private final QualityMetric reward;
  private final QualityMetric check;
  private final List<String> prompts = new ArrayList<>();
  private final Map<String, List<double[]>> columns = new HashMap<>();
  private final Random random = new Random(0);

  CandidateRecords(Pipeline pipeline, Probe probe, QualityMetric reward, QualityMetric check) {
    this.pipeline = pipeline;
    this.probe = probe;
    this.reward = reward;
    this.check = check;
  }

  /** Finishes {@code n} candidates of a prompt and records them. */
  void add(String prompt, int n, long firstSeed, DecisionPoint decisionPoint) {
    Map<Long, Double> scores = new HashMap<>();
    GenerationResult result =
        pipeline
            .request(prompt)
            .candidates(n, firstSeed)
            .keep(n)
            .decideAt(decisionPoint)
            .previews(true)
            .observer(
                observation -> {
                  double[] values = probe.score(observation);
                  for (int row = 0; row < values.length; row++) {
                    scores.put(observation.seeds().get(row), values[row]);
                  }
                })
            .generate();
    prompts.add(prompt);
    List<Candidate> candidates = result.candidates();
    List<KeptImage> images = result.images();
    record("probe", n, i -> scores.getOrDefault(candidates.get(i).seed(), Double.NaN));
    record(
        "decoded preview", n, i -> reward.score(candidates.get(i).preview().orElseThrow(), prompt));
    record("guidance gap", n, i -> candidates.get(i).guidanceGap());
    record("random", n, i -> random.nextDouble());
    record(reward.name(), n, i -> reward.score(images.get(i).image(), prompt));
    record(check.name(), n, i -> check.score(images.get(i).image(), prompt));
  }

  private void record(String column, int n, java.util.function.IntToDoubleFunction value) {
    columns
        .computeIfAbsent(column, unused -> new ArrayList<>())
        .add(java.util.stream.IntStream.range(0, n).mapToDouble(value).toArray());
  }

  int prompts() {
    return prompts.size();
  }

  double[][] values(String column) {
    return columns.getOrDefault(column, List.of()).toArray(new double[0][]);
  }

  List<PromptGroup> groups(String signal, String metric) {
    double[][] signals = values(signal);
    double[][] metrics = values(metric);
    List<PromptGroup> groups = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      groups.add(new PromptGroup(prompts.get(i), signals[i], metrics[i]));
    }
    return groups;
  }
}
