package io.github.probeselect.evaluation;

import io.github.probeselect.dataset.RecordedPrompt;
import io.github.probeselect.model.Probe;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Something that is known of the candidates early and that they could be selected by. */
public interface Signal {

  /** What it is called in reports. */
  String name();

  /**
   * What it says of every candidate.
   *
   * @param observation at which of the dataset's observations
   * @return one value per candidate, higher is better; NaN ranks last
   */
  double[] values(RecordedPrompt prompt, int observation);

  /** The score of a probe. */
  static Signal probe(String name, Probe probe) {
    return of(name, (prompt, observation) -> probe.score(prompt.observation(observation)));
  }

  /** What a metric says of the decoded x0 prediction; the dataset must have it. */
  static Signal preview(String metric) {
    return of(
        "decoded preview, " + metric,
        (prompt, observation) -> each(prompt, j -> prompt.previewScore(j, observation, metric)));
  }

  /** How far the prompt pulls: the squared difference that classifier-free guidance makes. */
  static Signal guidanceGap() {
    return of(
        "guidance gap",
        (prompt, observation) -> each(prompt, j -> prompt.guidanceGap(j, observation)));
  }

  /** Nothing at all: what chance gives. The same for the same seed. */
  static Signal random(long seed) {
    return of(
        "random",
        (prompt, observation) -> {
          SplittableRandom random = new SplittableRandom(seed + prompt.index());
          return each(prompt, j -> random.nextDouble());
        });
  }

  private static double[] each(RecordedPrompt prompt, IntToDoubleFunction value) {
    return IntStream.range(0, prompt.candidates()).mapToDouble(value).toArray();
  }

  /** A signal of the given name. */
  static Signal of(String name, Function function) {
    return new Signal() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public double[] values(RecordedPrompt prompt, int observation) {
        return function.values(prompt, observation);
      }
    };
  }

  /** What a signal says of every candidate of a prompt. */
  @FunctionalInterface
  interface Function {
    /** Returns one value per candidate, higher is better. */
    double[] values(RecordedPrompt prompt, int observation);
  }
}
