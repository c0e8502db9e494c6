package io.github.probeselect;

import io.github.probeselect.model.ActivationExtractor.Capture;
import io.github.probeselect.model.Activations;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.DenoiserBatch;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Prediction;
import java.util.ArrayList;
import java.util.List;

/** Takes the candidates of one prompt along their trajectories, and looks at them on the way. */
final class Sampler {

  private final DiffusionModel model;
  private final Plan plan;
  private final Conditioning prompt;
  private final Cancellation cancellation;
  private final Meter meter;

  Sampler(
      DiffusionModel model,
      Plan plan,
      Conditioning prompt,
      Cancellation cancellation,
      Meter meter) {
    this.model = model;
    this.plan = plan;
    this.prompt = prompt;
    this.cancellation = cancellation;
    this.meter = meter;
  }

  /** Is told after every denoiser call. */
  @FunctionalInterface
  interface Meter {
    void ran(int step, int rows, int running);
  }

  /** Runs the steps {@code from} to {@code to - 1}. */
  void advance(List<Trajectory> running, int from, int to) {
    for (int step = from; step < to; step++) {
      boolean observed = plan.isObserved(step + 1);
      try (Look look = step(step, running, observed, observed)) {
        look.show();
      }
    }
  }

  /**
   * Runs up to a cut and looks at what is there then.
   *
   * @return to be closed once the decision is made
   */
  Look advanceAndLook(List<Trajectory> running, int from, int to) {
    advance(running, from, to - 1);
    Look look = step(to - 1, running, true, plan.isObserved(to) || plan.captures());
    try {
      look.show();
      return look;
    } catch (RuntimeException | Error e) {
      look.close();
      throw e;
    }
  }

  /** One step of everyone; activations live only as long as they are looked at. */
  private Look step(int step, List<Trajectory> running, boolean observes, boolean captures) {
    List<Activations> seen = new ArrayList<>();
    try {
      for (List<Trajectory> chunk : chunks(running)) {
        cancellation.check();
        DenoiserBatch batch = batch(step, chunk);
        List<Prediction> predictions =
            captures ? captured(batch, seen) : model.denoiser().predict(batch);
        for (int row = 0; row < chunk.size(); row++) {
          chunk
              .get(row)
              .step(step, predictions.get(row), plan.settings().guidanceScale(), observes);
        }
        meter.ran(step, chunk.size(), running.size());
      }
      return new Look(model, plan, prompt, cancellation, step + 1, running, seen);
    } catch (RuntimeException | Error e) {
      seen.forEach(Activations::close);
      throw e;
    }
  }

  private List<Prediction> captured(DenoiserBatch batch, List<Activations> seen) {
    Capture capture = model.activationExtractor().capture(batch);
    seen.add(capture.activations());
    return capture.predictions();
  }

  private DenoiserBatch batch(int step, List<Trajectory> chunk) {
    return new DenoiserBatch(
        plan.settings().latentShape(),
        chunk.stream().map(trajectory -> trajectory.modelInput(step)).toList(),
        plan.schedule().timestep(step),
        prompt,
        plan.settings().guidanceScale(),
        plan.unconditional());
  }

  private List<List<Trajectory>> chunks(List<Trajectory> trajectories) {
    List<List<Trajectory>> chunks = new ArrayList<>();
    for (int from = 0; from < trajectories.size(); from += plan.rowsPerCall()) {
      int to = Math.min(trajectories.size(), from + plan.rowsPerCall());
      chunks.add(trajectories.subList(from, to));
    }
    return chunks;
  }
}
