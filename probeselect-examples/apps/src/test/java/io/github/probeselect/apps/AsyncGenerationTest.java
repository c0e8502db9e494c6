package io.github.probeselect.apps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.Generation;
import io.github.probeselect.testing.FakePipeline;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AsyncGenerationTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @TempDir private Path directory;

  @Test
  void aGenerationEndsWithItsResultOrTellsWhyNot() {
    Generation done =
        AsyncGeneration.start(fake.pipeline(), "a red circle", 4, Duration.ofMinutes(1));
    assertThat(AsyncGeneration.ending(done)).startsWith("the best is seed ");

    Generation late = AsyncGeneration.start(fake.pipeline(), "a red circle", 4, Duration.ZERO);
    assertThat(AsyncGeneration.ending(late)).isEqualTo("too late");
  }

  @Test
  void theAppWritesWhatWasWanted() {
    int exit = new CommandLine(new AsyncGeneration()).execute("-n=3", "--output=" + directory);

    assertThat(exit).isZero();
    assertThat(directory.resolve("result.json")).content().contains("\"a yellow star above");
  }
}
