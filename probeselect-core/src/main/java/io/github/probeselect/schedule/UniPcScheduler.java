package io.github.probeselect.schedule;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * UniPC of Zhao et al. (2023), with the options and defaults that {@code UniPCMultistepScheduler}
 * has in diffusers.
 */
final class UniPcScheduler implements Scheduler {

  static final String TYPE = "UniPCMultistepScheduler";

  /** How far short of pure noise a flow begins, where the logarithm of the image's share exists. */
  private static final double FLOW_BEGIN = 1e-6;

  private final SigmaTable table;
  private final TimestepSpacing spacing;
  private final int stepsOffset;
  private final PredictionType prediction;
  private final int order;
  private final UniPc.Variant variant;
  private final SolverOutput output;
  private final Set<Integer> uncorrected;
  private final boolean lowerOrderFinal;
  private final FinalSigma finalSigma;
  private final boolean karras;
  private final KarrasSigmas.Limits limits;
  private final boolean flow;
  private final FlowShift flowShift;
  private final OptionalDouble shiftTerminal;

  private UniPcScheduler(SchedulerOptions options) {
    this.table = SigmaTable.of(AlphasCumprod.rescalable(options));
    this.spacing = options.choice("timestep_spacing", TimestepSpacing.LINSPACE);
    this.stepsOffset = spacing.offset(options, table.trainSteps());
    this.order = options.wholeNumber("solver_order", 2, 1, 3);
    options.rename(
        "solver_type", Set.of("midpoint", "heun", "logrho"), UniPc.Variant.BH2.toString());
    this.variant = options.choice("solver_type", UniPc.Variant.BH2);
    this.output = options.flag("predict_x0", true) ? SolverOutput.ORIGINAL : SolverOutput.NOISE;
    this.uncorrected = options.wholeNumbers("disable_corrector");
    this.lowerOrderFinal = options.flag("lower_order_final", true);
    this.finalSigma = options.choice("final_sigmas_type", FinalSigma.ZERO);
    this.karras = options.flag("use_karras_sigmas", false);
    this.limits = karras ? KarrasSigmas.Limits.of(options) : KarrasSigmas.Limits.NONE;
    this.flow = options.flag("use_flow_sigmas", false);
    this.prediction =
        options.choice(
            "prediction_type",
            PredictionType.EPSILON,
            flow ? PredictionType.OF_FLOW : PredictionType.OF_DIFFUSION);
    this.flowShift =
        flow ? FlowShift.of(options, "flow_shift", FlowShift.TimeShift.ANY) : FlowShift.NONE;
    this.shiftTerminal =
        flow
            ? options.optionalNumberOrZero("shift_terminal", 1)
            : options.optionalNumber("shift_terminal", 0, 1);
    options.off("use_exponential_sigmas");
    options.off("use_beta_sigmas");
    options.absent("solver_p");
    if (output == SolverOutput.ORIGINAL) {
      options.off("thresholding");
    }
    options.logLeftovers();
    if (shiftTerminal.isPresent() && !flow) {
      throw options.contradiction(
          "shift_terminal", "use_flow_sigmas", "only the sigmas of flow matching are stretched");
    }
    if (shiftTerminal.isPresent() && karras) {
      throw options.contradiction(
          "shift_terminal", "use_karras_sigmas", "Karras sigmas are not stretched");
    }
    if (output == SolverOutput.NOISE && prediction == PredictionType.FLOW) {
      throw options.contradiction(
          "predict_x0", "prediction_type", "a flow is solved by its predicted images only");
    }
    if (output == SolverOutput.NOISE && finalSigma == FinalSigma.ZERO) {
      throw options.contradiction(
          "predict_x0",
          "final_sigmas_type",
          "a solver of predicted noise cannot arrive at sigma 0; it must be sigma_min");
    }
    if (!lowerOrderFinal && finalSigma == FinalSigma.ZERO && order > 1) {
      throw options.contradiction(
          "lower_order_final",
          "final_sigmas_type",
          "only the first order can arrive at sigma 0; one of them must be different");
    }
  }

  /** Returns the scheduler of a configuration, which is validated. */
  static UniPcScheduler of(Map<String, ? extends @Nullable Object> config) {
    return new UniPcScheduler(new SchedulerOptions(TYPE, config));
  }

  @Override
  public String name() {
    return karras ? "UniPC Karras" : "UniPC";
  }

  @Override
  public Schedule schedule(int steps, int imageTokens) {
    SigmaPath path = karras ? karrasPath(steps) : flow ? flowPath(steps, imageTokens) : path(steps);
    List<NoiseLevel> levels = path.levels(flow ? NoiseLevel::ofFlow : NoiseLevel::ofDiffusion);
    return new MultistepSchedule(
        path.timesteps(),
        levels,
        UniPc.steps(levels, orders(steps), variant, output, uncorrected),
        prediction,
        output);
  }

  private SigmaPath path(int steps) {
    double[] timesteps = spacing.timestepsAboveFirst(table.trainSteps(), steps, stepsOffset);
    return SigmaPath.along(table, timesteps, finalSigma.of(table.least()));
  }

  private SigmaPath karrasPath(int steps) {
    TimestepSpacing.requireSteps(steps, table.trainSteps());
    double[] sigmas = limits.between(table.greatest(), table.least(), steps);
    if (flow) {
      // The ratio of noise to image as the share of noise in flow matching.
      return flowPath(Arrays.stream(sigmas).map(ratio -> ratio / (ratio + 1)).toArray());
    }
    double[] timesteps = Arrays.stream(sigmas).map(s -> Math.rint(table.timestep(s))).toArray();
    return SigmaPath.of(timesteps, sigmas, finalSigma.of(sigmas[steps - 1]));
  }

  private SigmaPath flowPath(int steps, int imageTokens) {
    int trainSteps = table.trainSteps();
    TimestepSpacing.requireSteps(steps, trainSteps);
    double[] even = Arrays.copyOf(EvenSpacing.between(1, 1.0 / trainSteps, steps + 1), steps);
    double[] sigmas = flowShift.of(even, imageTokens);
    if (shiftTerminal.isPresent()) {
      sigmas = FlowShift.stretchedTo(shiftTerminal.getAsDouble(), sigmas);
    }
    if (Math.abs(sigmas[0] - 1) < FLOW_BEGIN) {
      sigmas[0] -= FLOW_BEGIN;
    }
    return flowPath(sigmas);
  }

  private SigmaPath flowPath(double[] sigmas) {
    return SigmaPath.ofFlow(table.trainSteps(), sigmas, finalSigma.of(sigmas[sigmas.length - 1]));
  }

  private int[] orders(int steps) {
    int[] orders = new int[steps];
    for (int i = 0; i < steps; i++) {
      int most = lowerOrderFinal ? Math.min(order, steps - i) : order;
      orders[i] = Math.min(most, i + 1);
    }
    return orders;
  }
}
