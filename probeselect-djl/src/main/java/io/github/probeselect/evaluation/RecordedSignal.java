package io.github.probeselect.evaluation;

import io.github.probeselect.dataset.RecordedPrompt;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Score;
import io.github.probeselect.model.Signal;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** A signal on recorded candidates. */
public interface RecordedSignal {

  /** The name of the signal in reports. */
  String name();

  /**
   * Its scores of every candidate.
   *
   * @param observation the index of the dataset's observation
   * @return one score per candidate, higher is better; NaN ranks last
   */
  List<Score> scores(RecordedPrompt prompt, int observation);

  /** The scores that a signal gives for the recorded observations. */
  static RecordedSignal replay(Signal signal) {
    return ofScores(
        signal.name(), (prompt, observation) -> signal.scores(prompt.observation(observation)));
  }

  /** The recorded scores of a metric for the decoded x0 prediction; the dataset must have it. */
  static RecordedSignal preview(String metric) {
    return of(
        PreviewProbe.name(metric),
        (prompt, observation) -> each(prompt, j -> prompt.previewScore(j, observation, metric)));
  }

  /** The recorded guidance gap. */
  static RecordedSignal guidanceGap() {
    return of(
        Signal.GUIDANCE_GAP,
        (prompt, observation) -> each(prompt, j -> prompt.guidanceGap(j, observation)));
  }

  /**
   * The prompt-only predictor: the mean of the finished images' metric, the same for all candidates
   * of a prompt. It cannot select, and shows how high the rank correlation over all pairs of prompt
   * and seed is without any information about the seed.
   */
  static RecordedSignal promptOnly(String metric) {
    return of(
        "prompt only",
        (prompt, observation) -> {
          double mean =
              Arrays.stream(each(prompt, j -> prompt.score(j, metric))).average().orElseThrow();
          return each(prompt, j -> mean);
        });
  }

  /** Random values, which depend on the given seed and the candidate's seed alone. */
  static RecordedSignal random(long seed) {
    return of(
        "random",
        (prompt, observation) ->
            each(prompt, j -> new SplittableRandom(seed ^ prompt.seed(j)).nextDouble()));
  }

  private static double[] each(RecordedPrompt prompt, IntToDoubleFunction value) {
    return IntStream.range(0, prompt.candidates()).mapToDouble(value).toArray();
  }

  /** A signal of the given name whose scores have unknown deviations. */
  static RecordedSignal of(String name, Scoring scoring) {
    return ofScores(
        name,
        (prompt, observation) ->
            Arrays.stream(scoring.scores(prompt, observation))
                .mapToObj(score -> new Score(score, Double.NaN))
                .toList());
  }

  /** A signal of the given name. */
  static RecordedSignal ofScores(String name, ScoreFunction function) {
    return new RecordedSignal() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public List<Score> scores(RecordedPrompt prompt, int observation) {
        return function.scores(prompt, observation);
      }
    };
  }

  /** The scores of a signal for every candidate of a prompt. */
  @FunctionalInterface
  interface Scoring {
    /** Returns one value per candidate, higher is better. */
    double[] scores(RecordedPrompt prompt, int observation);
  }

  /** The scores of a signal for every candidate of a prompt, with their deviations. */
  @FunctionalInterface
  interface ScoreFunction {
    /** Returns one score per candidate, higher is better. */
    List<Score> scores(RecordedPrompt prompt, int observation);
  }
}
