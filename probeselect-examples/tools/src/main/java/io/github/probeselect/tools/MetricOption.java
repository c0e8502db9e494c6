package io.github.probeselect.tools;

import io.github.probeselect.Pipeline;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** What a command scores images by. */
public final class MetricOption {

  @Option(
      names = "--metric",
      description =
          "A metric directory to score by, in place of the bundle's first metric; may be repeated,"
              + " and the first counts.")
  private List<Path> directories = List.of();

  /** Creates the option; picocli fills it. */
  public MetricOption() {}

  /** As they were given. */
  List<Path> directories() {
    return directories;
  }

  /** Opens them beside the metrics of the bundle; the caller closes the result. */
  public ChosenMetrics open(Pipeline pipeline) {
    return ChosenMetrics.open(pipeline, directories);
  }
}
