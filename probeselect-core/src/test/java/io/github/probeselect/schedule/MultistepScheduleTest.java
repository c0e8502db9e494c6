package io.github.probeselect.schedule;

import static io.github.probeselect.testing.SchedulerConfigs.DPM;
import static io.github.probeselect.testing.SchedulerConfigs.UNIPC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.testing.SchedulerConfigs;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultistepScheduleTest {

  @Test
  void dpmSolverRemembersOneOutputLessThanItsOrder() {
    assertMemory(SchedulerConfigs.of(DPM, "solver_order", 1), 0, 0, 0, 0, 0, 0);
    assertMemory(SchedulerConfigs.of(DPM, "solver_order", 2), 0, 1, 1, 1, 1, 0);
    assertMemory(SchedulerConfigs.of(DPM, "solver_order", 3), 0, 1, 2, 2, 1, 0);
  }

  @Test
  void uniPcRemembersTheLatentsThatAreCorrectedToo() {
    assertMemory(SchedulerConfigs.of(UNIPC, "solver_order", 1), 0, 2, 2, 2, 2, 2);
    assertMemory(SchedulerConfigs.of(UNIPC, "solver_order", 2), 0, 2, 3, 3, 3, 3);
    assertMemory(SchedulerConfigs.of(UNIPC, "solver_order", 3), 0, 2, 3, 4, 4, 3);
    assertMemory(
        SchedulerConfigs.of(UNIPC, "solver_order", 2, "disable_corrector", List.of(0, 1, 2, 3, 4)),
        0,
        1,
        1,
        1,
        1,
        0);
  }

  @Test
  void theFirstOrderOfBothSolversIsDdim() {
    Schedule dpm = Scheduler.of(SchedulerConfigs.of(DPM, "solver_order", 1)).schedule(6, 1);
    Schedule uniPc =
        Scheduler.of(
                SchedulerConfigs.of(
                    UNIPC, "solver_order", 1, "disable_corrector", List.of(0, 1, 2, 3, 4)))
            .schedule(6, 1);
    SamplerState state = dpm.start(new float[] {1, -2});
    SamplerState other = state;
    for (int step = 0; step < 6; step++) {
      float[] prediction = {0.3f * step, state.latents()[0]};
      state = dpm.step(step, state, prediction);
      other = uniPc.step(step, other, prediction);
      assertThat(other.latents()).containsExactly(state.latents(), within(1e-3f));
    }
  }

  @Test
  void theLastStepArrivesAtThePredictedImage() {
    for (SchedulerSpec spec :
        List.of(
            SchedulerConfigs.of(DPM),
            SchedulerConfigs.of(UNIPC, "disable_corrector", List.of(3)))) {
      Schedule schedule = Scheduler.of(spec).schedule(5, 1);
      SamplerState state = schedule.start(new float[] {1, -2});
      for (int step = 0; step < 4; step++) {
        state = schedule.step(step, state, new float[] {0.5f, step});
      }
      float[] prediction = {0.2f, 0.7f};

      assertThat(schedule.step(4, state, prediction).latents())
          .containsExactly(schedule.x0Prediction(4, state, prediction));
    }
  }

  @Test
  void uniPcArrivesAtTheImageWithEitherB() {
    for (String variant : List.of("bh1", "bh2")) {
      Schedule schedule =
          Scheduler.of(SchedulerConfigs.of(UNIPC, "solver_type", variant)).schedule(4, 1);
      SamplerState state = schedule.start(new float[] {1});
      for (int step = 0; step < 4; step++) {
        state = schedule.step(step, state, new float[] {0.1f * step});
      }

      assertThat(state.latents()[0]).as(variant).isFinite();
    }
  }

  @Test
  void sigmasThatDoNotFallAreRefused() {
    Scheduler scheduler =
        Scheduler.of(
            SchedulerConfigs.of(
                UNIPC, "use_karras_sigmas", true, "sigma_min", 5.0, "sigma_max", 1.0));

    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> scheduler.schedule(4, 1))
        .withMessageContaining("sigmas must fall");
  }

  /** How many arrays the state holds before each of six steps. */
  private static void assertMemory(SchedulerSpec spec, int... expected) {
    Schedule schedule = Scheduler.of(spec).schedule(expected.length, 1);
    SamplerState state = schedule.start(new float[] {1});
    for (int step = 0; step < expected.length; step++) {
      assertThat(state.history()).as("before step %s", step).hasSize(expected[step]);
      state = schedule.step(step, state, new float[] {0.5f});
    }
  }
}
