package io.github.probeselect.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.bundle.BundleManifest.Sigmas;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.testing.SchedulerConfigs;
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
        .isThrownBy(() -> Scheduler.of(new SchedulerSpec("LCMScheduler", Map.of(), null)))
        .withMessageContaining("LCMScheduler")
        .withMessageContaining(String.join(", ", TYPES));
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void withAnUnknownOptionIsRefusedByName(String type) {
    assertRefused(SchedulerConfigs.of(type, "warp_factor", 9), "warp_factor");
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void ignoresPrivateAndNullOptions(String type) {
    Map<String, Object> config = new HashMap<>(SchedulerConfigs.of(type).config());
    config.put("_class_name", type);
    config.put("_diffusers_version", "0.42.1");
    config.put("trained_betas", null);
    config.put("solver_p", null);

    Scheduler scheduler = Scheduler.of(new SchedulerSpec(type, config, null));

    assertThat(scheduler.schedule(5, 1).timestep(0))
        .isEqualTo(Scheduler.of(SchedulerConfigs.of(type)).schedule(5, 1).timestep(0));
  }

  @ParameterizedTest(name = "{0} {1} = {2}")
  @CsvSource({
    "PNDMScheduler, skip_prk_steps, false",
    "PNDMScheduler, rescale_betas_zero_snr, true",
    "PNDMScheduler, trained_betas, 1",
    "PNDMScheduler, prediction_type, sample",
    "PNDMScheduler, prediction_type, flow_prediction",
    "PNDMScheduler, use_karras_sigmas, true",
    "EulerDiscreteScheduler, interpolation_type, log_linear",
    "EulerDiscreteScheduler, use_exponential_sigmas, true",
    "EulerDiscreteScheduler, use_beta_sigmas, true",
    "EulerDiscreteScheduler, timestep_type, fourier",
    "EulerDiscreteScheduler, sigma_min, 0",
    "EulerDiscreteScheduler, sigma_max, much",
    "EulerDiscreteScheduler, final_sigmas_type, one",
    "EulerDiscreteScheduler, prediction_type, flow_prediction",
    "EulerDiscreteScheduler, thresholding, true",
    "DPMSolverMultistepScheduler, algorithm_type, dpmsolver",
    "DPMSolverMultistepScheduler, algorithm_type, sde-dpmsolver++",
    "DPMSolverMultistepScheduler, solver_type, logrho",
    "DPMSolverMultistepScheduler, solver_order, 4",
    "DPMSolverMultistepScheduler, thresholding, true",
    "DPMSolverMultistepScheduler, use_exponential_sigmas, true",
    "DPMSolverMultistepScheduler, use_beta_sigmas, true",
    "DPMSolverMultistepScheduler, use_lu_lambdas, true",
    "DPMSolverMultistepScheduler, lambda_min_clipped, -5.1",
    "DPMSolverMultistepScheduler, variance_type, learned_range",
    "DPMSolverMultistepScheduler, time_shift_type, linear",
    "DPMSolverMultistepScheduler, prediction_type, flow_prediction",
    "DPMSolverMultistepScheduler, flow_shift, 0",
    "UniPCMultistepScheduler, solver_type, bh3",
    "UniPCMultistepScheduler, solver_order, 0",
    "UniPCMultistepScheduler, solver_p, DDIMScheduler",
    "UniPCMultistepScheduler, thresholding, true",
    "UniPCMultistepScheduler, disable_corrector, 3",
    "UniPCMultistepScheduler, use_exponential_sigmas, true",
    "UniPCMultistepScheduler, use_beta_sigmas, true",
    "UniPCMultistepScheduler, time_shift_type, cubic",
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
    "FlowMatchEulerDiscreteScheduler, shift_terminal, 1",
    "FlowMatchEulerDiscreteScheduler, prediction_type, epsilon"
  })
  void withWhatIsNotSupportedIsRefusedByName(String type, String option, String value) {
    assertRefused(SchedulerConfigs.of(type, option, parsed(value)), option);
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
    SchedulerSpec spec = new SchedulerSpec(type, SchedulerConfigs.of(type).config(), Sigmas.LINEAR);

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
