package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.model.Probe;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The probe that ships with the model. */
class DjlProbeTest {

  private static final String FILE = "probe/probe.json";

  @Test
  void tellsCandidatesApartWhateverTheyAreScoredWith() {
    double[] scores = scores(request().microBatchSize(4));

    assertThat(scores).doesNotHaveDuplicates();
    for (double score : scores) {
      assertThat(score).isFinite();
    }
    assertThat(scores(request().microBatchSize(1))).containsExactly(scores, within(1e-3));
    assertThat(scores(request().microBatchSize(3))).containsExactly(scores, within(1e-3));
  }

  @Test
  void opensFromAFileAsTheSameProbe(@TempDir Path directory) {
    ChangedBundle.in(directory);
    double[] bundled = scores(request());
    int before = NativeResources.open();
    Probe probe = DefaultModel.pipeline().openProbe(directory.resolve(FILE));

    assertThat(probe.metric()).isEqualTo("scene-reward");
    assertThat(scores(request().probe(probe))).isEqualTo(bundled);
    probe.close();
    probe.close();
    assertThat(NativeResources.open()).isEqualTo(before);
    assertThatThrownBy(() -> request().probe(probe).generate())
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("the probe is closed");
  }

  private static GenerationRequest request() {
    return DefaultModel.pipeline()
        .request(DefaultModel.PROMPT)
        .candidates(4)
        .keep(1)
        .steps(DefaultModel.STEPS);
  }

  private static double[] scores(GenerationRequest request) {
    return request.generate().candidates().stream()
        .mapToDouble(c -> c.score().orElseThrow())
        .toArray();
  }
}
