package io.github.probeselect.schedule;

import static io.github.probeselect.testing.SchedulerConfigs.DDIM;
import static io.github.probeselect.testing.SchedulerConfigs.DPM;
import static io.github.probeselect.testing.SchedulerConfigs.EULER;
import static io.github.probeselect.testing.SchedulerConfigs.FLOW;
import static io.github.probeselect.testing.SchedulerConfigs.PNDM;
import static io.github.probeselect.testing.SchedulerConfigs.UNIPC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.bundle.BundleManifest.Sigmas;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.testing.SchedulerConfigs;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Configurations of schedulers that are refused. */
class UnsupportedOptionsTest {

  static final List<String> TYPES = SchedulerConfigs.TYPES;

  @Test
  void ofAnotherTypeIsRefusedByNameWithWhatIsSupported() {
    assertThatExceptionOfType(InvalidBundleException.class)
        .isThrownBy(() -> Scheduler.of(SchedulerSpec.of("LCMScheduler", Map.of(), null)))
        .withMessageContaining("LCMScheduler")
        .withMessageContaining(String.join(", ", TYPES));
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
        Arguments.of("flow_shift", SchedulerConfigs.flow(DPM, "flow_shift", 0)),
        Arguments.of("flow_shift", SchedulerConfigs.flow(UNIPC, "flow_shift", null)),
        Arguments.of(
            "time_shift_type",
            SchedulerConfigs.flow(DPM, "use_dynamic_shifting", true, "time_shift_type", "linear")),
        Arguments.of(
            "time_shift_type",
            SchedulerConfigs.flow(UNIPC, "use_dynamic_shifting", true, "time_shift_type", "cubic")),
        Arguments.of(
            "base_shift",
            SchedulerConfigs.flow(UNIPC, "use_dynamic_shifting", true, "base_shift", null)),
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
  @FieldSource("TYPES")
  void takesSigmasFromThePipelineOnlyForFlowMatching(String type) {
    SchedulerSpec spec = SchedulerSpec.of(type, SchedulerConfigs.of(type).config(), Sigmas.LINEAR);

    if (type.equals(FLOW)) {
      assertThat(Scheduler.of(spec).schedule(4, 1).timestep(3)).isEqualTo(250);
    } else {
      assertRefused(spec, "scheduler.sigmas");
    }
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
