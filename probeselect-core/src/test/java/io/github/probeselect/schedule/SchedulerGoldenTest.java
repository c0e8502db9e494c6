package io.github.probeselect.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.bundle.BundleManifest.Sigmas;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Walks the trajectories that diffusers walked with the same stand-in for a denoiser. */
class SchedulerGoldenTest {

  private static final double RELATIVE_TOLERANCE = 1e-5;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static final List<String> FILES =
      List.of(
          "ddim.json",
          "pndm.json",
          "euler.json",
          "dpm-solver.json",
          "unipc.json",
          "flow-euler.json",
          "switched.json");

  /** The predicted images are empty where diffusers does not tell them. */
  record Trajectory(
      Map<String, Object> config,
      int steps,
      double[] timesteps,
      float[] noise,
      float[][] latents,
      float[][] originals,
      @Nullable Integer imageTokens,
      @Nullable Sigmas sigmas) {

    Schedule schedule() {
      String type = (String) config.get("_class_name");
      int tokens = imageTokens == null ? 1 : imageTokens;
      return Scheduler.of(SchedulerSpec.of(type, config, sigmas)).schedule(steps, tokens);
    }

    @Override
    public String toString() {
      return steps + " steps of " + config + " " + imageTokens + " " + sigmas;
    }
  }

  static Stream<Trajectory> trajectories() throws IOException {
    Stream<Trajectory> trajectories = Stream.empty();
    for (String name : FILES) {
      try (InputStream file = SchedulerGoldenTest.class.getResourceAsStream("/golden/" + name)) {
        trajectories =
            Stream.concat(
                trajectories,
                JSON.readValue(file, new TypeReference<List<Trajectory>>() {}).stream());
      }
    }
    return trajectories;
  }

  @ParameterizedTest
  @MethodSource("trajectories")
  void everyStepIsThatOfDiffusers(Trajectory expected) {
    Schedule schedule = expected.schedule();

    assertThat(schedule.steps()).isEqualTo(expected.timesteps().length);
    SamplerState state = schedule.start(expected.noise());
    for (int step = 0; step < schedule.steps(); step++) {
      double timestep = expected.timesteps()[step];
      double rounding = timestep == Math.rint(timestep) ? 0 : 2e-6 * Math.abs(timestep);
      assertThat(schedule.timestep(step)).isCloseTo(timestep, within(rounding));
      float[] input = schedule.modelInput(step, state);
      float[] prediction = prediction(input, timestep);
      float[] original = schedule.x0Prediction(step, state, prediction);
      state = schedule.step(step, state, prediction);
      if (expected.originals().length > 0) {
        assertClose("predicted image at step " + step, original, expected.originals()[step]);
      }
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
