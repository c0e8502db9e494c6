package io.github.probeselect.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.error.InvalidBundleException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the exporter lets pass can be read, and what it refuses cannot: it looks at a scheduler's
 * options by rules of its own, before it writes anything.
 */
class SchedulerVerdictTest {

  /** The key beside those of refused options. */
  private static final String READ = "read";

  /** For every option, the values that are read, and by the option at fault those that are not. */
  record Verdicts(
      String type, Map<String, Object> context, Map<String, Map<String, List<Object>>> options) {

    @Override
    public String toString() {
      return type + " with " + context;
    }
  }

  static Stream<Verdicts> verdicts() throws IOException {
    JsonMapper json =
        JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();
    try (InputStream file =
        SchedulerVerdictTest.class.getResourceAsStream("/golden/scheduler-options.json")) {
      return json.readValue(file, new TypeReference<List<Verdicts>>() {}).stream();
    }
  }

  @ParameterizedTest
  @MethodSource("verdicts")
  void anOptionIsReadOrRefusedAsByTheExporter(Verdicts verdicts) {
    verdicts
        .options()
        .forEach(
            (option, verdict) ->
                verdict.forEach(
                    (fault, values) ->
                        values.forEach(value -> assertVerdict(verdicts, option, value, fault))));
  }

  private static void assertVerdict(Verdicts verdicts, String option, Object value, String fault) {
    Map<String, Object> config = new HashMap<>(verdicts.context());
    config.put(option, value);
    SchedulerSpec spec = SchedulerSpec.of(verdicts.type(), config, null);
    if (fault.equals(READ)) {
      assertThat(Scheduler.of(spec)).as("%s", spec).isNotNull();
    } else {
      assertThatExceptionOfType(InvalidBundleException.class)
          .as("%s", spec)
          .isThrownBy(() -> Scheduler.of(spec))
          .withMessageContaining("'" + fault + "'");
    }
  }
}
