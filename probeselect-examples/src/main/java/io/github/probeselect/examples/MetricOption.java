package io.github.probeselect.examples;

import io.github.probeselect.Pipeline;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** What an example judges images by. */
final class MetricOption {

  @Option(
      names = "--metric",
      description =
          "A metric directory to judge by, in place of the bundle's first metric; may be repeated,"
              + " and the first counts.")
  private List<Path> directories = List.of();

  /** Opens them beside the metrics of the bundle; the caller closes the result. */
  ChosenMetrics open(Pipeline pipeline) {
    return ChosenMetrics.open(pipeline, directories);
  }
}
