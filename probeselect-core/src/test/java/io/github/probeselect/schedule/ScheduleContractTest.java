package io.github.probeselect.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.noise.TorchNoise;
import io.github.probeselect.testing.SchedulerConfigs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for the schedules of every scheduler. */
class ScheduleContractTest {

  private static final int TOKENS = 1024;

  static Stream<SchedulerSpec> specs() {
    return SchedulerConfigs.all().stream();
  }

  @Provide
  Arbitrary<SchedulerSpec> schedulers() {
    return Arbitraries.of(SchedulerConfigs.all());
  }

  @Provide
  Arbitrary<SchedulerSpec> schedulersOfConstantPredictions() {
    return Arbitraries.of(SchedulerConfigs.ofConstantPredictions());
  }

  @Property(tries = 300)
  void theSameArgumentsGiveTheSameResultAndAreNotModified(
      @ForAll("schedulers") SchedulerSpec spec,
      @ForAll @IntRange(min = 1, max = 30) int steps,
      @ForAll long seed) {
    Schedule schedule = schedule(spec, steps);
    Schedule again = schedule(spec, steps);
    float[] noise = TorchNoise.gaussian(seed, 6);
    SamplerState state = schedule.start(noise);
    assertThat(noise).isEqualTo(TorchNoise.gaussian(seed, 6));
    for (int step = 0; step < schedule.steps(); step++) {
      float[][] before = copies(state);
      float[] input = schedule.modelInput(step, state);
      float[] prediction = denoised(input);
      float[] original = schedule.x0Prediction(step, state, prediction);
      SamplerState next = schedule.step(step, state, prediction);

      assertThat(copies(again.step(step, state, prediction))).isDeepEqualTo(copies(next));
      assertThat(again.x0Prediction(step, state, prediction)).isEqualTo(original);
      assertThat(again.modelInput(step, state)).isEqualTo(input);
      assertThat(again.timestep(step)).isEqualTo(schedule.timestep(step));
      assertThat(copies(state)).isDeepEqualTo(before);
      assertThat(prediction).isEqualTo(denoised(input));
      state = next;
    }
    assertThat(state.history()).as("memory after the last step").isEmpty();
  }

  @Property(tries = 200)
  void candidatesStepTheSameTogetherAndAlone(
      @ForAll("schedulers") SchedulerSpec spec,
      @ForAll @IntRange(min = 1, max = 20) int steps,
      @ForAll long seed) {
    float[] first = TorchNoise.gaussian(seed, 4);
    float[] second = TorchNoise.gaussian(seed + 1, 4);
    float[] both = Arrays.copyOf(first, 8);
    System.arraycopy(second, 0, both, 4, 4);
    Schedule schedule = schedule(spec, steps);

    float[] together = walked(schedule, both);

    assertThat(Arrays.copyOf(together, 4)).isEqualTo(walked(schedule, first));
    assertThat(Arrays.copyOfRange(together, 4, 8)).isEqualTo(walked(schedule, second));
  }

  /** Along a straight path every order of every solver is exact, and the prediction is constant. */
  @Property(tries = 300)
  void aPerfectDenoiserArrivesAtItsImageWhateverTheSteps(
      @ForAll("schedulersOfConstantPredictions") SchedulerSpec spec,
      @ForAll @IntRange(min = 1, max = 40) int steps,
      @ForAll long seed) {
    Schedule schedule = schedule(spec, steps);
    float[] prediction = TorchNoise.gaussian(seed, 6);
    SamplerState state = schedule.start(TorchNoise.gaussian(seed + 1, 6));
    float[] image = schedule.x0Prediction(0, state, prediction);
    float largest = 1;
    for (float value : image) {
      largest = Math.max(largest, Math.abs(value));
    }

    for (int step = 0; step < schedule.steps(); step++) {
      assertThat(schedule.x0Prediction(step, state, prediction))
          .as("predicted image at step %s", step)
          .containsExactly(image, within(2e-5f * largest));
      state = schedule.step(step, state, prediction);
    }

    assertThat(state.latents()).containsExactly(image, within(2e-5f * largest));
  }

  @ParameterizedTest
  @MethodSource("specs")
  void timestepsFall(SchedulerSpec spec) {
    for (int steps = 1; steps <= 100; steps++) {
      Schedule schedule = schedule(spec, steps);
      for (int step = 1; step < schedule.steps(); step++) {
        assertThat(schedule.timestep(step)).isLessThanOrEqualTo(schedule.timestep(step - 1));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("specs")
  void valuesThatAreNotFiniteStayInTheirPlace(SchedulerSpec spec) {
    Schedule schedule = schedule(spec, 8);
    SamplerState state = schedule.start(new float[] {1, 2});
    for (int step = 0; step < schedule.steps(); step++) {
      float[] prediction = denoised(schedule.modelInput(step, state));
      prediction[0] = step == 3 ? Float.NaN : prediction[0];
      state = schedule.step(step, state, prediction);
    }

    assertThat(state.latents()[0]).isNaN();
    assertThat(state.latents()[1]).isFinite();
  }

  @ParameterizedTest
  @MethodSource("specs")
  void argumentsThatDoNotFitAreRefused(SchedulerSpec spec) {
    Schedule schedule = schedule(spec, 5);
    SamplerState start = schedule.start(new float[4]);

    assertRefused(() -> schedule.timestep(-1));
    assertRefused(() -> schedule.timestep(schedule.steps()));
    assertRefused(() -> schedule.modelInput(schedule.steps(), start));
    assertRefused(() -> schedule.step(schedule.steps(), start, new float[4]));
    assertRefused(() -> schedule.x0Prediction(-1, start, new float[4]));
    assertRefused(() -> schedule.step(0, start, new float[3]));
    assertRefused(() -> schedule.x0Prediction(0, start, new float[5]));
    assertRefused(
        () -> schedule.step(0, SamplerState.of(new float[4], List.of(new float[4])), new float[4]));
  }

  @ParameterizedTest
  @MethodSource("specs")
  void aStateWithoutTheMemoryOfTheStepBeforeIsRefused(SchedulerSpec spec) {
    Schedule schedule = schedule(spec, 5);
    SamplerState second = schedule.step(0, schedule.start(new float[4]), new float[4]);
    if (!second.history().isEmpty()) {
      assertRefused(() -> schedule.step(1, SamplerState.of(second.latents()), new float[4]));
    }
  }

  private static void assertRefused(ThrowingCallable call) {
    assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(call);
  }

  private static Schedule schedule(SchedulerSpec spec, int steps) {
    return Scheduler.of(spec).schedule(steps, TOKENS);
  }

  private static float[] walked(Schedule schedule, float[] noise) {
    SamplerState state = schedule.start(noise);
    for (int step = 0; step < schedule.steps(); step++) {
      state = schedule.step(step, state, denoised(schedule.modelInput(step, state)));
    }
    return state.latents();
  }

  private static float[] denoised(float[] input) {
    float[] prediction = new float[input.length];
    for (int i = 0; i < prediction.length; i++) {
      prediction[i] = input[i] / (1 + Math.abs(input[i]));
    }
    return prediction;
  }

  private static float[][] copies(SamplerState state) {
    List<float[]> copies = new ArrayList<>();
    copies.add(state.latents().clone());
    state.history().forEach(array -> copies.add(array.clone()));
    return copies.toArray(float[][]::new);
  }
}
