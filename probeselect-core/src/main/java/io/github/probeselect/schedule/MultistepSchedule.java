package io.github.probeselect.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A schedule with a linear multistep solver: DPM-Solver++ and UniPC. What the denoiser predicts is
 * converted to the solver's output, the image x_0 or the noise eps. A corrector, if the step has
 * one, repeats the step before, using the output at its end; then the predictor takes this step.
 *
 * <p>The state stores what the next step needs: the latents at the begin of this step, if the next
 * one corrects it, and then the outputs, the most recent one first.
 */
final class MultistepSchedule extends CheckedSchedule {

  /**
   * The solver at one step.
   *
   * @param predictor takes the step; the other outputs are those of earlier steps, the most recent
   *     one first
   * @param corrector repeats the step before; the other outputs are those of steps before that, the
   *     most recent one first, and last the current output
   */
  record Step(MultistepUpdate predictor, Optional<MultistepUpdate> corrector) {

    /** How many outputs of earlier steps the step needs. */
    int outputs() {
      return Math.max(predictor.others(), corrector.map(MultistepUpdate::others).orElse(0));
    }
  }

  private final List<NoiseLevel> levels;
  private final List<Step> solver;
  private final PredictionType type;
  private final SolverOutput output;

  /**
   * Creates a schedule.
   *
   * @param timesteps one for each step
   * @param levels one for each step and one for the end
   * @param solver one for each step
   */
  MultistepSchedule(
      double[] timesteps,
      List<NoiseLevel> levels,
      List<Step> solver,
      PredictionType type,
      SolverOutput output) {
    super(timesteps);
    this.levels = List.copyOf(levels);
    this.solver = List.copyOf(solver);
    this.type = type;
    this.output = output;
  }

  @Override
  int remembered(int step) {
    return solver.get(step).outputs() + (solver.get(step).corrector().isPresent() ? 1 : 0);
  }

  @Override
  float[] original(int step, float[] latents, float[] prediction) {
    return SolverOutput.ORIGINAL.of(type, levels.get(step), latents, prediction);
  }

  @Override
  SamplerState next(int step, SamplerState state, float[] prediction) {
    Step now = solver.get(step);
    float[] newest = output.of(type, levels.get(step), state.latents(), prediction);
    float[] latents = state.latents();
    List<float[]> earlier = state.history();
    if (now.corrector().isPresent()) {
      MultistepUpdate corrector = now.corrector().get();
      earlier = earlier.subList(1, earlier.size());
      List<float[]> others = new ArrayList<>(earlier.subList(1, corrector.others()));
      others.add(newest);
      latents = corrector.apply(state.history().get(0), earlier.get(0), others);
    }
    float[] next =
        now.predictor().apply(latents, newest, earlier.subList(0, now.predictor().others()));
    return SamplerState.of(next, memory(step + 1, latents, newest, earlier));
  }

  private List<float[]> memory(
      int nextStep, float[] latents, float[] newest, List<float[]> earlier) {
    List<float[]> memory = new ArrayList<>();
    if (nextStep == solver.size()) {
      return memory;
    }
    if (solver.get(nextStep).corrector().isPresent()) {
      memory.add(latents);
    }
    int outputs = solver.get(nextStep).outputs();
    if (outputs > 0) {
      memory.add(newest);
      memory.addAll(earlier.subList(0, outputs - 1));
    }
    return memory;
  }
}
