package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.SchedulerConfigs;
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
        refused("option", "trained_betas", json -> config(json).putArray("trained_betas").add(0.1)),
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

  /** As diffusers does with what another class has left in a configuration. */
  @Test
  void anOptionThatTheSchedulersClassDoesNotHaveIsIgnored() {
    FakeModel model =
        new FakeModel(
            FakeBundle.manifest(
                json -> config((ObjectNode) json.get("scheduler")).put("warp_factor", 9)));
    FakeModel plain = new FakeModel(FakeBundle.manifest());
    try (Pipeline pipeline = new Pipeline(model);
        Pipeline without = new Pipeline(plain)) {
      assertThat(pipeline.generate(FakePipeline.PROMPT, 2, 1).images().get(0).image())
          .isEqualTo(without.generate(FakePipeline.PROMPT, 2, 1).images().get(0).image());
    }
  }

  @Test
  void refusesFractionalTimestepsOfADenoiserThatTakesWholeOnes() {
    assertDefaultsRefused(
        SchedulerConfigs.in(SchedulerConfigs.of("EulerDiscreteScheduler"))
            .andThen(
                json -> {
                  json.withObject("denoiser").put("timestepType", "int64");
                  json.withObject("defaults").put("steps", 7);
                }),
        "denoiser.timestepType float32");
  }

  @Test
  void refusesDefaultStepsThatTheSchedulerCannotDo() {
    assertDefaultsRefused(json -> json.withObject("defaults").put("steps", 1001), "got 1001");
  }

  private static void assertDefaultsRefused(Consumer<ObjectNode> edit, String message) {
    FakeModel model = new FakeModel(FakeBundle.manifest(edit));

    assertThatExceptionOfType(InvalidBundleException.class)
        .isThrownBy(() -> new Pipeline(model))
        .withMessageContaining("defaults")
        .withMessageContaining(message);
    assertThat(model.isClosed()).isTrue();
  }

  @Test
  void refusesStepsWithFractionalTimestepsOfADenoiserThatTakesWholeOnes() {
    // Ten steps of ten training steps are whole, four are not.
    fake.with(
        SchedulerConfigs.in(
                SchedulerConfigs.of("EulerDiscreteScheduler", "num_train_timesteps", 10))
            .andThen(json -> json.withObject("denoiser").put("timestepType", "int64")));

    assertThat(fake.request(1, 1).generate().images()).hasSize(1);
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.request(1, 1).steps(5).generate())
        .withMessageContaining("6.75");
  }

  @Test
  void tellsTheSchedulerHowManyTokensTheImageHas() {
    Consumer<ObjectNode> dynamic =
        SchedulerConfigs.in(
            SchedulerConfigs.of(
                "FlowMatchEulerDiscreteScheduler",
                "use_dynamic_shifting",
                true,
                "time_shift_type",
                "linear",
                "base_image_seq_len",
                8,
                "base_shift",
                1.0,
                "max_image_seq_len",
                32,
                "max_shift",
                3.0));
    // 4 x 8 latent cells: 32 tokens with the shift 3, or 8 tokens of 2 x 2 cells with none.
    RgbImage cells = wideImage(fake.with(dynamic));
    RgbImage patches =
        wideImage(fake.with(dynamic.andThen(json -> json.withObject("latents").put("patch", 2))));

    assertThat(cells).isEqualTo(wideImage(fake.with(statically(3))));
    assertThat(patches).isEqualTo(wideImage(fake.with(statically(1))));
    assertThat(cells).isNotEqualTo(patches);
  }

  private static Consumer<ObjectNode> statically(double shift) {
    // A fixed mu, since a static shift would act twice on the least sigma.
    return SchedulerConfigs.in(
        SchedulerConfigs.of(
            "FlowMatchEulerDiscreteScheduler",
            "use_dynamic_shifting",
            true,
            "time_shift_type",
            "linear",
            "base_shift",
            shift,
            "max_shift",
            shift));
  }

  private static RgbImage wideImage(FakePipeline fake) {
    return fake.request(1, 1).size(64, 32).generate().images().get(0).image();
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

  private static ObjectNode config(ObjectNode scheduler) {
    return (ObjectNode) scheduler.get("config");
  }

  private static Arguments refused(String what, String name, Consumer<ObjectNode> edit) {
    return Arguments.of(Named.of(what, edit), name);
  }
}
