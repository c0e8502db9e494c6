package io.github.probeselect.tools;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model a command runs on, and on which devices. */
public final class ModelOption {

  @Option(names = "--bundle", description = "A bundle directory; the default model if absent.")
  private @Nullable Path bundle;

  @Option(
      names = "--device",
      split = ",",
      defaultValue = "auto",
      description =
          "The device, or several with commas between them: auto, cpu, cuda (the first GPU), cuda:1, ..., cuda:* (all GPUs), mps.")
  private String[] devices = {};

  /** Creates the option; picocli fills it. */
  public ModelOption() {}

  /** Opens it; the caller closes the pipeline. */
  public Pipeline open() {
    return open(options());
  }

  /** Opens it whatever calibration lies beside it; the caller closes the pipeline. */
  Pipeline openUncalibrated() {
    return open(options().calibration(Optional.empty()));
  }

  private Pipeline open(Pipeline.Options options) {
    return bundle == null ? ProbeSelect.openDefault(options) : ProbeSelect.open(bundle, options);
  }

  private Pipeline.Options options() {
    return Pipeline.Options.defaults().devices(devices);
  }

  /** Where it lies; empty for the default model. */
  Optional<Path> directory() {
    return Optional.ofNullable(bundle);
  }
}
