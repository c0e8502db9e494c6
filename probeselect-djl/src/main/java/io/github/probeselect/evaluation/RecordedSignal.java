package io.github.probeselect.evaluation;

import io.github.probeselect.dataset.RecordedPrompt;
import io.github.probeselect.model.GuidanceGap;
import io.github.probeselect.model.Judgement;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.Signal;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Something that is known of the candidates early and that they could be selected by. */
public interface RecordedSignal {

  /** What it is called in reports. */
  String name();

  /**
   * Its scores of every candidate.
   *
   * @param observation at which of the dataset's observations
   * @return one judgement per candidate, higher is better; a NaN score ranks last
   */
  List<Judgement> judge(RecordedPrompt prompt, int observation);

  /** The scores that a signal gives for the recorded observations. */
  static RecordedSignal replay(Signal signal) {
    return judging(
        signal.name(), (prompt, observation) -> signal.judge(prompt.observation(observation)));
  }

  /** The recorded scores of a metric for the decoded x0 prediction; the dataset must have it. */
  static RecordedSignal preview(String metric) {
    return of(
        PreviewProbe.name(metric),
        (prompt, observation) -> each(prompt, j -> prompt.previewScore(j, observation, metric)));
  }

  /** How far the prompt pulls: the squared difference that classifier-free guidance makes. */
  static RecordedSignal guidanceGap() {
    return of(
        GuidanceGap.NAME,
        (prompt, observation) -> each(prompt, j -> prompt.guidanceGap(j, observation)));
  }

  /**
   * All that can be known from the prompt alone: the mean of the finished images' metric, the same
   * for all candidates. It selects nothing, and shows how much of a rank correlation over all pairs
   * of prompt and seed comes without any knowledge of the seed.
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

  /** Nothing at all: what chance gives. A candidate's value depends on the two seeds alone. */
  static RecordedSignal random(long seed) {
    return of(
        "random",
        (prompt, observation) ->
            each(prompt, j -> new SplittableRandom(seed ^ prompt.seed(j)).nextDouble()));
  }

  private static double[] each(RecordedPrompt prompt, IntToDoubleFunction value) {
    return IntStream.range(0, prompt.candidates()).mapToDouble(value).toArray();
  }

  /** A signal of the given name that does not know how far off it is. */
  static RecordedSignal of(String name, Scoring scoring) {
    return judging(
        name,
        (prompt, observation) ->
            Arrays.stream(scoring.scores(prompt, observation))
                .mapToObj(score -> new Judgement(score, Double.NaN))
                .toList());
  }

  /** A signal of the given name. */
  static RecordedSignal judging(String name, Judging judging) {
    return new RecordedSignal() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public List<Judgement> judge(RecordedPrompt prompt, int observation) {
        return judging.judge(prompt, observation);
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
  interface Judging {
    /** Returns one judgement per candidate, higher is better. */
    List<Judgement> judge(RecordedPrompt prompt, int observation);
  }
}
