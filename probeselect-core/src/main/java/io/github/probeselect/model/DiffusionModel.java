package io.github.probeselect.model;

import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.image.RgbImage;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A text-to-image model that a backend has loaded. Safe for use by several threads. After {@link
 * #close}, every computation of the model, or of a part obtained from it, throws a {@link
 * io.github.probeselect.error.BackendException}.
 */
public interface DiffusionModel extends AutoCloseable {

  /** The manifest of the bundle. */
  BundleManifest manifest();

  /** The device that it runs on; the CPU unless the backend overrides this. */
  default Backend.Device device() {
    return Backend.Device.CPU;
  }

  /** Encodes a prompt and the prompt of the unconditional branch. The caller closes the result. */
  Conditioning encode(String prompt, String negativePrompt);

  /** The denoising network. */
  Denoiser denoiser();

  /** The denoising network with activation capture. */
  ActivationExtractor activationExtractor();

  /**
   * The bundle's probe; if it has several, the one whose training fraction is nearest to {@code
   * fractionDone}. Owned by the model, which closes it.
   */
  Optional<Probe> probe(double fractionDone);

  /**
   * Opens a probe that lies outside the bundle. The caller closes it.
   *
   * @param file the probe's JSON file
   * @throws io.github.probeselect.error.InvalidProbeException if it is damaged or was trained for
   *     another model or tap
   */
  Probe openProbe(Path file);

  /**
   * A learned metric that ships in the bundle. Owned by the model, which closes it.
   *
   * @throws io.github.probeselect.error.InvalidRequestException if the bundle has no metric of that
   *     name
   */
  QualityMetric metric(String name);

  /**
   * Decodes one candidate's latents to an image, which is {@linkplain RgbImage#isVoid() void} if
   * the latents, or the decoder's output, are not finite numbers.
   */
  RgbImage decode(float[] latents, LatentShape shape);

  /**
   * Decodes one candidate's x0 prediction to a preview: with the bundle's preview decoder if it has
   * one, which is faster and less accurate than {@link #decode}.
   */
  default RgbImage preview(float[] x0Prediction, LatentShape shape) {
    return decode(x0Prediction, shape);
  }

  /**
   * Releases the device memory of the text encoder until {@link #encode} is called next, which
   * loads it again. Conditionings that were encoded stay valid. A backend may do the same when the
   * memory is exhausted.
   *
   * @return false if it is released already, or the backend cannot release it
   */
  default boolean releaseTextEncoder() {
    return false;
  }

  /**
   * The free memory of the model's device, in bytes; empty if it is unknown, or is the memory of
   * the computer. From it follows how many candidates are evaluated together.
   */
  default OptionalLong freeMemory() {
    return OptionalLong.empty();
  }

  /** Releases the model. Closing twice is harmless. */
  @Override
  void close();
}
