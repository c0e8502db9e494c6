package io.github.probeselect;

import io.github.probeselect.model.ActivationExtractor.Capture;
import io.github.probeselect.model.DenoiserBatch;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Prediction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Takes the candidates of one request along their trajectories, and looks at them on the way. */
final class Sampler {

  private final DiffusionModel model;
  private final Plan plan;
  private final Wordings wordings;
  private final Cancellation cancellation;
  private final Meter meter;

  Sampler(
      DiffusionModel model, Plan plan, Wordings wordings, Cancellation cancellation, Meter meter) {
    this.model = model;
    this.plan = plan;
    this.wordings = wordings;
    this.cancellation = cancellation;
    this.meter = meter;
  }

  /** Is told after every denoiser call. */
  @FunctionalInterface
  interface Meter {
    void ran(int step, int rows, int running);
  }

  /** Takes everyone who is not there yet to {@code to} steps done, those behind first. */
  void advance(List<Trajectory> running, int to) {
    for (OptionalInt last = last(running, to); last.isPresent(); last = last(running, to)) {
      int step = last.getAsInt();
      boolean observed = plan.isObserved(step + 1);
      List<Trajectory> abreast = at(running, step);
      try (Look look = step(abreast, observed, observed)) {
        show(look, abreast);
      }
    }
  }

  /** How far those are who are furthest behind. */
  private static OptionalInt last(List<Trajectory> running, int to) {
    return running.stream().mapToInt(Trajectory::stepsDone).filter(done -> done < to).min();
  }

  private static List<Trajectory> at(List<Trajectory> running, int stepsDone) {
    return running.stream().filter(candidate -> candidate.stepsDone() == stepsDone).toList();
  }

  /**
   * Runs up to a cut and looks at those who arrive there.
   *
   * @return to be closed once the decision is made
   */
  Look advanceAndLook(List<Trajectory> running, int to) {
    advance(running, to - 1);
    List<Trajectory> abreast = at(running, to - 1);
    Look look = step(abreast, true, plan.isObserved(to) || plan.captures());
    try {
      show(look, abreast);
      return look;
    } catch (RuntimeException | Error e) {
      look.close();
      throw e;
    }
  }

  /** Who could not be shown has not taken the step. */
  private static void show(Look look, List<Trajectory> abreast) {
    try {
      look.show();
    } catch (RuntimeException | Error e) {
      abreast.forEach(Trajectory::stepBack);
      throw e;
    }
  }

  /**
   * One step of candidates that are equally far: all of them take it, or, when it fails, none.
   * Activations live only as long as they are looked at.
   */
  private Look step(List<Trajectory> abreast, boolean observes, boolean captures) {
    List<Chunk> seen = new ArrayList<>();
    Map<Trajectory, Trajectory.Moment> next = new LinkedHashMap<>();
    try {
      for (Chunk chunk : Chunk.of(abreast, plan.rowsPerCall())) {
        cancellation.check();
        DenoiserBatch batch = batch(chunk);
        List<Prediction> predictions;
        if (captures) {
          Capture capture = model.activationExtractor().capture(batch);
          seen.add(new Chunk(chunk.candidates(), capture.activations()));
          predictions = capture.predictions();
        } else {
          seen.add(chunk);
          predictions = model.denoiser().predict(batch);
        }
        for (int row = 0; row < chunk.size(); row++) {
          Trajectory candidate = chunk.candidates().get(row);
          next.put(candidate, candidate.next(predictions.get(row), observes));
        }
        meter.ran(chunk.candidates().get(0).stepsDone(), chunk.size(), abreast.size());
      }
      next.forEach(Trajectory::step);
      return new Look(model, plan, wordings, cancellation, seen);
    } catch (RuntimeException | Error e) {
      seen.forEach(chunk -> chunk.activations().close());
      throw e;
    }
  }

  private DenoiserBatch batch(Chunk chunk) {
    Settings own = chunk.settings();
    int step = chunk.candidates().get(0).stepsDone();
    return new DenoiserBatch(
        own.latentShape(),
        chunk.candidates().stream().map(Trajectory::modelInput).toList(),
        plan.schedule().timestep(step),
        wordings.of(own.prompt()),
        own.guidanceScale(),
        plan.unconditional(own.guidanceScale()));
  }
}
