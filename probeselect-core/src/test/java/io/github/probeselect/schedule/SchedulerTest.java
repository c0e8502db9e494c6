package io.github.probeselect.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.bundle.BundleManifest.Sigmas;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.testing.SchedulerConfigs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a scheduler's configuration may say. */
class SchedulerTest {

  static final List<String> TYPES = SchedulerConfigs.TYPES;

  private static final String DDIM = "DDIMScheduler";
  private static final String PNDM = "PNDMScheduler";
  private static final String EULER = "EulerDiscreteScheduler";
  private static final String DPM = "DPMSolverMultistepScheduler";
  private static final String UNIPC = "UniPCMultistepScheduler";
  private static final String FLOW = "FlowMatchEulerDiscreteScheduler";

  static Stream<Arguments> names() {
    return Stream.of(
        Arguments.of("PLMS", SchedulerConfigs.of(PNDM)),
        Arguments.of("Euler", SchedulerConfigs.of(EULER)),
        Arguments.of("Euler Karras", SchedulerConfigs.of(EULER, "use_karras_sigmas", true)),
        Arguments.of("DPM++ 2M", SchedulerConfigs.of(DPM)),
        Arguments.of("DPM++ 2M Heun", SchedulerConfigs.of(DPM, "solver_type", "heun")),
        Arguments.of(
            "DPM++ 3M Karras",
            SchedulerConfigs.of(DPM, "solver_order", 3, "use_karras_sigmas", true)),
        Arguments.of("UniPC", SchedulerConfigs.of(UNIPC)),
        Arguments.of("UniPC Karras", SchedulerConfigs.of(UNIPC, "use_karras_sigmas", true)),
        Arguments.of("Flow Euler", SchedulerConfigs.of(FLOW)),
        Arguments.of("Flow Euler Karras", SchedulerConfigs.of(FLOW, "use_karras_sigmas", true)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("names")
  void isCalledAsPeopleCallIt(String name, SchedulerSpec spec) {
    assertThat(Scheduler.of(spec).name()).isEqualTo(name);
  }

  @Test
  void ofAnotherTypeIsRefusedByNameWithWhatIsSupported() {
    assertThatExceptionOfType(InvalidBundleException.class)
        .isThrownBy(() -> Scheduler.of(SchedulerSpec.of("LCMScheduler", Map.of(), null)))
        .withMessageContaining("LCMScheduler")
        .withMessageContaining(String.join(", ", TYPES));
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void ignoresAnOptionThatItsClassDoesNotHave(String type) {
    assertSameWalk(
        SchedulerConfigs.of(type, "warp_factor", 9, "sigma_data", List.of(0.5)),
        SchedulerConfigs.of(type));
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void ignoresPrivateAndNullOptions(String type) {
    Map<String, Object> config = new HashMap<>(SchedulerConfigs.of(type).config());
    config.put("_class_name", type);
    config.put("_diffusers_version", "0.42.1");
    config.put("trained_betas", null);
    config.put("solver_p", null);

    assertSameWalk(SchedulerSpec.of(type, config, null), SchedulerConfigs.of(type));
  }

  @ParameterizedTest(name = "{0} {1} = {2}")
  @CsvSource({
    "PNDMScheduler, skip_prk_steps, false",
    "PNDMScheduler, trained_betas, 1",
    "PNDMScheduler, prediction_type, sample",
    "PNDMScheduler, prediction_type, flow_prediction",
    "EulerDiscreteScheduler, interpolation_type, log_linear",
    "EulerDiscreteScheduler, use_exponential_sigmas, true",
    "EulerDiscreteScheduler, use_beta_sigmas, true",
    "EulerDiscreteScheduler, final_sigmas_type, one",
    "EulerDiscreteScheduler, prediction_type, flow_prediction",
    "DPMSolverMultistepScheduler, algorithm_type, dpmsolver",
    "DPMSolverMultistepScheduler, algorithm_type, sde-dpmsolver++",
    "DPMSolverMultistepScheduler, solver_type, rk4",
    "DPMSolverMultistepScheduler, solver_order, 4",
    "DPMSolverMultistepScheduler, thresholding, true",
    "DPMSolverMultistepScheduler, use_exponential_sigmas, true",
    "DPMSolverMultistepScheduler, use_beta_sigmas, true",
    "DPMSolverMultistepScheduler, use_lu_lambdas, true",
    "DPMSolverMultistepScheduler, lambda_min_clipped, -5.0",
    "DPMSolverMultistepScheduler, variance_type, learned_range",
    "DPMSolverMultistepScheduler, prediction_type, flow_prediction",
    "UniPCMultistepScheduler, solver_type, bh3",
    "UniPCMultistepScheduler, solver_order, 0",
    "UniPCMultistepScheduler, solver_p, DDIMScheduler",
    "UniPCMultistepScheduler, thresholding, true",
    "UniPCMultistepScheduler, disable_corrector, 3",
    "UniPCMultistepScheduler, use_exponential_sigmas, true",
    "UniPCMultistepScheduler, use_beta_sigmas, true",
    "UniPCMultistepScheduler, prediction_type, flow_prediction",
    "UniPCMultistepScheduler, shift_terminal, 0.1",
    "UniPCMultistepScheduler, predict_x0, false",
    "UniPCMultistepScheduler, lower_order_final, false",
    "FlowMatchEulerDiscreteScheduler, invert_sigmas, true",
    "FlowMatchEulerDiscreteScheduler, stochastic_sampling, true",
    "FlowMatchEulerDiscreteScheduler, use_exponential_sigmas, true",
    "FlowMatchEulerDiscreteScheduler, use_beta_sigmas, true",
    "FlowMatchEulerDiscreteScheduler, time_shift_type, cubic",
    "FlowMatchEulerDiscreteScheduler, shift, 0",
    "FlowMatchEulerDiscreteScheduler, shift_terminal, 1"
  })
  void withWhatIsNotSupportedIsRefusedByName(String type, String option, String value) {
    assertRefused(SchedulerConfigs.of(type, option, parsed(value)), option);
  }

  static Stream<Arguments> activeOptions() {
    return Stream.of(
        Arguments.of(
            "timestep_type",
            SchedulerConfigs.of(
                EULER, "prediction_type", "v_prediction", "timestep_type", "fourier")),
        Arguments.of(
            "sigma_min", SchedulerConfigs.of(EULER, "use_karras_sigmas", true, "sigma_min", 0)),
        Arguments.of(
            "sigma_max",
            SchedulerConfigs.of(EULER, "use_karras_sigmas", true, "sigma_max", "much")),
        Arguments.of(
            "interpolation_type",
            SchedulerConfigs.of(
                EULER,
                "use_karras_sigmas",
                true,
                "sigma_max",
                10,
                "interpolation_type",
                "log_linear")),
        Arguments.of("flow_shift", flow(DPM, "flow_shift", 0)),
        Arguments.of("flow_shift", flow(UNIPC, "flow_shift", null)),
        Arguments.of(
            "time_shift_type",
            flow(DPM, "use_dynamic_shifting", true, "time_shift_type", "linear")),
        Arguments.of(
            "time_shift_type",
            flow(UNIPC, "use_dynamic_shifting", true, "time_shift_type", "cubic")),
        Arguments.of("base_shift", flow(UNIPC, "use_dynamic_shifting", true, "base_shift", null)),
        Arguments.of(
            "max_image_seq_len",
            SchedulerConfigs.of(FLOW, "use_dynamic_shifting", true, "max_image_seq_len", 0.5)),
        Arguments.of(
            "steps_offset",
            SchedulerConfigs.of(UNIPC, "timestep_spacing", "leading", "steps_offset", null)),
        Arguments.of("timestep_spacing", SchedulerConfigs.of(PNDM, "timestep_spacing", null)),
        Arguments.of("solver_order", SchedulerConfigs.of(DPM, "solver_order", null)),
        Arguments.of("clip_sample_range", SchedulerConfigs.of(DDIM, "clip_sample_range", null)),
        Arguments.of(
            "trained_betas", SchedulerConfigs.of(EULER, "trained_betas", List.of(0.1, 0.2))));
  }

  @ParameterizedTest(name = "{0} of {1}")
  @MethodSource("activeOptions")
  void withWhatIsNotSupportedBesideTheOthersIsRefusedByName(String option, SchedulerSpec spec) {
    assertRefused(spec, "option '" + option + "' of the " + spec.type());
  }

  static Stream<Arguments> inactiveOptions() {
    SchedulerSpec karras = SchedulerConfigs.of(DPM, "use_karras_sigmas", true);
    return Stream.of(
        Arguments.of(
            SchedulerConfigs.of(DDIM, "clip_sample", false),
            List.of("clip_sample_range", "wide", "sample_max_value", -1, "sigma_min", 0)),
        Arguments.of(
            SchedulerConfigs.of(DDIM, "timestep_spacing", "trailing"),
            List.of("steps_offset", -1, "variance_type", "learned", "solver_order", 9)),
        Arguments.of(
            SchedulerConfigs.of(PNDM),
            List.of("rescale_betas_zero_snr", true, "use_karras_sigmas", true, "thresholding", 1)),
        Arguments.of(
            SchedulerConfigs.of(EULER),
            List.of("sigma_min", 0, "sigma_max", "much", "timestep_type", "fourier")),
        Arguments.of(
            SchedulerConfigs.of(
                EULER, "use_karras_sigmas", true, "sigma_min", 0.1, "sigma_max", 10.0),
            List.of("interpolation_type", "log_linear", "thresholding", true, "shift", 3)),
        Arguments.of(
            SchedulerConfigs.of(EULER, "beta_schedule", "squaredcos_cap_v2"),
            List.of("beta_start", -1, "beta_end", "late", "algorithm_type", "sde-dpmsolver++")),
        Arguments.of(
            SchedulerConfigs.of(EULER, "prediction_type", "sample"),
            List.of("prediction_type", "original_sample")),
        Arguments.of(
            SchedulerConfigs.of(DPM),
            List.of(
                "flow_shift",
                0,
                "time_shift_type",
                "cubic",
                "base_shift",
                "far",
                "sigma_max",
                -1,
                "variance_type",
                "fixed_small",
                "lambda_min_clipped",
                -5.1,
                "predict_x0",
                false,
                "solver_p",
                "DDIMScheduler")),
        Arguments.of(SchedulerConfigs.of(DPM), List.of("solver_type", "bh2")),
        Arguments.of(
            SchedulerConfigs.of(DPM), List.of("solver_type", "logrho", "algorithm_type", "deis")),
        Arguments.of(
            SchedulerConfigs.of(DPM, "prediction_type", "v_prediction"),
            List.of("variance_type", "learned")),
        Arguments.of(karras, List.of("use_lu_lambdas", true, "lambda_min_clipped", 1)),
        Arguments.of(
            SchedulerConfigs.of(UNIPC),
            List.of(
                "flow_shift",
                "much",
                "time_shift_type",
                7,
                "sigma_min",
                -3,
                "use_lu_lambdas",
                true,
                "euler_at_final",
                "no")),
        Arguments.of(SchedulerConfigs.of(UNIPC), List.of("solver_type", "midpoint")),
        Arguments.of(
            SchedulerConfigs.of(UNIPC, "predict_x0", false, "final_sigmas_type", "sigma_min"),
            List.of("thresholding", true)),
        Arguments.of(flow(UNIPC, "flow_shift", 2), List.of("shift_terminal", 0, "shift", 5)),
        Arguments.of(
            flow(UNIPC, "use_dynamic_shifting", true), List.of("flow_shift", -1, "shift", 5)),
        Arguments.of(
            SchedulerConfigs.of(FLOW, "shift", 3),
            List.of(
                "prediction_type",
                "epsilon",
                "flow_shift",
                9,
                "max_shift",
                "far",
                "shift_terminal",
                0,
                "sigma_max",
                -1)),
        Arguments.of(
            SchedulerConfigs.of(FLOW, "use_dynamic_shifting", true), List.of("shift", -3)));
  }

  @ParameterizedTest(name = "{0} with {1}")
  @MethodSource("inactiveOptions")
  void ignoresWhatDoesNothingBesideTheOthers(SchedulerSpec spec, List<Object> inactive) {
    Map<String, Object> config = new HashMap<>(spec.config());
    for (int i = 0; i < inactive.size(); i += 2) {
      config.put((String) inactive.get(i), inactive.get(i + 1));
    }

    assertSameWalk(SchedulerSpec.of(spec.type(), config, null), spec);
  }

  @ParameterizedTest
  @CsvSource({
    "DDIMScheduler, clip_sample",
    "DDIMScheduler, set_alpha_to_one",
    "DPMSolverMultistepScheduler, lower_order_final",
    "EulerDiscreteScheduler, rescale_betas_zero_snr",
    "UniPCMultistepScheduler, use_karras_sigmas",
    "FlowMatchEulerDiscreteScheduler, use_dynamic_shifting"
  })
  void readsANullSwitchAsOff(String type, String option) {
    assertSameWalk(
        SchedulerConfigs.of(type, option, null), SchedulerConfigs.of(type, option, false));
  }

  @ParameterizedTest
  @CsvSource({DPM, FLOW})
  void walksBetweenTheSigmasThatItHasFromAnotherClassIfTheyAreThoseOfKarras(String type) {
    SchedulerSpec own = SchedulerConfigs.of(type, "use_karras_sigmas", true);
    SchedulerSpec carried =
        SchedulerConfigs.of(type, "use_karras_sigmas", true, "sigma_min", 0.1, "sigma_max", 0.9);

    assertThat(walk(carried)).isNotEqualTo(walk(own));
  }

  @Test
  void takesTheDefaultWhereTheConfigurationSaysThatAValueIsAnotherClassesDefault() {
    assertSameWalk(
        SchedulerConfigs.of(
            DDIM,
            "timestep_spacing",
            "linspace",
            "_use_default_values",
            List.of("timestep_spacing")),
        SchedulerConfigs.of(DDIM));
  }

  @ParameterizedTest
  @CsvSource({DPM, UNIPC, FLOW})
  void withADynamicShiftKnowsThatALargerImageNeedsMoreNoise(String type) {
    Scheduler scheduler =
        Scheduler.of(
            type.equals(FLOW)
                ? SchedulerConfigs.of(type, "use_dynamic_shifting", true)
                : SchedulerConfigs.of(
                    type,
                    "use_dynamic_shifting",
                    true,
                    "use_flow_sigmas",
                    true,
                    "prediction_type",
                    "flow_prediction"));

    assertThat(scheduler.schedule(4, 4096).timestep(2))
        .isGreaterThan(scheduler.schedule(4, 256).timestep(2));
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> scheduler.schedule(4, 0))
        .withMessageContaining("at least one token, got 0");
  }

  static Stream<SchedulerSpec> contradictions() {
    return Stream.of(
        SchedulerConfigs.of(DPM, "use_flow_sigmas", true, "use_karras_sigmas", true),
        SchedulerConfigs.of(
            UNIPC, "use_flow_sigmas", true, "use_karras_sigmas", true, "shift_terminal", 0.1),
        SchedulerConfigs.of(
            UNIPC,
            "use_flow_sigmas",
            true,
            "prediction_type",
            "flow_prediction",
            "predict_x0",
            false),
        SchedulerConfigs.of(
            FLOW,
            "use_dynamic_shifting",
            true,
            "base_image_seq_len",
            256,
            "max_image_seq_len",
            256));
  }

  @ParameterizedTest
  @MethodSource("contradictions")
  void withOptionsThatContradictEachOtherIsRefused(SchedulerSpec spec) {
    assertRefused(spec, "contradict each other");
  }

  @ParameterizedTest
  @CsvSource({DPM, UNIPC})
  void withAVelocityAlongTheSigmasOfAFlowIsRefused(String type) {
    assertRefused(
        SchedulerConfigs.of(type, "use_flow_sigmas", true, "prediction_type", "v_prediction"),
        "v_prediction");
  }

  @ParameterizedTest
  @CsvSource({PNDM, EULER, DPM, UNIPC})
  void ignoresWhatPublishedConfigurationsCarryAlong(String type) {
    Scheduler scheduler =
        Scheduler.of(
            SchedulerConfigs.of(
                type,
                "clip_sample",
                false,
                "interpolation_type",
                "linear",
                "sample_max_value",
                1.0,
                "set_alpha_to_one",
                false,
                "shift",
                3.0,
                "skip_prk_steps",
                true));

    assertThat(scheduler.schedule(5, 1).steps()).isBetween(5, 6);
  }

  @Test
  void readsAnUnlimitedLambda() {
    Scheduler scheduler =
        Scheduler.of(SchedulerConfigs.of(DPM, "lambda_min_clipped", Double.NEGATIVE_INFINITY));

    assertThat(scheduler.schedule(5, 1).steps()).isEqualTo(5);
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void takesSigmasFromThePipelineOnlyForFlowMatching(String type) {
    SchedulerSpec spec = SchedulerSpec.of(type, SchedulerConfigs.of(type).config(), Sigmas.LINEAR);

    if (type.equals(FLOW)) {
      assertThat(Scheduler.of(spec).schedule(4, 1).timestep(3)).isEqualTo(250);
    } else {
      assertRefused(spec, "scheduler.sigmas");
    }
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void refusesANumberOfStepsTheModelDoesNotHave(String type) {
    Scheduler scheduler = Scheduler.of(SchedulerConfigs.of(type));

    for (int steps : new int[] {Integer.MIN_VALUE, -1, 0, 1001}) {
      assertThatExceptionOfType(InvalidRequestException.class)
          .as("%s steps", steps)
          .isThrownBy(() -> scheduler.schedule(steps, 1))
          .withMessageContaining("got " + steps);
    }
  }

  @Test
  void refusesMoreStepsThanTheSpacingHasPlacesFor() {
    Scheduler scheduler = Scheduler.of(SchedulerConfigs.of(DPM, "timestep_spacing", "leading"));

    assertThat(scheduler.schedule(999, 1).timestep(998)).isEqualTo(1);
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> scheduler.schedule(1000, 1));
  }

  /** A scheduler that follows a flow. */
  private static SchedulerSpec flow(String type, Object... options) {
    Map<String, Object> config = new HashMap<>(SchedulerConfigs.of(type, options).config());
    config.put("use_flow_sigmas", true);
    config.put("prediction_type", "flow_prediction");
    return SchedulerSpec.of(type, config, null);
  }

  private static void assertSameWalk(SchedulerSpec actual, SchedulerSpec expected) {
    assertThat(walk(actual)).isEqualTo(walk(expected));
  }

  /** Everything that the denoiser is told and shown, and where it ends. */
  private static List<Object> walk(SchedulerSpec spec) {
    Schedule schedule = Scheduler.of(spec).schedule(6, 300);
    List<Object> seen = new ArrayList<>();
    SamplerState state = schedule.start(new float[] {0.3f, -1.7f, 4});
    for (int step = 0; step < schedule.steps(); step++) {
      float[] input = schedule.modelInput(step, state);
      seen.add(schedule.timestep(step));
      seen.add(Arrays.toString(input));
      state = schedule.step(step, state, new float[] {input[1], 0.5f, input[0]});
    }
    seen.add(Arrays.toString(state.latents()));
    return seen;
  }

  private static void assertRefused(SchedulerSpec spec, String message) {
    assertThatExceptionOfType(InvalidBundleException.class)
        .isThrownBy(() -> Scheduler.of(spec))
        .withMessageContaining(message);
  }

  /** A value as JSON has it. */
  private static Object parsed(String value) {
    if (value.equals("true") || value.equals("false")) {
      return Boolean.valueOf(value);
    }
    if (value.matches("-?\\d+")) {
      return Integer.valueOf(value);
    }
    return value.matches("-?[\\d.]+") ? Double.valueOf(value) : (Object) value;
  }
}
