package io.github.probeselect;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Prediction;
import io.github.probeselect.schedule.SamplerState;
import io.github.probeselect.schedule.Schedule;
import java.util.Optional;

/**
 * One candidate on its way from noise to image: its own sampler state, and what was seen of it at
 * the last decision point.
 */
final class Trajectory {

  private final int index;
  private final long seed;
  private final Schedule schedule;
  private SamplerState state;
  private float[] originalPrediction = {};
  private double guidanceGap = Double.NaN;
  private double gapAtDecision = Double.NaN;
  private Optional<RgbImage> preview = Optional.empty();

  Trajectory(int index, long seed, Schedule schedule, float[] noise) {
    this.index = index;
    this.seed = seed;
    this.schedule = schedule;
    this.state = schedule.start(noise);
  }

  float[] modelInput(int step) {
    return schedule.modelInput(step, state);
  }

  /**
   * Takes a step.
   *
   * @param observes whether what can be seen at this step is kept
   */
  void step(int step, Prediction prediction, double guidanceScale, boolean observes) {
    float[] guided = prediction.guided(guidanceScale);
    if (observes) {
      originalPrediction = schedule.originalPrediction(step, state, guided);
      guidanceGap = prediction.guidanceGap();
    }
    state = schedule.step(step, state, guided);
  }

  /**
   * Whether its x0 prediction is finite; a trajectory that has left the numbers cannot be judged.
   */
  boolean canBeJudged() {
    return isFinite(originalPrediction);
  }

  /** Is told that what was observed last was observed at a decision point. */
  void decided() {
    gapAtDecision = guidanceGap;
  }

  double gapAtDecision() {
    return gapAtDecision;
  }

  void preview(RgbImage image) {
    preview = Optional.of(image);
  }

  boolean isFinite() {
    return isFinite(state.latents());
  }

  private static boolean isFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  int index() {
    return index;
  }

  long seed() {
    return seed;
  }

  float[] latents() {
    return state.latents();
  }

  float[] originalPrediction() {
    return originalPrediction;
  }

  double guidanceGap() {
    return guidanceGap;
  }

  Optional<RgbImage> preview() {
    return preview;
  }
}
