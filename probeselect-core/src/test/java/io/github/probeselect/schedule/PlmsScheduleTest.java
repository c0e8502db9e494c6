package io.github.probeselect.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.testing.SchedulerConfigs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlmsScheduleTest {

  @ParameterizedTest(name = "{0} steps take {1} evaluations")
  @CsvSource({"1, 1", "2, 3", "3, 4", "20, 21", "50, 51", "1000, 1001"})
  void theDenoiserIsAskedOnceMoreThanThereAreSteps(int steps, int evaluations) {
    assertThat(schedule(steps).steps()).isEqualTo(evaluations);
  }

  @Test
  void theSecondTimestepComesTwice() {
    Schedule schedule = schedule(4);

    assertThat(schedule.timestep(0)).isEqualTo(750);
    assertThat(schedule.timestep(1)).isEqualTo(500);
    assertThat(schedule.timestep(2)).isEqualTo(500);
    assertThat(schedule.timestep(3)).isEqualTo(250);
    assertThat(schedule.timestep(4)).isZero();
  }

  @Test
  void theFirstStepIsTakenTwiceFromTheSameLatents() {
    Schedule schedule = schedule(4);
    float[] prediction = {0.5f, -1};

    SamplerState once = schedule.step(0, schedule.start(new float[] {1, 2}), prediction);
    SamplerState twice = schedule.step(1, once, prediction);

    assertThat(twice.latents()).containsExactly(once.latents(), within(1e-6f));
  }

  @Test
  void atMostThreePredictionsAreRemembered() {
    Schedule schedule = schedule(9);
    SamplerState state = schedule.start(new float[] {1});
    int[] expected = {0, 2, 1, 2, 3, 3, 3, 3, 3, 3};
    for (int step = 0; step < schedule.steps(); step++) {
      assertThat(state.history()).as("before step %s", step).hasSize(expected[step]);
      state = schedule.step(step, state, new float[] {step});
    }
  }

  @Test
  void thePredictedImageIsThatOfThePredictionAtHand() {
    Scheduler scheduler =
        Scheduler.of(SchedulerConfigs.of("PNDMScheduler", "beta_start", 0.001, "beta_end", 0.001));
    Schedule schedule = scheduler.schedule(4, 1);
    SamplerState state = schedule.start(new float[] {3});
    for (int step = 0; step < 3; step++) {
      state = schedule.step(step, state, new float[] {0.1f * step});
    }
    double alpha = Math.pow(0.999, 251); // timestep 250
    double image = (state.latents()[0] - Math.sqrt(1 - alpha) * 0.5) / Math.sqrt(alpha);

    assertThat(schedule.x0Prediction(3, state, new float[] {0.5f})[0])
        .isCloseTo((float) image, within(1e-4f));
  }

  private static Schedule schedule(int steps) {
    return Scheduler.of(SchedulerConfigs.of("PNDMScheduler")).schedule(steps, 1);
  }
}
