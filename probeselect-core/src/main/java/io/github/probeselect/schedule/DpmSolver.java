package io.github.probeselect.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The steps of DPM-Solver++ (multistep) of Lu et al., "DPM-Solver++: Fast Solver for Guided
 * Sampling of Diffusion Probabilistic Models" (2022): with h the step in lambda = log(alpha /
 * sigma) and m_0, m_1, m_2 the image as predicted at this and the two steps before,
 *
 * <pre>{@code
 * x_next = sigma_next / sigma x - alpha_next (e^-h - 1) m_0                          order 1
 *          - alpha_next (e^-h - 1) / 2 D                                             midpoint
 *          + alpha_next ((e^-h - 1) / h + 1) D                                       heun
 *          + alpha_next ((e^-h - 1) / h + 1) D1
 *          - alpha_next ((e^-h - 1 + h) / h^2 - 1 / 2) D2                            order 3
 * }</pre>
 *
 * where D, D1 and D2 are divided differences of the m, those of the first order multiplied by h and
 * D2 by h^2 (algorithm 2 and appendix B). Single precision, as in diffusers.
 */
final class DpmSolver {

  /** How the second-order term is integrated. */
  enum Variant {
    /** At the middle of the step. */
    MIDPOINT("midpoint"),
    /** Exactly, for a linear m. */
    HEUN("heun");

    private final String option;

    Variant(String option) {
      this.option = option;
    }

    /** The name in {@code scheduler_config.json}. */
    @Override
    public String toString() {
      return option;
    }
  }

  private DpmSolver() {}

  /**
   * Returns the solver of a schedule along noise levels.
   *
   * @param levels one more than steps
   * @param orders the order of each step, at most one more than there are steps before it
   */
  static List<MultistepSchedule.Step> steps(
      List<NoiseLevel> levels, int[] orders, Variant variant) {
    List<MultistepSchedule.Step> steps = new ArrayList<>();
    for (int step = 0; step < orders.length; step++) {
      boolean arrived = levels.get(step + 1).equals(levels.get(step));
      int order = arrived ? 1 : orders[step];
      steps.add(new MultistepSchedule.Step(update(levels, step, order, variant), Optional.empty()));
    }
    return steps;
  }

  private static MultistepUpdate update(
      List<NoiseLevel> levels, int step, int order, Variant variant) {
    NoiseLevel here = levels.get(step);
    NoiseLevel next = levels.get(step + 1);
    float h = next.lambda() - here.lambda();
    float decay = (float) StrictMath.exp(-h) - 1f;
    float latentShare = next.sigma() / here.sigma();
    float outputShare = -(next.alpha() * decay);
    if (order == 1) {
      return new MultistepUpdate(latentShare, outputShare);
    }
    float r0 = (here.lambda() - levels.get(step - 1).lambda()) / h;
    float linear = next.alpha() * (decay / h + 1f);
    if (order == 2) {
      float slope = variant == Variant.HEUN ? linear : -0.5f * (next.alpha() * decay);
      return new MultistepUpdate(latentShare, outputShare, -slope / r0);
    }
    // With d_k = m_k - m_0 the slopes of the two intervals are -d_1 / r0 and (d_1 - d_2) / r1; D1
    // and D2 are the first of them and their difference, weighted.
    float r1 = (levels.get(step - 1).lambda() - levels.get(step - 2).lambda()) / h;
    float quadratic = next.alpha() * ((decay + h) / (h * h) - 0.5f);
    float bend = (linear * r0 - quadratic) / (r0 + r1);
    return new MultistepUpdate(
        latentShare, outputShare, -(linear + bend) / r0 - bend / r1, bend / r1);
  }
}
