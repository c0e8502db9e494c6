package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PipelineTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  static Stream<Arguments> schedulers() {
    return Stream.of(
        refused("type", "KarrasDiffusion", json -> json.put("type", "KarrasDiffusion")),
        refused("option", "warp_factor", json -> config(json).put("warp_factor", 9)),
        refused("option", "thresholding", json -> config(json).put("thresholding", true)),
        refused("value", "beta_schedule", json -> config(json).put("beta_schedule", "wavy")));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("schedulers")
  void refusesAnUnsupportedSchedulerByNameAndClosesTheModel(
      Consumer<ObjectNode> edit, String name) {
    FakeModel model =
        new FakeModel(FakeBundle.manifest(json -> edit.accept((ObjectNode) json.get("scheduler"))));

    assertThatExceptionOfType(InvalidBundleException.class)
        .isThrownBy(() -> new Pipeline(model))
        .withMessageContaining(name);
    assertThat(model.isClosed()).isTrue();
    assertThat(model.open()).isEmpty();
  }

  @Test
  void givesTheLearnedMetricsOfItsBundle() {
    KeptImage kept = fake.request(1, 1).generate().images().get(0);

    assertThat(fake.pipeline().metric("brightness").score(kept.image(), FakePipeline.PROMPT))
        .isBetween(0.0, 1.0);
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.pipeline().metric("beauty"))
        .withMessageContaining("beauty");
  }

  @Test
  void opensAProbeThatTheCallerCloses(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("probe.json"), "{}");

    try (var probe = fake.pipeline().openProbe(file)) {
      assertThat(fake.request(3, 1).probe(probe).generate().images()).hasSize(1);
    }
    assertThatExceptionOfType(InvalidProbeException.class)
        .isThrownBy(() -> fake.pipeline().openProbe(directory.resolve("absent.json")));
  }

  @Test
  void tellsWhatItRuns() {
    assertThat(fake.pipeline().manifest()).isSameAs(fake.model().manifest());
    assertThat(fake.pipeline().model()).isSameAs(fake.model());
    assertThat(fake.pipeline().scheduler().name()).isEqualTo("DDIM");
  }

  private static ObjectNode config(ObjectNode scheduler) {
    return (ObjectNode) scheduler.get("config");
  }

  private static Arguments refused(String what, String name, Consumer<ObjectNode> edit) {
    return Arguments.of(Named.of(what, edit), name);
  }
}
