package io.github.probeselect.schedule;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * DPM-Solver++ of Lu et al. (2022), multistep, with the options and defaults that {@code
 * DPMSolverMultistepScheduler} has in diffusers.
 */
final class DpmSolverScheduler implements Scheduler {

  static final String TYPE = "DPMSolverMultistepScheduler";

  private static final String ALGORITHM = "dpmsolver++";

  /** Below this many steps the last two are taken with lower orders, if the option is set. */
  private static final int FEW_STEPS = 15;

  private final SigmaTable table;
  private final TimestepSpacing spacing;
  private final int stepsOffset;
  private final PredictionType prediction;
  private final int order;
  private final DpmSolver.Variant variant;
  private final boolean lowerOrderFinal;
  private final boolean eulerAtFinal;
  private final FinalSigma finalSigma;
  private final boolean karras;
  private final KarrasSigmas.Limits limits;
  private final boolean cosine;
  private final boolean flow;
  private final FlowShift flowShift;

  private DpmSolverScheduler(SchedulerOptions options) {
    this.cosine = options.has("beta_schedule", BetaSchedule.SQUARED_COSINE);
    this.table = SigmaTable.of(AlphasCumprod.rescalable(options));
    this.spacing = options.choice("timestep_spacing", TimestepSpacing.LINSPACE);
    this.stepsOffset = spacing.offset(options, table.trainSteps());
    this.order = options.wholeNumber("solver_order", 2, 1, 3);
    options.rename(
        "solver_type", Set.of("logrho", "bh1", "bh2"), DpmSolver.Variant.MIDPOINT.toString());
    this.variant = options.choice("solver_type", DpmSolver.Variant.MIDPOINT);
    this.lowerOrderFinal = options.flag("lower_order_final", true);
    this.eulerAtFinal = options.flag("euler_at_final", false);
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
        flow
            ? FlowShift.of(options, "flow_shift", EnumSet.of(FlowShift.TimeShift.EXPONENTIAL))
            : FlowShift.NONE;
    options.rename("algorithm_type", Set.of("deis"), ALGORITHM);
    options.only("algorithm_type", ALGORITHM);
    options.off("use_exponential_sigmas");
    options.off("use_beta_sigmas");
    if (!karras) {
      options.off("use_lu_lambdas");
    }
    if (!karras && !flow) {
      options.noLimitAbove("lambda_min_clipped", -StrictMath.log(table.greatest()));
    }
    if (prediction == PredictionType.EPSILON) {
      options.never("variance_type", Set.of("learned", "learned_range"));
    }
    options.off("thresholding");
    options.logLeftovers();
    if (flow && karras) {
      throw options.contradiction(
          "use_flow_sigmas", "use_karras_sigmas", "there is only one set of sigmas");
    }
  }

  /** Returns the scheduler of a configuration, which is validated. */
  static DpmSolverScheduler of(Map<String, ? extends @Nullable Object> config) {
    return new DpmSolverScheduler(new SchedulerOptions(TYPE, config));
  }

  @Override
  public String name() {
    return "DPM++ "
        + order
        + "M"
        + (variant == DpmSolver.Variant.HEUN && order == 2 ? " Heun" : "")
        + (karras ? " Karras" : "");
  }

  @Override
  public Schedule schedule(int steps, int imageTokens) {
    SigmaPath path = flow ? flowPath(steps, imageTokens) : karras ? karrasPath(steps) : path(steps);
    List<NoiseLevel> levels = path.levels(flow ? NoiseLevel::ofFlow : NoiseLevel::ofDiffusion);
    return new MultistepSchedule(
        path.timesteps(),
        levels,
        DpmSolver.steps(levels, orders(steps), variant),
        prediction,
        SolverOutput.ORIGINAL);
  }

  private SigmaPath path(int steps) {
    double[] timesteps = spacing.timestepsAboveFirst(table.trainSteps(), steps, stepsOffset);
    return SigmaPath.along(table, timesteps, finalSigma.of(table.least()));
  }

  private SigmaPath karrasPath(int steps) {
    TimestepSpacing.requireSteps(steps, table.trainSteps());
    double[] sigmas = limits.between(table.greatest(), table.least(), steps);
    double[] timesteps = Arrays.stream(sigmas).map(table::timestep).toArray();
    // diffusers rounds the times of every beta schedule but one, whose times it cuts off.
    Arrays.setAll(timesteps, i -> cosine ? Math.floor(timesteps[i]) : Math.rint(timesteps[i]));
    return SigmaPath.of(timesteps, sigmas, finalSigma.of(table.least()));
  }

  private SigmaPath flowPath(int steps, int imageTokens) {
    int trainSteps = table.trainSteps();
    TimestepSpacing.requireSteps(steps, trainSteps);
    double[] alphas = EvenSpacing.between(1, 1.0 / trainSteps, steps + 1);
    double[] even = new double[steps];
    Arrays.setAll(even, i -> 1 - alphas[steps - i]);
    double[] sigmas = flowShift.of(even, imageTokens);
    return SigmaPath.ofFlow(trainSteps, sigmas, finalSigma.of(table.least()));
  }

  private int[] orders(int steps) {
    boolean lower = lowerOrderFinal && steps < FEW_STEPS;
    int[] orders = new int[steps];
    for (int i = 0; i < steps; i++) {
      orders[i] = Math.min(order, i + 1);
      if (lower && i == steps - 2) {
        orders[i] = Math.min(orders[i], 2);
      }
    }
    if (lower || eulerAtFinal || finalSigma == FinalSigma.ZERO) {
      orders[steps - 1] = 1;
    }
    return orders;
  }
}
