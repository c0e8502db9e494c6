package io.github.probeselect.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidRequestException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DdimSchedulerTest {

  @Test
  void aDdimSchedulerIsCalledDdim() {
    assertThat(ddim(Map.of()).name()).isEqualTo("DDIM");
  }

  @Test
  void trainedBetasAreRefusedByName() {
    assertThatThrownBy(() -> ddim(Map.of("trained_betas", new double[] {0.1, 0.2})))
        .isInstanceOf(InvalidBundleException.class)
        .hasMessageContaining("trained_betas");
  }

  @Test
  void thresholdingIsRefusedByName() {
    assertThatThrownBy(() -> ddim(Map.of("thresholding", true)))
        .isInstanceOf(InvalidBundleException.class)
        .hasMessageContaining("thresholding");
  }

  @ParameterizedTest
  @CsvSource({
    "beta_schedule, sigmoid, squaredcos_cap_v2",
    "prediction_type, flow, v_prediction",
    "timestep_spacing, random, trailing",
    "clip_sample, yes, true or false",
    "num_train_timesteps, many, whole number"
  })
  void anUnknownValueIsRefusedWithWhatIsAllowed(String option, String value, String allowed) {
    assertThatThrownBy(() -> ddim(Map.of(option, value)))
        .isInstanceOf(InvalidBundleException.class)
        .hasMessageContainingAll(option, value, allowed);
  }

  @ParameterizedTest
  @CsvSource({
    "num_train_timesteps, 1",
    "num_train_timesteps, 10.5",
    "num_train_timesteps, 2000000",
    "steps_offset, -1",
    "beta_start, 0",
    "beta_end, 1",
    "clip_sample_range, -1",
    "clip_sample_range, NaN"
  })
  void aNumberOutOfRangeIsRefused(String option, double value) {
    assertThatThrownBy(() -> ddim(Map.of(option, value)))
        .isInstanceOf(InvalidBundleException.class)
        .hasMessageContaining(option);
  }

  @ParameterizedTest
  @ValueSource(strings = {"trailing", "linspace"})
  void noisePredictionAtZeroSignalIsRefused(String spacing) {
    Map<String, Object> config =
        Map.of("rescale_betas_zero_snr", true, "timestep_spacing", spacing);

    assertThatThrownBy(() -> ddim(config))
        .isInstanceOf(InvalidBundleException.class)
        .hasMessageContainingAll("rescale_betas_zero_snr", "prediction_type");
  }

  @Test
  void noisePredictionWithLeadingStepsIsRefusedOnlyWhereItWouldBeginAtPureNoise() {
    Scheduler scheduler = ddim(Map.of("rescale_betas_zero_snr", true));

    assertThat(scheduler.schedule(20, 1).steps()).isEqualTo(20);
    assertThatThrownBy(() -> scheduler.schedule(1000, 1))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("pure noise");
  }

  @Test
  void privateNullAndForeignLeftoverOptionsAreIgnored() {
    Map<String, Object> config = new HashMap<>();
    config.put("_class_name", "DDIMScheduler");
    config.put("_anything", 3);
    config.put("trained_betas", null);
    config.put("skip_prk_steps", true);
    config.put("thresholding", false);
    config.put("dynamic_thresholding_ratio", 0.995);
    config.put("sample_max_value", 1.0);

    assertThat(ddim(config).schedule(5, 1).steps()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1001})
  void aNumberOfStepsTheModelDoesNotHaveIsRefused(int steps) {
    Scheduler scheduler = ddim(Map.of());

    assertThatThrownBy(() -> scheduler.schedule(steps, 1))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContainingAll("1000", "" + steps);
  }

  @Test
  void anOffsetThatLeavesTheTrainedStepsIsRefused() {
    Scheduler scheduler = ddim(Map.of("steps_offset", 1));

    assertThat(scheduler.schedule(999, 1).steps()).isEqualTo(999);
    assertThatThrownBy(() -> scheduler.schedule(1000, 1))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("steps_offset");
  }

  @ParameterizedTest
  @EnumSource(TimestepSpacing.class)
  void everyNumberOfStepsGivesThatManyFallingTimesteps(TimestepSpacing spacing) {
    Scheduler scheduler = ddim(Map.of("timestep_spacing", spacing.toString()));

    for (int steps = 1; steps <= 1000; steps++) {
      Schedule schedule = scheduler.schedule(steps, 1);
      assertThat(schedule.steps()).isEqualTo(steps);
      double before = 1000;
      for (int step = 0; step < steps; step++) {
        assertThat(schedule.timestep(step)).isBetween(0.0, before - 1);
        before = schedule.timestep(step);
      }
    }
  }

  private static Scheduler ddim(Map<String, Object> config) {
    return Scheduler.of(SchedulerSpec.of("DDIMScheduler", config, null));
  }
}
