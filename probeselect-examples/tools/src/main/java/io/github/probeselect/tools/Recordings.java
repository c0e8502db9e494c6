package io.github.probeselect.tools;

import io.github.probeselect.Pipeline;
import io.github.probeselect.dataset.CollectionSettings;
import io.github.probeselect.dataset.Collector;
import io.github.probeselect.dataset.Collector.Part;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.model.QualityMetric;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;

/** Finishes all seeds of some prompts and keeps what was to be seen of them, showing progress. */
final class Recordings {

  private Recordings() {}

  /**
   * Collects what is not there yet.
   *
   * @param metrics what scores the images
   * @param part what this machine does
   */
  static Dataset collect(
      Pipeline pipeline,
      List<String> prompts,
      CollectionSettings settings,
      List<QualityMetric> metrics,
      Part part,
      Path directory)
      throws IOException {
    Collector collector = new Collector(pipeline, settings, metrics);
    String task = "finishing " + settings.seedsPerPrompt() + " seeds of";
    try (ProgressBar bar = new ProgressBar(task, prompts.size())) {
      return collector.collect(
          prompts, directory, part, (done, of) -> bar.maxHint(of).stepTo(done));
    }
  }
}
