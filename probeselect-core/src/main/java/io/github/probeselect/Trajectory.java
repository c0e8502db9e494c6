package io.github.probeselect;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Prediction;
import io.github.probeselect.schedule.Schedule;
import java.util.Optional;

/**
 * One candidate on its way from noise to image: its own sampler state, and what was seen of it when
 * it was looked at last.
 */
final class Trajectory {

  private final int index;
  private final Origin origin;
  private final SettingsValues settings;
  private final Schedule schedule;
  private Moment moment;
  private double gapAtDecision = Double.NaN;
  private Optional<RgbImage> preview = Optional.empty();

  /** A candidate of the plan's request at its beginning. */
  Trajectory(int index, Origin origin, Plan plan) {
    this(index, origin, plan, beginning(origin, plan));
  }

  /** A candidate on its way. */
  Trajectory(int index, Origin origin, Plan plan, Moment moment) {
    this.index = index;
    this.origin = origin;
    this.settings = plan.settings().of(origin);
    this.schedule = plan.schedule();
    this.moment = moment;
  }

  static Moment beginning(Origin origin, Plan plan) {
    float[] noise = origin.noise().values(plan.settings().latentShape().count());
    return new Moment(0, plan.schedule().start(noise), new float[0], Double.NaN);
  }

  float[] modelInput() {
    return schedule.modelInput(moment.stepsDone(), moment.state());
  }

  /**
   * Says where a step leads, without taking it.
   *
   * @param observes whether what can be seen at this step is kept
   */
  Moment next(Prediction prediction, boolean observes) {
    float[] guided = prediction.guided(settings.guidanceScale());
    int step = moment.stepsDone();
    return new Moment(
        step + 1,
        schedule.step(step, moment.state(), guided),
        observes
            ? schedule.originalPrediction(step, moment.state(), guided)
            : moment.originalPrediction(),
        observes ? prediction.guidanceGap() : moment.guidanceGap());
  }

  /** Takes a step. */
  void step(Moment next) {
    moment = next;
  }

  /** Notes that what was observed last was observed at a decision point. */
  void decided() {
    gapAtDecision = moment.guidanceGap();
  }

  double gapAtDecision() {
    return gapAtDecision;
  }

  void preview(RgbImage image) {
    preview = Optional.of(image);
  }

  boolean isFinite() {
    return moment.isFinite();
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

  Moment moment() {
    return moment;
  }

  /** Where it is, with the guidance gap of its last decision point. */
  Moment atDecision() {
    return new Moment(
        moment.stepsDone(), moment.state(), moment.originalPrediction(), gapAtDecision);
  }

  int stepsDone() {
    return moment.stepsDone();
  }

  float[] latents() {
    return moment.latents();
  }

  Optional<RgbImage> preview() {
    return preview;
  }
}
