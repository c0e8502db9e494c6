package io.github.probeselect.schedule;

import static io.github.probeselect.testing.SchedulerConfigs.DPM;
import static io.github.probeselect.testing.SchedulerConfigs.EULER;
import static io.github.probeselect.testing.SchedulerConfigs.FLOW;
import static io.github.probeselect.testing.SchedulerConfigs.PNDM;
import static io.github.probeselect.testing.SchedulerConfigs.UNIPC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.testing.SchedulerConfigs;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a scheduler's configuration leads to. */
class SchedulerTest {

  static final List<String> TYPES = SchedulerConfigs.TYPES;

  static Stream<Arguments> names() {
    return Stream.of(
        Arguments.of("PLMS", SchedulerConfigs.of(PNDM)),
        Arguments.of("Euler", SchedulerConfigs.of(EULER)),
        Arguments.of("Euler Karras", SchedulerConfigs.of(EULER, "use_karras_sigmas", true)),
        Arguments.of("DPM++ 2M", SchedulerConfigs.of(DPM)),
        Arguments.of("DPM++ 2M Heun", SchedulerConfigs.of(DPM, "solver_type", "heun")),
        Arguments.of(
            "DPM++ 3M Karras",
            SchedulerConfigs.of(DPM, "solver_order", 3, "use_karras_sigmas", true)),
        Arguments.of("UniPC", SchedulerConfigs.of(UNIPC)),
        Arguments.of("UniPC Karras", SchedulerConfigs.of(UNIPC, "use_karras_sigmas", true)),
        Arguments.of("Flow Euler", SchedulerConfigs.of(FLOW)),
        Arguments.of("Flow Euler Karras", SchedulerConfigs.of(FLOW, "use_karras_sigmas", true)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("names")
  void isCalledAsPeopleCallIt(String name, SchedulerSpec spec) {
    assertThat(Scheduler.of(spec).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({DPM, UNIPC, FLOW})
  void withADynamicShiftKnowsThatALargerImageNeedsMoreNoise(String type) {
    Scheduler scheduler =
        Scheduler.of(
            type.equals(FLOW)
                ? SchedulerConfigs.of(type, "use_dynamic_shifting", true)
                : SchedulerConfigs.of(
                    type,
                    "use_dynamic_shifting",
                    true,
                    "use_flow_sigmas",
                    true,
                    "prediction_type",
                    "flow_prediction"));

    assertThat(scheduler.schedule(4, 4096).timestep(2))
        .isGreaterThan(scheduler.schedule(4, 256).timestep(2));
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> scheduler.schedule(4, 0))
        .withMessageContaining("at least one token, got 0");
  }

  @ParameterizedTest
  @CsvSource({PNDM, EULER, DPM, UNIPC})
  void ignoresWhatPublishedConfigurationsCarryAlong(String type) {
    Scheduler scheduler =
        Scheduler.of(
            SchedulerConfigs.of(
                type,
                "clip_sample",
                false,
                "interpolation_type",
                "linear",
                "sample_max_value",
                1.0,
                "set_alpha_to_one",
                false,
                "shift",
                3.0,
                "skip_prk_steps",
                true));

    assertThat(scheduler.schedule(5, 1).steps()).isBetween(5, 6);
  }

  @Test
  void readsAnUnlimitedLambda() {
    Scheduler scheduler =
        Scheduler.of(SchedulerConfigs.of(DPM, "lambda_min_clipped", Double.NEGATIVE_INFINITY));

    assertThat(scheduler.schedule(5, 1).steps()).isEqualTo(5);
  }

  @ParameterizedTest
  @FieldSource("TYPES")
  void refusesANumberOfStepsTheModelDoesNotHave(String type) {
    Scheduler scheduler = Scheduler.of(SchedulerConfigs.of(type));

    for (int steps : new int[] {Integer.MIN_VALUE, -1, 0, 1001}) {
      assertThatExceptionOfType(InvalidRequestException.class)
          .as("%s steps", steps)
          .isThrownBy(() -> scheduler.schedule(steps, 1))
          .withMessageContaining("got " + steps);
    }
  }

  @Test
  void refusesMoreStepsThanTheSpacingHasPlacesFor() {
    Scheduler scheduler = Scheduler.of(SchedulerConfigs.of(DPM, "timestep_spacing", "leading"));

    assertThat(scheduler.schedule(999, 1).timestep(998)).isEqualTo(1);
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> scheduler.schedule(1000, 1));
  }
}
