package io.github.probeselect.spring.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.testing.FakePipeline;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImageResponse;
import org.springframework.core.io.ClassPathResource;

/** What the page about Spring shows works, and it has every property. */
class PageSnippetsTest {

  private static final Path PAGE = Path.of("../../../docs/spring.md");

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @Test
  void theExamplesRun() {
    ImageModel model =
        PageSnippets.withoutSpringBoot(fake.pipeline(), ObservationRegistry.create());

    ImageResponse response = PageSnippets.options(model);
    PageSnippets.whatComesBack(response);

    assertThat(response.getResults()).hasSize(4);
    assertThat(new PageSnippets.Page().drawn(model, "a red circle"))
        .startsWith(0x89, 'P', 'N', 'G');
  }

  @Test
  void thePageHasEveryProperty() throws IOException {
    String page = Files.readString(PAGE);
    JsonNode properties =
        new ObjectMapper()
            .readTree(
                new ClassPathResource("META-INF/spring-configuration-metadata.json")
                    .getContentAsString(StandardCharsets.UTF_8))
            .get("properties");
    List<String> names =
        StreamSupport.stream(properties.spliterator(), false)
            .map(property -> property.get("name").asText())
            .toList();

    assertThat(names)
        .hasSizeGreaterThan(25)
        .allSatisfy(
            name ->
                assertThat(page)
                    .contains(
                        name.replaceFirst(
                            "^spring\\.ai\\.probeselect\\.(image\\.options\\.)?", "")));
  }
}
