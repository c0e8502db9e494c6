package io.github.probeselect;

import io.github.probeselect.internal.activations.NoActivations;
import io.github.probeselect.model.ActivationExtractor.Capture;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.DenoiserBatch;
import io.github.probeselect.model.Prediction;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Takes candidates along their trajectories. A step is taken once it has been looked at. */
final class Sampler {

  private final Context context;
  private final Plan plan;
  private final Meter meter;

  Sampler(Context context, Meter meter) {
    this.context = context;
    this.plan = context.plan();
    this.meter = meter;
  }

  /** Counts denoiser calls. */
  @FunctionalInterface
  interface Meter {
    /**
     * Is called after each.
     *
     * @param step which step of the schedule, from 0
     * @param rows how many candidates it evaluated
     * @param running how many take that step
     */
    void ran(int step, int rows, int running);
  }

  /** Takes all candidates that have fewer steps done to {@code to}, those with the fewest first. */
  void advance(List<Trajectory> candidates, int to) {
    for (OptionalInt fewest = fewestStepsDone(candidates, to);
        fewest.isPresent();
        fewest = fewestStepsDone(candidates, to)) {
      int step = fewest.getAsInt();
      boolean observed = plan.isObserved(step + 1);
      try (Look look = step(at(candidates, step), observed, observed)) {
        look.show();
        look.commit();
      }
    }
  }

  private static OptionalInt fewestStepsDone(List<Trajectory> candidates, int to) {
    return candidates.stream().mapToInt(Trajectory::stepsDone).filter(done -> done < to).min();
  }

  private static List<Trajectory> at(List<Trajectory> candidates, int stepsDone) {
    return candidates.stream().filter(candidate -> candidate.stepsDone() == stepsDone).toList();
  }

  /**
   * Takes candidates to the step before a cut, and evaluates that step.
   *
   * @return what is seen at the cut; the step is taken with {@link Look#commit}
   */
  Look lookAt(List<Trajectory> candidates, int cut) {
    advance(candidates, cut - 1);
    Look look = step(at(candidates, cut - 1), true, plan.isObserved(cut) || plan.captures());
    try {
      look.show();
      return look;
    } catch (RuntimeException | Error e) {
      look.close();
      throw e;
    }
  }

  /** Evaluates one step of candidates that are equally far. */
  private Look step(List<Trajectory> abreast, boolean observes, boolean captures) {
    List<View> views = new ArrayList<>();
    try {
      for (Chunk chunk : Chunk.of(abreast, plan.rowsPerCall())) {
        context.cancellation().check();
        views.add(evaluated(chunk, observes, captures));
        meter.ran(chunk.stepsDone(), chunk.size(), abreast.size());
      }
      return new Look(context, views);
    } catch (RuntimeException | Error e) {
      views.forEach(view -> view.activations().close());
      throw e;
    }
  }

  private View evaluated(Chunk chunk, boolean observes, boolean captures) {
    DenoiserBatch batch = batch(chunk);
    if (captures) {
      Capture capture = context.model().activationExtractor().capture(batch);
      return view(chunk, capture.predictions(), capture.activations(), observes);
    }
    return view(
        chunk,
        context.model().denoiser().predict(batch),
        new NoActivations(chunk.size()),
        observes);
  }

  private static View view(
      Chunk chunk, List<Prediction> predictions, Activations activations, boolean observes) {
    List<Arrival> arrivals = new ArrayList<>();
    try {
      for (int row = 0; row < chunk.size(); row++) {
        Trajectory candidate = chunk.candidates().get(row);
        arrivals.add(new Arrival(candidate, candidate.next(predictions.get(row), observes)));
      }
    } catch (RuntimeException | Error e) {
      activations.close();
      throw e;
    }
    return new View(arrivals, activations);
  }

  private DenoiserBatch batch(Chunk chunk) {
    SettingsValues own = chunk.settings();
    return new DenoiserBatch(
        own.latentShape(),
        chunk.candidates().stream().map(Trajectory::modelInput).toList(),
        plan.schedule().timestep(chunk.stepsDone()),
        context.encodings().of(own.prompt()),
        own.guidanceScale(),
        plan.unconditional(own.guidanceScale()));
  }
}
