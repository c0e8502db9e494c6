package io.github.probeselect.tools;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.error.InvalidBundleException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model a command runs on. */
public final class ModelOption {

  @Option(names = "--bundle", description = "A bundle directory; the default model if absent.")
  private @Nullable Path bundle;

  /** Creates the option; picocli fills it. */
  public ModelOption() {}

  /** Opens it; the caller closes the pipeline. */
  public Pipeline open() {
    return bundle == null ? ProbeSelect.openDefault() : ProbeSelect.open(bundle);
  }

  /** Opens it whatever calibration lies beside it; the caller closes the pipeline. */
  Pipeline openUncalibrated() {
    Bundle files =
        bundle == null
            ? Bundle.embedded().orElseThrow(ModelOption::noDefault)
            : Bundle.open(bundle);
    return ProbeSelect.open(files, Optional.empty());
  }

  private static InvalidBundleException noDefault() {
    return new InvalidBundleException(
        "there is no default bundle on the class path; give --bundle");
  }

  /** Where it lies; empty for the default model. */
  Optional<Path> directory() {
    return Optional.ofNullable(bundle);
  }
}
