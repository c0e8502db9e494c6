package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle whose manifest names no single device. */
class AnyDeviceTest {

  @TempDir Path directory;

  @Test
  void runsOnTheCpuAsOneThatNamesIt() {
    GenerationResult named = generated();
    ChangedBundle.in(directory).manifest(manifest -> manifest.put("device", "any"));
    GenerationResult any = generated();

    assertThat(any.images().get(0).image()).isEqualTo(named.images().get(0).image());
  }

  private GenerationResult generated() {
    if (!directory.resolve("manifest.json").toFile().exists()) {
      ChangedBundle.in(directory);
    }
    try (Pipeline pipeline = ProbeSelect.open(directory)) {
      return pipeline.request("a red circle").candidates(1).keep(1).steps(2).generate();
    }
  }
}
