package io.github.probeselect.apps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.testing.FakePipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PromptBatchTest {

  private static final List<String> PROMPTS = List.of("a red circle", "broken", "a blue star");

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @TempDir private Path directory;

  private final List<String> generated = new ArrayList<>();

  private Function<String, GenerationResult> failingOn(String one) {
    return prompt -> {
      generated.add(prompt);
      if (prompt.equals(one)) {
        throw new BackendException("the engine does not like it");
      }
      return fake.pipeline().generate(prompt, 2, 1);
    };
  }

  private Path result(String prompt) {
    return directory.resolve(PromptBatch.folder(prompt)).resolve("result.json");
  }

  @Test
  void aFailureDoesNotStopItAndASecondRunDoesTheRest() {
    Map<String, String> failures = PromptBatch.run(PROMPTS, directory, failingOn("broken"));

    assertThat(failures).containsOnlyKeys("broken");
    assertThat(failures.get("broken")).contains("does not like it");
    assertThat(result("a blue star")).content().contains("\"a blue star\"");
    assertThat(result("broken")).doesNotExist();

    generated.clear();
    assertThat(PromptBatch.run(PROMPTS, directory, failingOn("none"))).isEmpty();
    assertThat(generated).containsExactly("broken");
    assertThat(result("broken")).exists();
  }

  @Test
  void aCancellationStopsIt() {
    assertThatExceptionOfType(GenerationCancelledException.class)
        .isThrownBy(
            () ->
                PromptBatch.run(
                    PROMPTS,
                    directory,
                    prompt -> {
                      throw new GenerationCancelledException("enough");
                    }));
  }

  @Test
  void theAppReadsTheFile() throws IOException {
    Path prompts = Files.writeString(directory.resolve("prompts.txt"), "a red circle\n\na star\n");

    int exit =
        new CommandLine(new PromptBatch())
            .execute("-n=2", "--prompts=" + prompts, "--output=" + directory);

    assertThat(exit).isZero();
    assertThat(result("a red circle")).exists();
    assertThat(result("a star")).exists();
  }
}
