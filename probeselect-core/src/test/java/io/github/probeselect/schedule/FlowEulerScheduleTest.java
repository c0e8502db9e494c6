package io.github.probeselect.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.bundle.BundleManifest.Sigmas;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.testing.SchedulerConfigs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlowEulerScheduleTest {

  @Test
  void linearSigmasFallEvenlyToOneOverTheSteps() {
    Schedule schedule = linear().schedule(4, 1);

    assertThat(schedule.timestep(0)).isEqualTo(1000);
    assertThat(schedule.timestep(1)).isEqualTo(750);
    assertThat(schedule.timestep(2)).isEqualTo(500);
    assertThat(schedule.timestep(3)).isEqualTo(250);
  }

  @Test
  void itsOwnSigmasFallEvenlyToOneOverTheTrainingSteps() {
    Schedule schedule = own().schedule(4, 1);

    assertThat(schedule.timestep(0)).isEqualTo(1000);
    assertThat(schedule.timestep(1)).isCloseTo(667, within(1e-3));
    assertThat(schedule.timestep(3)).isCloseTo(1, within(1e-6));
  }

  @Test
  void aStaticShiftOfLinearSigmas() {
    assertThat(linear("shift", 3.0).schedule(4, 1).timestep(2))
        .isCloseTo(1000 * 3 * 0.5 / (1 + 2 * 0.5), within(1e-3));
  }

  @Test
  void aStaticShiftActsTwiceOnItsOwnLeastSigma() {
    double once = 3 * 0.001 / (1 + 2 * 0.001);
    double twice = 3 * once / (1 + 2 * once);

    assertThat(own("shift", 3.0).schedule(4, 1).timestep(3)).isCloseTo(1000 * twice, within(1e-3));
  }

  @ParameterizedTest(name = "{0} tokens, {1}: {2}")
  @CsvSource({
    "256, exponential, 1.6487213", // e^0.5
    "4096, exponential, 3.1581929", // e^1.15
    "2176, exponential, 2.2818806", // e^0.825, halfway
    "256, linear, 0.5",
    "4096, linear, 1.15"
  })
  void aDynamicShiftGrowsWithTheImage(int tokens, String type, double shift) {
    Schedule schedule =
        linear("use_dynamic_shifting", true, "time_shift_type", type, "shift", 7.0)
            .schedule(4, tokens);

    assertThat(schedule.timestep(2))
        .isCloseTo(1000 * shift * 0.5 / (1 + (shift - 1) * 0.5), within(1e-3));
  }

  @Test
  void aTerminalShiftStretchesTheSigmasToIt() {
    Schedule schedule = linear("shift_terminal", 0.1).schedule(4, 1);

    assertThat(schedule.timestep(0)).isEqualTo(1000);
    assertThat(schedule.timestep(3)).isCloseTo(100, within(1e-3));
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> linear("shift_terminal", 0.1).schedule(1, 1))
        .withMessageContaining("shift_terminal");
  }

  @Test
  void latentsGoStraightAlongTheVelocity() {
    Schedule schedule = linear().schedule(4, 1);
    SamplerState start = schedule.start(new float[] {1, -2});
    float[] velocity = {0.5f, -3};

    assertThat(start.latents()).containsExactly(1, -2);
    assertThat(schedule.modelInput(0, start)).containsExactly(1, -2);
    assertThat(schedule.step(0, start, velocity).latents()).containsExactly(0.875f, -1.25f);
    assertThat(schedule.x0Prediction(1, start, velocity)).containsExactly(0.625f, 0.25f);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -5})
  void aDynamicShiftNeedsTokens(int tokens) {
    Scheduler scheduler = own("use_dynamic_shifting", true);

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> scheduler.schedule(4, tokens))
        .withMessageContaining("got " + tokens);
  }

  @Test
  void aSizeWithoutAShiftIsRefused() {
    Scheduler scheduler =
        own("use_dynamic_shifting", true, "time_shift_type", "linear", "base_shift", -1.0);

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> scheduler.schedule(4, 256))
        .withMessageContaining("256 tokens");
  }

  private static Scheduler own(Object... options) {
    return Scheduler.of(SchedulerConfigs.of("FlowMatchEulerDiscreteScheduler", options));
  }

  private static Scheduler linear(Object... options) {
    SchedulerSpec spec = SchedulerConfigs.of("FlowMatchEulerDiscreteScheduler", options);
    return Scheduler.of(SchedulerSpec.of(spec.type(), spec.config(), Sigmas.LINEAR));
  }
}
