package io.github.probeselect;

import io.github.probeselect.model.Prediction;
import io.github.probeselect.schedule.SamplerState;
import io.github.probeselect.schedule.Schedule;
import io.github.probeselect.selection.ScoredCandidate;

/**
 * One candidate on its way from noise to image: its own sampler state, and what was seen of it at
 * the decision point.
 */
final class Trajectory {

  private final int index;
  private final long seed;
  private final Schedule schedule;
  private SamplerState state;
  private float[] originalPrediction = {};
  private double guidanceGap = Double.NaN;
  private double score = Double.NaN;

  Trajectory(int index, long seed, Schedule schedule, float[] noise) {
    this.index = index;
    this.seed = seed;
    this.schedule = schedule;
    this.state = schedule.start(noise);
  }

  float[] modelInput(int step) {
    return schedule.modelInput(step, state);
  }

  void advance(int step, Prediction prediction, double guidanceScale) {
    state = schedule.step(step, state, prediction.guided(guidanceScale));
  }

  void observe(int step, Prediction prediction, double guidanceScale) {
    originalPrediction = schedule.originalPrediction(step, state, prediction.guided(guidanceScale));
    guidanceGap = prediction.guidanceGap();
  }

  /**
   * Takes the probe's score; a trajectory that has left the finite numbers cannot be judged,
   * whatever the probe says.
   */
  void judge(double probeScore) {
    score = isFinite(originalPrediction) && Double.isFinite(probeScore) ? probeScore : Double.NaN;
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

  double score() {
    return score;
  }

  ScoredCandidate scored() {
    return new ScoredCandidate(index, seed, score);
  }
}
