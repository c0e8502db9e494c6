package io.github.probeselect.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.testing.FakePipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Jackson 3 writes the values of the library in the form in which Jackson 2 does. */
class Jackson3Test {

  private static final ObjectMapper JACKSON_3 = new ObjectMapper();

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @Test
  void aResultHasItsForm() {
    GenerationResult result = fake.request(3, 2).previews(true).generate();

    assertThat(JACKSON_3.readTree(JACKSON_3.writeValueAsString(result)))
        .isEqualTo(JACKSON_3.readTree(result.toJson()));
  }

  @Test
  void soHaveItsParts() throws Exception {
    GenerationResult result = fake.request(3, 2).previews(true).generate();
    var jackson2 = new com.fasterxml.jackson.databind.ObjectMapper();

    for (Object value :
        new Object[] {
          result.candidates(),
          result.images().get(0),
          result.settings(),
          result.timings(),
          result.plan(),
          fake.pipeline().manifest()
        }) {
      JsonNode written = JACKSON_3.readTree(JACKSON_3.writeValueAsString(value));
      assertThat(written).isEqualTo(JACKSON_3.readTree(jackson2.writeValueAsString(value)));
    }
  }
}
