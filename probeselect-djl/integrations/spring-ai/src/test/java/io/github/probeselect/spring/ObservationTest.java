package io.github.probeselect.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.testing.FakePipeline;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.ai.image.ImageMessage;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.observation.DefaultImageModelObservationConvention;
import org.springframework.ai.image.observation.ImageModelObservationContext;

/** Calls are observed by the conventions of Spring AI. */
class ObservationTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  private final TestObservationRegistry registry = TestObservationRegistry.create();

  private ProbeSelectImageModel model() {
    return ProbeSelectImageModel.builder()
        .pipeline(fake.pipeline())
        .observationRegistry(registry)
        .build();
  }

  @Test
  void aCallWithoutOptionsIsObserved() {
    model().call(new ImagePrompt(List.of(new ImageMessage(FakePipeline.PROMPT))));

    TestObservationRegistryAssert.assertThat(registry)
        .doesNotHaveAnyRemainingCurrentObservation()
        .hasSingleObservationThat()
        .hasNameEqualTo("gen_ai.client.operation")
        .hasContextualNameEqualTo("image fake")
        .hasBeenStarted()
        .hasBeenStopped()
        .doesNotHaveError()
        .hasLowCardinalityKeyValue("gen_ai.operation.name", "image")
        .hasLowCardinalityKeyValue("gen_ai.system", "probeselect")
        .hasLowCardinalityKeyValue("gen_ai.request.model", "fake")
        .hasLowCardinalityKeyValue("gen_ai.output.type", "image")
        .hasHighCardinalityKeyValue("gen_ai.request.image.size", "32x16")
        .hasHighCardinalityKeyValue("gen_ai.request.image.response_format", "b64_json")
        .hasHighCardinalityKeyValue("gen_ai.request.choice.count", "1")
        .hasHighCardinalityKeyValue("gen_ai.request.seed", "0")
        .hasHighCardinalityKeyValue("probeselect.candidates", "4")
        .hasHighCardinalityKeyValue("probeselect.dropped", "3")
        .hasHighCardinalityKeyValue("probeselect.evaluations", "16")
        .hasHighCardinalityKeyValue("probeselect.share_saved", "0.600");
  }

  @Test
  void aRefusedCallIsAnErrorUnderTheNameOfTheModel() {
    ImagePrompt prompt =
        new ImagePrompt("a red circle", ProbeSelectImageOptions.builder().model("another").build());

    assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> model().call(prompt));

    TestObservationRegistryAssert.assertThat(registry)
        .doesNotHaveAnyRemainingCurrentObservation()
        .hasSingleObservationThat()
        .hasBeenStopped()
        .hasError()
        .hasLowCardinalityKeyValue("gen_ai.request.model", "fake");
  }

  @Test
  void aMessageListThatIsMissingIsAnErrorToo() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> model().call(new ImagePrompt((List<ImageMessage>) null)));

    TestObservationRegistryAssert.assertThat(registry).hasSingleObservationThat().hasError();
  }

  @Test
  void theConventionCanBeSet() {
    ProbeSelectImageModel model = model();
    model.setObservationConvention(
        new DefaultImageModelObservationConvention() {
          @Override
          public String getName() {
            return "drawn";
          }

          @Override
          public KeyValues getLowCardinalityKeyValues(ImageModelObservationContext context) {
            return KeyValues.of("own", "key");
          }
        });

    model.call(new ImagePrompt("a red circle"));

    TestObservationRegistryAssert.assertThat(registry)
        .hasSingleObservationThat()
        .hasNameEqualTo("drawn")
        .hasLowCardinalityKeyValue("own", "key");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> model.setObservationConvention(null));
  }

  @Test
  void theContextHasPromptAndResponse() {
    ImageModelObservationContext[] seen = new ImageModelObservationContext[1];
    ProbeSelectImageModel model = model();
    model.setObservationConvention(
        new ProbeSelectImageObservationConvention() {
          @Override
          public KeyValues getHighCardinalityKeyValues(ImageModelObservationContext context) {
            seen[0] = context;
            return super.getHighCardinalityKeyValues(context);
          }
        });

    var response = model.call(new ImagePrompt("a red circle"));

    assertThat(seen[0].getRequest().getInstructions().get(0).getText()).isEqualTo("a red circle");
    assertThat(seen[0].getResponse()).isSameAs(response);
  }
}
