package io.github.probeselect.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.testing.SchedulerConfigs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Betas of 1/4 at each of two training steps: sigma is sqrt(1/3), then sqrt(7/9). */
class EulerScheduleTest {

  private static final double SIGMA = Math.sqrt(7.0 / 9);

  @ParameterizedTest
  @CsvSource({"linspace, 0.8819171", "trailing, 0.8819171", "leading, 1.3333334"})
  void theNoiseIsScaledToTheFirstSigma(String spacing, float scale) {
    assertThat(schedule("timestep_spacing", spacing).start(new float[] {1, -2}).latents())
        .containsExactly(new float[] {scale, -2 * scale}, within(1e-6f));
  }

  @Test
  void theDenoiserSeesLatentsOfVarianceOne() {
    SamplerState state = SamplerState.of(new float[] {4, -8});

    assertThat(schedule().modelInput(0, state)).containsExactly(new float[] {3, -6}, within(1e-6f));
    assertThat(state.latents()).containsExactly(4, -8);
  }

  @Test
  void thePredictedImageFollowsFromEveryPredictionType() {
    SamplerState state = SamplerState.of(new float[] {4});
    float[] prediction = {0.5f};

    assertThat(schedule().x0Prediction(0, state, prediction)[0])
        .isCloseTo((float) (4 - SIGMA * 0.5), within(1e-6f));
    assertThat(schedule("prediction_type", "sample").x0Prediction(0, state, prediction))
        .containsExactly(0.5f);
    // alpha = 3/4, so that the input is 3 and x_0 = alpha 3 - sqrt(1 - alpha^2) v.
    assertThat(schedule("prediction_type", "v_prediction").x0Prediction(0, state, prediction)[0])
        .isCloseTo((float) (0.75 * 3 - Math.sqrt(7.0 / 16) * 0.5), within(1e-6f));
  }

  @Test
  void aStepGoesAlongTheNoise() {
    SamplerState state = SamplerState.of(new float[] {4});

    assertThat(schedule().step(0, state, new float[] {0.5f}).latents()[0])
        .isCloseTo((float) (4 + (Math.sqrt(1.0 / 3) - SIGMA) * 0.5), within(1e-6f));
  }

  @Test
  void theLastStepArrivesAtThePredictedImageOrAtTheLeastSigma() {
    SamplerState state = SamplerState.of(new float[] {4});
    float[] prediction = {0.5f};
    Schedule toTheImage = schedule();
    Schedule toTheLeast = schedule("final_sigmas_type", "sigma_min");

    assertThat(toTheImage.step(1, state, prediction).latents())
        .containsExactly(toTheImage.x0Prediction(1, state, prediction), within(1e-6f));
    assertThat(toTheLeast.step(1, state, prediction).latents()).containsExactly(4);
  }

  @Test
  void aContinuousTimestepIsAQuarterOfTheLogarithmOfSigma() {
    Schedule schedule = schedule("timestep_type", "continuous", "prediction_type", "v_prediction");

    assertThat(schedule.timestep(0)).isCloseTo(0.25 * Math.log(SIGMA), within(1e-6));
    assertThat(schedule.timestep(1)).isCloseTo(0.25 * Math.log(Math.sqrt(1.0 / 3)), within(1e-6));
  }

  @Test
  void karrasSigmasRunBetweenTheGivenOnes() {
    Schedule schedule = schedule("use_karras_sigmas", true, "sigma_min", 0.5, "sigma_max", 3.0);

    assertThat(schedule.start(new float[] {1}).latents()[0]).isCloseTo(3, within(1e-5f));
    assertThat(schedule.timestep(0)).as("the nearest training step").isEqualTo(1);
    assertThat(schedule.timestep(1)).isZero();
  }

  private static Schedule schedule(Object... options) {
    Object[] all = new Object[options.length + 6];
    System.arraycopy(options, 0, all, 0, options.length);
    Object[] betas = {"num_train_timesteps", 2, "beta_start", 0.25, "beta_end", 0.25};
    System.arraycopy(betas, 0, all, options.length, 6);
    return Scheduler.of(SchedulerConfigs.of("EulerDiscreteScheduler", all)).schedule(2, 1);
  }
}
