package io.github.probeselect.spring.boot;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.error.InvalidMetricException;
import io.github.probeselect.error.ProbeSelectException;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.planning.Calibration;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;

/** Opens what the properties name. */
final class Opening {

  private static final String PREFIX = ProbeSelectProperties.PREFIX + ".";

  private final ProbeSelectProperties properties;

  Opening(ProbeSelectProperties properties) {
    this.properties = properties;
  }

  /** The bundle, or the default model. */
  Pipeline pipeline(List<PipelineOptionsCustomizer> customizers) {
    Pipeline.Options options = options();
    for (PipelineOptionsCustomizer customizer : customizers) {
      options = customizer.customize(options);
    }
    return pipeline(options);
  }

  private Pipeline pipeline(Pipeline.Options options) {
    String bundle = properties.getBundle();
    if (!StringUtils.hasText(bundle)) {
      return opened(
          "the default model cannot be opened",
          PREFIX + "bundle is not set",
          () -> ProbeSelect.openDefault(options));
    }
    return opened(
        "the bundle cannot be opened",
        PREFIX + "bundle = " + bundle,
        () -> ProbeSelect.open(path(bundle, InvalidBundleException::new), options));
  }

  private Pipeline.Options options() {
    Pipeline.Options options =
        opened(
            "the device cannot be used",
            PREFIX + "device = " + String.join(",", properties.getDevice()),
            () ->
                Pipeline.Options.defaults()
                    .devices(properties.getDevice().toArray(String[]::new))
                    .releaseTextEncoder(properties.isReleaseTextEncoder()));
    String calibration = properties.getCalibration();
    if (!StringUtils.hasText(calibration)) {
      return options;
    }
    return opened(
        "the calibration cannot be read",
        PREFIX + "calibration = " + calibration,
        () ->
            options.calibration(
                Optional.of(
                    Calibration.read(path(calibration, InvalidCalibrationException::new)))));
  }

  /** The metric that the property names: one of the bundle, or else that of a directory. */
  QualityMetric metric(Pipeline pipeline) {
    String metric = String.valueOf(properties.getMetric());
    return opened(
        "the metric cannot be opened",
        PREFIX + "metric = " + metric,
        () -> {
          boolean ofBundle =
              pipeline.manifest().metrics().stream().anyMatch(one -> one.name().equals(metric));
          if (ofBundle) {
            return pipeline.metric(metric);
          }
          Path directory = path(metric, InvalidMetricException::new);
          if (!Files.isDirectory(directory)) {
            throw new InvalidMetricException(
                "it is neither a metric of the bundle, which has "
                    + pipeline.manifest().metrics().stream().map(one -> one.name()).toList()
                    + ", nor a directory; probeselect-metrics writes such directories");
          }
          String device = properties.getDevice().get(0);
          return ProbeSelect.openMetric(directory, device.equals("cuda:*") ? "cuda" : device);
        });
  }

  private static <T> T opened(String failure, String property, Supplier<T> opening) {
    try {
      return opening.get();
    } catch (OpeningException e) {
      throw e;
    } catch (ProbeSelectException e) {
      throw new OpeningException(failure, property, e);
    }
  }

  /** The path of a text, which may be a URL of a file. */
  private static Path path(String text, Function<String, ? extends ProbeSelectException> invalid) {
    String trimmed = text.strip();
    String start = trimmed.toLowerCase(Locale.ROOT);
    if (start.startsWith("classpath:") || start.startsWith("classpath*:")) {
      throw invalid.apply(
          trimmed
              + " is on the class path, but a file of the file system is needed, as its parts are"
              + " read by native code; give a path");
    }
    try {
      return start.startsWith("file:") ? Path.of(URI.create(trimmed)) : Path.of(trimmed);
    } catch (InvalidPathException | FileSystemNotFoundException e) {
      throw invalid.apply(trimmed + " is no path: " + reason(e));
    } catch (IllegalArgumentException e) {
      throw invalid.apply(
          trimmed + " is no URL of a file: " + reason(e) + "; write file:/path or give a path");
    }
  }

  private static @Nullable String reason(RuntimeException e) {
    return e.getMessage();
  }
}
