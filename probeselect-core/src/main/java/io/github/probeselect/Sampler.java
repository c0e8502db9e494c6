package io.github.probeselect;

import io.github.probeselect.internal.activations.NoActivations;
import io.github.probeselect.model.ActivationExtractor.Capture;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.Denoiser.Prediction;
import io.github.probeselect.model.DenoiserBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Advances candidates along their trajectories. A step is committed after its observer has
 * returned.
 */
final class Sampler {

  private final Context context;
  private final ResolvedRequest request;
  private final Meter meter;

  Sampler(Context context, Meter meter) {
    this.context = context;
    this.request = context.request();
    this.meter = meter;
  }

  /** Counts denoiser evaluations. */
  @FunctionalInterface
  interface Meter {
    /**
     * Called after each denoiser call.
     *
     * @param step the step of the schedule, from 0
     * @param rows the number of candidates in the call
     * @param running the number of candidates at that step
     */
    void ran(int step, int rows, int running);
  }

  /**
   * Advances all candidates with fewer than {@code to} steps done to that step, those with the
   * fewest first.
   */
  void advance(List<Trajectory> candidates, int to) {
    for (OptionalInt fewest = fewestStepsDone(candidates, to);
        fewest.isPresent();
        fewest = fewestStepsDone(candidates, to)) {
      int step = fewest.getAsInt();
      boolean observed = request.isObserved(step + 1);
      boolean previewed = request.isPreviewed(step + 1);
      PendingStep pending = step(at(candidates, step), observed || previewed, observed);
      try (pending) {
        pending.show();
        pending.commit();
      }
      pending.showPreviews(Map.of());
    }
  }

  private static OptionalInt fewestStepsDone(List<Trajectory> candidates, int to) {
    return candidates.stream().mapToInt(Trajectory::stepsDone).filter(done -> done < to).min();
  }

  private static List<Trajectory> at(List<Trajectory> candidates, int stepsDone) {
    return candidates.stream().filter(candidate -> candidate.stepsDone() == stepsDone).toList();
  }

  /**
   * Advances candidates to the step before a cut, and evaluates the step that leads to it.
   *
   * @return the step to the cut, not committed yet
   */
  PendingStep evaluateAt(List<Trajectory> candidates, int cut) {
    advance(candidates, cut - 1);
    PendingStep pending =
        step(at(candidates, cut - 1), true, request.isObserved(cut) || request.captures());
    try {
      pending.show();
      return pending;
    } catch (RuntimeException | Error e) {
      pending.close();
      throw e;
    }
  }

  /** Evaluates one step of candidates with equally many steps done. */
  private PendingStep step(List<Trajectory> abreast, boolean observes, boolean captures) {
    List<ArrivalGroup> groups = new ArrayList<>();
    try {
      for (MicroBatch alike : MicroBatch.of(abreast)) {
        request
            .batchLimit()
            .evaluate(
                alike.size(),
                (from, to) -> {
                  context.cancellation().check();
                  MicroBatch batch = alike.part(from, to);
                  groups.add(evaluated(batch, observes, captures));
                  meter.ran(batch.stepsDone(), batch.size(), abreast.size());
                });
      }
      return new PendingStep(context, groups);
    } catch (RuntimeException | Error e) {
      groups.forEach(group -> group.activations().close());
      throw e;
    }
  }

  private ArrivalGroup evaluated(MicroBatch chunk, boolean observes, boolean captures) {
    DenoiserBatch batch = batch(chunk);
    if (captures) {
      Capture capture = context.model().activationExtractor().capture(batch);
      return group(chunk, capture.predictions(), capture.activations(), observes);
    }
    return group(
        chunk,
        context.model().denoiser().predict(batch),
        new NoActivations(chunk.size()),
        observes);
  }

  private static ArrivalGroup group(
      MicroBatch chunk, List<Prediction> predictions, Activations activations, boolean observes) {
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
    return new ArrivalGroup(arrivals, activations);
  }

  private DenoiserBatch batch(MicroBatch chunk) {
    SettingsValues own = chunk.settings();
    return new DenoiserBatch(
        own.latentShape(),
        chunk.candidates().stream().map(Trajectory::modelInput).toList(),
        request.schedule().timestep(chunk.stepsDone()),
        context.encodings().of(own.prompt()),
        own.guidanceScale(),
        request.unconditional(own.guidanceScale()));
  }
}
