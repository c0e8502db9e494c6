package io.github.probeselect.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.ProbeSelect;
import io.github.probeselect.djl.DjlBackend;
import io.github.probeselect.scenes.SceneCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A change to the public API is a decision: it changes the list in the module's folder. */
class PublicApiTest {

  private static final String ACCEPT =
      "mvn -q test -pl probeselect-djl -am -Dtest=PublicApiTest -Dapi.write=true";

  static Stream<Arguments> modules() {
    return Stream.of(
        Arguments.of("probeselect-core", ProbeSelect.class),
        Arguments.of("models", SceneCheck.class),
        Arguments.of("probeselect-djl", DjlBackend.class));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("modules")
  void theApiIsTheOneThatIsListed(String folder, Class<?> typeOfTheModule) throws IOException {
    Path list = Path.of("..", folder, "api.txt");
    List<String> compiled = PublicApi.of(typeOfTheModule).lines();
    if (Boolean.getBoolean("api.write")) {
      Files.writeString(list, String.join("\n", compiled) + "\n");
    }

    List<String> listed = Files.readAllLines(list);

    String added = marked("+ ", compiled, listed);
    String removed = marked("- ", listed, compiled);
    assertThat(added + removed)
        .as("the public API differs from %s/api.txt; if that is meant, run: %s", folder, ACCEPT)
        .isEmpty();
    assertThat(listed)
        .as("order of %s/api.txt; to write it again: %s", folder, ACCEPT)
        .isEqualTo(compiled);
  }

  private static String marked(String mark, List<String> lines, List<String> others) {
    StringBuilder marked = new StringBuilder();
    for (String line : lines) {
      if (!others.contains(line)) {
        marked.append(mark).append(line).append('\n');
      }
    }
    return marked.toString();
  }

  /** The consumer on the module path is built with it. */
  @Test
  void theModuleInfoOnThePageIsOneThatCompiles() throws IOException {
    String source =
        Files.readString(
            Path.of(
                "../probeselect-examples/consumers/src/it/modulepath/src/main/java/module-info.java"));

    assertThat(Files.readString(Path.of("../docs/installation.md")))
        .contains(source.substring(source.indexOf("module com.")));
  }

  @Test
  void coreStaysSmallEnoughToBeHeldInOnesHead() {
    assertThat(PublicApi.of(ProbeSelect.class).topLevelTypes()).hasSizeBetween(1, 56);
  }
}
