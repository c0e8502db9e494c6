package io.github.probeselect.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.noise.TorchNoise;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DdimScheduleTest {

  private static final Schedule SCHEDULE =
      ddim(Map.of(
              "beta_start",
              0.00085,
              "beta_end",
              0.012,
              "beta_schedule",
              "scaled_linear",
              "prediction_type",
              "v_prediction",
              "timestep_spacing",
              "trailing",
              "rescale_betas_zero_snr",
              true,
              "clip_sample",
              false))
          .schedule(20, 1);

  @Test
  void theTrajectoryStartsFromTheNoiseAsItIs() {
    float[] noise = TorchNoise.gaussian(1, 64);

    SamplerState start = SCHEDULE.start(noise);

    assertThat(start.latents()).isEqualTo(noise);
    assertThat(SCHEDULE.modelInput(0, start)).isEqualTo(noise);
  }

  @Test
  void noStateHasHistory() {
    SamplerState start = SCHEDULE.start(new float[] {1, 2});

    assertThat(start.history()).isEmpty();
    assertThat(SCHEDULE.step(0, start, new float[] {0, 0}).history()).isEmpty();
  }

  @Test
  void atZeroSignalTheVelocityIsTheNegativeImage() {
    SamplerState start = SCHEDULE.start(new float[] {1, 2});

    assertThat(SCHEDULE.x0Prediction(0, start, new float[] {0.5f, -3})).containsExactly(-0.5f, 3);
  }

  @Test
  void theLastStepArrivesAtThePredictedImage() {
    SamplerState state = SCHEDULE.start(TorchNoise.gaussian(2, 16));
    float[] prediction = TorchNoise.gaussian(3, 16);

    assertThat(SCHEDULE.step(19, state, prediction).latents())
        .containsExactly(SCHEDULE.x0Prediction(19, state, prediction));
  }

  @Test
  void aPerfectDenoiserArrivesAtItsImage() {
    Schedule schedule = ddim(Map.of("prediction_type", "sample")).schedule(10, 1);
    float[] image = {0.3f, -0.7f, 0.9f};

    SamplerState state = schedule.start(new float[] {1.5f, -0.2f, 0.1f});
    for (int step = 0; step < schedule.steps(); step++) {
      state = schedule.step(step, state, image);
    }

    assertThat(state.latents()).containsExactly(image, within(1e-6f));
  }

  @Test
  void argumentsAreNotModified() {
    float[] noise = TorchNoise.gaussian(4, 32);
    float[] prediction = TorchNoise.gaussian(5, 32);
    SamplerState state = SCHEDULE.start(noise);

    SCHEDULE.step(3, state, prediction);
    SCHEDULE.x0Prediction(3, state, prediction);

    assertThat(noise).isEqualTo(TorchNoise.gaussian(4, 32));
    assertThat(prediction).isEqualTo(TorchNoise.gaussian(5, 32));
    assertThat(state.latents()).isEqualTo(noise);
  }

  @Test
  void candidatesStepTheSameTogetherAndAlone() {
    float[] first = TorchNoise.gaussian(6, 16);
    float[] second = TorchNoise.gaussian(7, 16);

    float[] together = stepOnce(concatenate(first, second));

    assertThat(together).isEqualTo(concatenate(stepOnce(first), stepOnce(second)));
  }

  @Test
  void valuesThatAreNotFiniteStayInTheirPlace() {
    SamplerState state = SCHEDULE.start(new float[] {1, 2});

    float[] next = SCHEDULE.step(4, state, new float[] {Float.NaN, 0.5f}).latents();

    assertThat(next[0]).isNaN();
    assertThat(next[1]).isFinite();
  }

  @Test
  void clippingBoundsThePredictedImage() {
    Schedule schedule = ddim(Map.of("clip_sample_range", 2.5)).schedule(10, 1);

    assertThat(schedule.x0Prediction(0, SamplerState.of(new float[] {9, -9}), new float[2]))
        .containsExactly(2.5f, -2.5f);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 20})
  void aStepOutsideTheScheduleIsRefused(int step) {
    SamplerState state = SCHEDULE.start(new float[1]);

    assertThatThrownBy(() -> SCHEDULE.timestep(step)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> SCHEDULE.modelInput(step, state))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> SCHEDULE.step(step, state, new float[1]))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("" + step);
  }

  @Test
  void aPredictionOfAnotherLengthIsRefused() {
    SamplerState state = SCHEDULE.start(new float[4]);

    assertThatThrownBy(() -> SCHEDULE.step(0, state, new float[3]))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContainingAll("3", "4");
  }

  @Test
  void aStateKeepsTheHistoryItIsGiven() {
    float[] previous = {1};

    assertThat(SamplerState.of(new float[] {2}, List.of(previous)).history())
        .containsExactly(previous);
  }

  private static Scheduler ddim(Map<String, Object> config) {
    return Scheduler.of(SchedulerSpec.of("DDIMScheduler", config, null));
  }

  private static float[] stepOnce(float[] noise) {
    float[] prediction = noise.clone();
    for (int i = 0; i < prediction.length; i++) {
      prediction[i] *= 0.5f;
    }
    return SCHEDULE.step(5, SCHEDULE.start(noise), prediction).latents();
  }

  private static float[] concatenate(float[] first, float[] second) {
    float[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
