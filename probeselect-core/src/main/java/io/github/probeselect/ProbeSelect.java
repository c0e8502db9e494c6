package io.github.probeselect;

import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.MetricDirectory;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidCalibrationException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.Backend.Device;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.LearnedMetric;
import io.github.probeselect.planning.Calibration;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The entry point: opens a model or a metric, or generates with the default model.
 *
 * <pre>{@code
 * GenerationResult result =
 *     ProbeSelect.generate("a red circle above a blue square on a gray background", 16, 4);
 * result.images().get(0).writePng(Path.of("best.png"));
 * }</pre>
 */
public final class ProbeSelect {

  private static final DefaultPipeline DEFAULT = new DefaultPipeline(ProbeSelect::openDefault);

  private ProbeSelect() {}

  /**
   * Generates with the default model of the artifact {@code
   * io.github.probeselect:probeselect-models}: starts {@code n} candidates with the seeds 0 to
   * {@code n - 1}, scores them once a fifth of the steps is done, and finishes the {@code k} best.
   * Thread-safe. The model is opened by the first call and stays open; if that fails, the next call
   * tries again.
   *
   * @throws InvalidRequestException if the prompt is missing or empty, {@code n} is less than 1, or
   *     {@code k} is not from 1 to {@code n}
   * @throws InvalidBundleException if that artifact is not on the class path
   * @throws BackendException if no backend is on the class path, or it cannot be loaded
   */
  public static GenerationResult generate(String prompt, int n, int k) {
    RequestChecks.all(prompt, n, k);
    return DEFAULT.get().generate(prompt, n, k);
  }

  /**
   * Opens the bundle in a directory, on a device that is chosen automatically. The caller closes
   * the pipeline.
   *
   * @throws InvalidBundleException if the bundle is incomplete, damaged or too new
   * @throws InvalidCalibrationException if the calibration beside it cannot be used
   * @throws BackendException if no backend is on the class path, or it cannot be loaded
   */
  public static Pipeline open(Path bundle) {
    return open(bundle, Pipeline.Options.defaults());
  }

  /**
   * Opens the bundle in a directory. The caller closes the pipeline.
   *
   * @throws InvalidBundleException if the bundle is incomplete, damaged or too new, or was exported
   *     for another device alone
   * @throws InvalidCalibrationException if the calibration beside it cannot be used, or that of the
   *     options is that of another model
   * @throws BackendException if no backend is on the class path, or it cannot be loaded, or this
   *     machine lacks a device
   */
  public static Pipeline open(Path bundle, Pipeline.Options options) {
    Arguments.require("options", options);
    return open(Bundle.open(bundle), options);
  }

  /** Opens a verified bundle as {@link #open(Path)} does. */
  public static Pipeline open(Bundle bundle) {
    return open(bundle, Pipeline.Options.defaults());
  }

  /** Opens a verified bundle as {@link #open(Path, Pipeline.Options)} does. */
  public static Pipeline open(Bundle bundle, Pipeline.Options options) {
    Arguments.require("bundle", bundle);
    Arguments.require("options", options);
    Optional<Calibration> calibration = options.calibration().orElseGet(() -> calibration(bundle));
    Backend backend = backend();
    List<DiffusionModel> models = new ArrayList<>();
    try {
      for (Device device :
          new ChosenDevices(bundle, bundle.manifest().device(), backend).of(options.choices())) {
        models.add(backend.open(bundle, device));
      }
    } catch (RuntimeException | Error e) {
      ModelPool.closeAll(models);
      throw e;
    }
    return new Pipeline(models, calibration, options);
  }

  /** The calibration file beside the bundle, if there is one. */
  private static Optional<Calibration> calibration(Bundle bundle) {
    try (InputStream stream = bundle.beside(Calibration.FILE).orElse(null)) {
      return Optional.ofNullable(stream)
          .map(found -> Calibration.read(found, bundle.location() + "/" + Calibration.FILE));
    } catch (IOException e) {
      throw new InvalidCalibrationException(
          "the calibration of " + bundle.location() + " cannot be read: " + e, e);
    }
  }

