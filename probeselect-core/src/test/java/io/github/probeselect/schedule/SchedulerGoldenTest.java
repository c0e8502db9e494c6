package io.github.probeselect.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Walks the trajectories that diffusers walked with the same stand-in for a denoiser. */
class DdimGoldenTest {

  private static final double RELATIVE_TOLERANCE = 1e-5;

  record Trajectory(
      Map<String, Object> config,
      int steps,
      List<Integer> timesteps,
      float[] noise,
      float[][] latents,
      float[][] originals) {

    @Override
    public String toString() {
      return steps + " steps of " + config;
    }
  }

  static Stream<Trajectory> trajectories() throws IOException {
    try (InputStream file = DdimGoldenTest.class.getResourceAsStream("/golden/ddim.json")) {
      return new ObjectMapper().readValue(file, new TypeReference<List<Trajectory>>() {}).stream();
    }
  }

  @ParameterizedTest
  @MethodSource("trajectories")
  void everyStepIsThatOfDiffusers(Trajectory expected) {
    Schedule schedule = Scheduler.of("DDIMScheduler", expected.config()).schedule(expected.steps());

    assertThat(schedule.steps()).isEqualTo(expected.steps());
    SamplerState state = schedule.start(expected.noise());
    for (int step = 0; step < schedule.steps(); step++) {
      assertThat(schedule.timestep(step)).isEqualTo(expected.timesteps().get(step).doubleValue());
      float[] input = schedule.modelInput(step, state);
      float[] prediction = prediction(input, schedule.timestep(step));
      float[] original = schedule.originalPrediction(step, state, prediction);
      state = schedule.step(step, state, prediction);
      assertClose("predicted image at step " + step, original, expected.originals()[step]);
      assertClose("latents after step " + step, state.latents(), expected.latents()[step]);
    }
  }

  private static float[] prediction(float[] sample, double timestep) {
    float[] prediction = new float[sample.length];
    for (int i = 0; i < sample.length; i++) {
      double x = sample[i];
      prediction[i] =
          (float) (0.8 * x / (1.0 + Math.abs(x)) + 0.05 * (i % 5 - 2) - timestep / 4000.0);
    }
    return prediction;
  }

  private static void assertClose(String what, float[] actual, float[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      double tolerance = RELATIVE_TOLERANCE * Math.max(1, Math.abs(expected[i]));
      assertThat((double) actual[i]).as(what).isCloseTo(expected[i], within(tolerance));
    }
  }
}
