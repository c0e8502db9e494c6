package io.github.probeselect.djl.network;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.github.probeselect.djl.probe.ProbeInputs;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.internal.io.Checksums;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The file of a probe: {@code probe.json}, whose field {@code kind} names one of two kinds, and the
 * file of weights that the JSON names. {@code docs/probe-format.md} describes both.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = NetworkProbeFile.class, name = "network"),
  @JsonSubTypes.Type(value = TorchScriptProbeFile.class, name = "torchscript")
})
public sealed interface ProbeFile permits NetworkProbeFile, TorchScriptProbeFile {

  /** The format version this library reads and writes. */
  int FORMAT_VERSION = 3;

  /** The checksum of the denoiser module it was trained for. */
  String denoiserSha256();

  /** The fractions done it was trained at. */
  List<Double> fractions();

  /** The name of the text encoder output it reads. */
  String promptEmbedding();

  /** Its inputs. */
  ProbeInputs inputs();

  /**
   * The metrics it predicts; the first is the selecting metric, whose predictions are the scores.
   */
  List<String> metrics();

  /** For each metric, the scale of the standardised output. */
  Map<String, Scale> scales();

  /** The name of the file with the weights, beside the JSON. */
  String weights();

  /** The checksum of that file. */
  String weightsSha256();

  /** The selecting metric. */
  default String selects() {
    return metrics().get(0);
  }

  /** The scale of the selecting metric. */
  default Scale scale() {
    return Objects.requireNonNull(scales().get(selects()), selects());
  }

  /** The factor of the selecting metric's deviations at a fraction done. */
  default double deviationFactor(double fractionDone) {
    return 1;
  }

  /**
   * Reads the file with the weights.
   *
   * @param file its content
   * @return the whole content
   * @throws InvalidProbeException if its checksum is not that in the JSON
   * @throws IOException if it cannot be read
   */
  default byte[] verified(InputStream file) throws IOException {
    byte[] bytes = file.readAllBytes();
    String found = Checksums.sha256(new ByteArrayInputStream(bytes));
    if (!found.equals(weightsSha256())) {
      throw new InvalidProbeException(
          String.format(
              Locale.ROOT,
              "probe weights %s are damaged: SHA-256 is %s, the JSON says %s; copy the probe again",
              weights(),
              found,
              weightsSha256()));
    }
    return bytes;
  }

  /**
   * Mean and standard deviation of a metric, which convert between standardised values and the
   * metric's unit.
   *
   * @param mean the metric's mean over the training images
   * @param deviation its standard deviation over them, 1 if it is zero
   */
  record Scale(double mean, double deviation) {

    /** A standardised value in the metric's unit. */
    public double restored(double standardised) {
      return mean + deviation * standardised;
    }

    /** A value of the metric, standardised. */
    public double standardised(double value) {
      return (value - mean) / deviation;
    }

    /** Values of the metric, standardised. */
    public float[] standardised(double[] values) {
      float[] standardised = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        standardised[i] = (float) standardised(values[i]);
      }
      return standardised;
    }
  }
}
