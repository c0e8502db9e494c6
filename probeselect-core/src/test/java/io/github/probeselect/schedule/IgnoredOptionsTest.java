package io.github.probeselect.schedule;

import static io.github.probeselect.testing.SchedulerConfigs.DDIM;
import static io.github.probeselect.testing.SchedulerConfigs.DPM;
import static io.github.probeselect.testing.SchedulerConfigs.EULER;
import static io.github.probeselect.testing.SchedulerConfigs.FLOW;
import static io.github.probeselect.testing.SchedulerConfigs.PNDM;
import static io.github.probeselect.testing.SchedulerConfigs.UNIPC;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
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

/** Options that change nothing: of other classes, inactive, or at their default. */
class IgnoredOptionsTest {

  static final List<String> TYPES = SchedulerConfigs.TYPES;

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
        Arguments.of(
            SchedulerConfigs.flow(UNIPC, "flow_shift", 2),
            List.of("shift_terminal", 0, "shift", 5)),
        Arguments.of(
            SchedulerConfigs.flow(UNIPC, "use_dynamic_shifting", true),
            List.of("flow_shift", -1, "shift", 5)),
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
}
