package io.github.probeselect;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Denoiser.Prediction;
import io.github.probeselect.schedule.Schedule;
import java.util.Optional;

/**
 * The denoising trajectory of one candidate: its current point, the guidance gap of its last
 * decision and its preview.
 */
final class Trajectory {

  private final int index;
  private final Origin origin;
  private final SettingsValues settings;
  private final Schedule schedule;
  private TrajectoryPoint point;
  private double gapAtDecision = Double.NaN;
  private Optional<RgbImage> preview = Optional.empty();

  /** A candidate at the beginning of its trajectory. */
  Trajectory(int index, Origin origin, ResolvedRequest request) {
    this(index, origin, request, beginning(origin, request));
  }

  /** A candidate at a point of its trajectory. */
  Trajectory(int index, Origin origin, ResolvedRequest request, TrajectoryPoint point) {
    this.index = index;
    this.origin = origin;
    this.settings = request.settings().of(origin);
    this.schedule = request.schedule();
    this.point = point;
  }

  static TrajectoryPoint beginning(Origin origin, ResolvedRequest request) {
    float[] noise = origin.noise().values(request.settings().latentShape().count());
    return new TrajectoryPoint(0, request.schedule().start(noise), new float[0], Double.NaN);
  }

  float[] modelInput() {
    return schedule.modelInput(point.stepsDone(), point.state());
  }

  /**
   * Computes the point after the next step, without taking the step.
   *
   * @param observes whether x0 prediction and guidance gap of this step are stored
   */
  TrajectoryPoint next(Prediction prediction, boolean observes) {
    float[] guided = prediction.guided(settings.guidanceScale());
    int step = point.stepsDone();
    return new TrajectoryPoint(
        step + 1,
        schedule.step(step, point.state(), guided),
        observes ? schedule.x0Prediction(step, point.state(), guided) : point.x0Prediction(),
        observes ? prediction.guidanceGap() : point.guidanceGap());
  }

  /** Takes a step. */
  void step(TrajectoryPoint next) {
    point = next;
  }

  /** Stores the last observed guidance gap as that of a decision point. */
  void decided() {
    gapAtDecision = point.guidanceGap();
  }

  double gapAtDecision() {
    return gapAtDecision;
  }

  void preview(RgbImage image) {
    preview = Optional.of(image);
  }

  boolean isFinite() {
    return point.isFinite();
  }

  int index() {
    return index;
  }

  Origin origin() {
    return origin;
  }

  long seed() {
    return origin.seed();
  }

  /** Its own: with its wording and its guidance scale. */
  SettingsValues settings() {
    return settings;
  }

  TrajectoryPoint point() {
    return point;
  }

  /** Its current point, with the guidance gap of its last decision point. */
  TrajectoryPoint atDecision() {
    return new TrajectoryPoint(
        point.stepsDone(), point.state(), point.x0Prediction(), gapAtDecision);
  }

  int stepsDone() {
    return point.stepsDone();
  }

  float[] latents() {
    return point.latents();
  }

  Optional<RgbImage> preview() {
    return preview;
  }
}