  /**
   * Opens the default model of the artifact {@code io.github.probeselect:probeselect-models}. The
   * caller closes the pipeline.
   *
   * @throws InvalidBundleException if that artifact is not on the class path
   * @throws BackendException if no backend is on the class path, or it cannot be loaded
   */
  public static Pipeline openDefault() {
    return openDefault(Pipeline.Options.defaults());
  }

  /**
   * Opens the default model of the artifact {@code io.github.probeselect:probeselect-models}. The
   * caller closes the pipeline.
   *
   * @throws InvalidBundleException if that artifact is not on the class path, or the model was
   *     exported for another device alone
   * @throws InvalidCalibrationException if the calibration of the options is that of another model
   * @throws BackendException if no backend is on the class path, or it cannot be loaded, or this
   *     machine lacks a device
   */
  public static Pipeline openDefault(Pipeline.Options options) {
    Arguments.require("options", options);
    return open(
        Bundle.embedded()
            .orElseThrow(
                () ->
                    new InvalidBundleException(
                        "there is no default bundle on the class path; add the dependency"
                            + " io.github.probeselect:probeselect-models, or open a bundle of your"
                            + " own with ProbeSelect.open")),
        options);
  }

  /**
   * Opens the metric in a directory that {@code probeselect-metrics} has written, such as
   * CLIPScore, on a device that is chosen automatically. It can be used with any model. The caller
   * closes it.
   *
   * <pre>{@code
   * try (LearnedMetric clipScore = ProbeSelect.openMetric(Path.of("clipscore"))) {
   *   double score = clipScore.score(image, "a red circle above a blue square");
   * }
   * }</pre>
   *
   * @throws io.github.probeselect.error.InvalidMetricException if the directory is incomplete,
   *     damaged or too new, or the metric does not work
   * @throws BackendException if no backend is on the class path, or it cannot be loaded
   */
  public static LearnedMetric openMetric(Path directory) {
    return openMetric(directory, DeviceChoice.AUTO.name());
  }

  /**
   * Opens the metric in a directory on a device.
   *
   * @param device as for {@link Pipeline.Options#device}; it need not be that of the model
   * @throws InvalidRequestException if it is no name of a device
   * @throws io.github.probeselect.error.InvalidMetricException if the directory is incomplete,
   *     damaged or too new, the metric does not work, or was exported for another device alone
   * @throws BackendException if no backend is on the class path, or it cannot be loaded, or this
   *     machine lacks the device
   */
  public static LearnedMetric openMetric(Path directory, String device) {
    Arguments.require("directory", directory);
    DeviceChoice choice = DeviceChoice.of(device);
    if (choice.kind() == DeviceChoice.Kind.ALL_GPUS) {
      throw new InvalidRequestException(
          "a metric is opened on one device, not on " + device + "; name one, such as cuda:0");
    }
    MetricDirectory metric = MetricDirectory.open(directory);
    Backend backend = backend();
    ChosenDevices devices = new ChosenDevices(metric, metric.manifest().device(), backend);
    return backend.openMetric(metric, devices.of(List.of(choice)).get(0));
  }

  /**
   * The backend found by this library's class loader, or else by the context class loader of the
   * calling thread, which may be that of any application.
   */
  private static Backend backend() {
    @Nullable ServiceConfigurationError broken = null;
    for (ClassLoader loader : classLoaders()) {
      try {
        Optional<Backend> found = ServiceLoader.load(Backend.class, loader).findFirst();
        if (found.isPresent()) {
          return found.get();
        }
      } catch (ServiceConfigurationError e) {
        broken = e;
      }
    }
    if (broken != null) {
      throw new BackendException(
          "the backend on the class path cannot be loaded: " + broken, broken);
    }
    throw new BackendException(
        "no backend on the class path; add the dependency io.github.probeselect:probeselect-djl");
  }

  private static List<ClassLoader> classLoaders() {
    return Stream.of(
            ProbeSelect.class.getClassLoader(), Thread.currentThread().getContextClassLoader())
        .filter(Objects::nonNull)
        .distinct()
        .toList();
  }
}
