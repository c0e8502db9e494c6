package io.github.probeselect.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The steps of UniPC of Zhao et al., "UniPC: A Unified Predictor-Corrector Framework for Fast
 * Sampling of Diffusion Models" (2023): with h the step in lambda = log(alpha / sigma), r_k the
 * other points in units of h from where the step begins, and D_k the outputs there less m_0,
 *
 * <pre>{@code
 * x_next = sigma_next / sigma x - alpha_next (e^-h - 1) m_0
 *          - alpha_next B(h) (sum over k of rho_k / r_k D_k)
 * }</pre>
 *
 * for outputs that are images (equation 9), and with alpha and sigma exchanged and the sign of h
 * turned for outputs that are noise (equation 3). The predictor looks at earlier points only, the
 * corrector also at the point of arrival, r = 1. The rho solve a Vandermonde system (theorem 3.1);
 * a single one is 1/2. Single precision, as in diffusers.
 */
final class UniPc {

  /** The function B(h), which scales the correction. */
  enum Variant {
    /** B(h) = h. */
    BH1("bh1") {
      @Override
      float scale(float h) {
        return h;
      }
    },
    /** B(h) = e^h - 1. */
    BH2("bh2") {
      @Override
      float scale(float h) {
        return (float) StrictMath.expm1(h);
      }
    };

    private final String option;

    Variant(String option) {
      this.option = option;
    }

    abstract float scale(float h);

    /** The name in {@code scheduler_config.json}. */
    @Override
    public String toString() {
      return option;
    }
  }

  private final List<NoiseLevel> levels;
  private final Variant variant;
  private final SolverOutput output;

  private UniPc(List<NoiseLevel> levels, Variant variant, SolverOutput output) {
    this.levels = levels;
    this.variant = variant;
    this.output = output;
  }

  /**
   * Returns the solver of a schedule along noise levels.
   *
   * @param levels one more than steps
   * @param orders the order of each step, at most one more than there are steps before it
   * @param uncorrected the steps that are not corrected
   */
  static List<MultistepSchedule.Step> steps(
      List<NoiseLevel> levels,
      int[] orders,
      Variant variant,
      SolverOutput output,
      Set<Integer> uncorrected) {
    UniPc solver = new UniPc(levels, variant, output);
    List<MultistepSchedule.Step> steps = new ArrayList<>();
    for (int step = 0; step < orders.length; step++) {
      boolean corrects = step > 0 && !uncorrected.contains(step - 1);
      steps.add(
          new MultistepSchedule.Step(
              solver.predictor(step, orders[step]),
              corrects
                  ? Optional.of(solver.corrector(step - 1, orders[step - 1]))
                  : Optional.empty()));
    }
    return steps;
  }

  private MultistepUpdate predictor(int step, int order) {
    boolean arrived = levels.get(step + 1).equals(levels.get(step));
    return update(step, earlierPoints(step, arrived ? 1 : order));
  }

  private MultistepUpdate corrector(int step, int order) {
    List<Float> points = earlierPoints(step, order);
    points.add(1f);
    return update(step, points);
  }

  /** The r of the points before a step, the most recent one first. */
  private List<Float> earlierPoints(int step, int order) {
    float here = levels.get(step).lambda();
    float h = levels.get(step + 1).lambda() - here;
    List<Float> points = new ArrayList<>();
    for (int k = 1; k < order; k++) {
      points.add((levels.get(step - k).lambda() - here) / h);
    }
    return points;
  }

  private MultistepUpdate update(int step, List<Float> points) {
    NoiseLevel here = levels.get(step);
    NoiseLevel next = levels.get(step + 1);
    boolean noise = output == SolverOutput.NOISE;
    float distance = next.lambda() - here.lambda();
    float h = noise ? distance : -distance;
    float latentShare = noise ? next.alpha() / here.alpha() : next.sigma() / here.sigma();
    float scale = noise ? next.sigma() : next.alpha();
    float outputShare = -(scale * (float) StrictMath.expm1(h));
    float correction = -(scale * variant.scale(h));
    float[] shares = weights(h, points);
    for (int k = 0; k < shares.length; k++) {
      shares[k] = correction * shares[k] / points.get(k);
    }
    return new MultistepUpdate(latentShare, outputShare, shares);
  }

  /**
   * The rho: sum over k of r_k^(i-1) rho_k = i! phi_(i+1)(h) h / B(h), where phi_1 = (e^h - 1) / h
   * and phi_(i+1) = (phi_i - 1 / i!) / h.
   */
  private float[] weights(float h, List<Float> points) {
    int count = points.size();
    if (count == 1) {
      return new float[] {0.5f};
    }
    float[][] powers = new float[count][count];
    float[] moments = new float[count];
    float phi = (float) StrictMath.expm1(h) / h - 1f;
    int factorial = 1;
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < count; k++) {
        powers[i][k] = (float) StrictMath.pow(points.get(k), i);
      }
      moments[i] = phi * factorial / variant.scale(h);
      factorial *= i + 2;
      phi = phi / h - (float) (1.0 / factorial);
    }
    return LinearSystem.solve(powers, moments);
  }
}
