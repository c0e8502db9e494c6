package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.BundleManifest.TensorSpec;
import io.github.probeselect.bundle.BundleManifest.TimestepType;
import io.github.probeselect.bundle.LatentShape;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs each module of a bundle once, on about the smallest image that the model supports (not
 * square if possible), and compares its output with the manifest. To be used on the worker only.
 */
final class BundleTrial {

  /** More than one, to check that rows do not affect each other. */
  private static final int ROWS = 2;

  private final BundleManifest manifest;
  private final LatentShape latents;
  private final ModuleTrial trial;
  private final NDManager temporary;

  BundleTrial(Bundle bundle, NDManager temporary) {
    this.manifest = bundle.manifest();
    this.trial = new ModuleTrial(bundle, temporary);
    this.temporary = temporary;
    BundleManifest.SizeRule size = manifest.size();
    int height = (size.min() + size.multipleOf() - 1) / size.multipleOf() * size.multipleOf();
    int width = height + size.multipleOf() <= size.max() ? height + size.multipleOf() : height;
    this.latents = manifest.latentShape(width, height);
  }

  /** Tries the text encoder. */
  void textEncoder(TorchModule module, List<TextTokenizer> tokenizers) {
    List<NDArray> ids = new ArrayList<>();
    for (TextTokenizer tokenizer : tokenizers) {
      ids.add(trial.ids(tokenizer, manifest.tokenizers().get(ids.size()).check().text(), ROWS));
    }
    List<Shape> promised = new ArrayList<>();
    for (TensorSpec output : manifest.textEncoder().outputs()) {
      promised.add(shape(ROWS, output.shape()));
    }
    trial.run(module, "forward", ids, promised);
  }

  /** Tries both entry points of the denoiser. */
  void denoiser(TorchModule module) {
    List<NDArray> inputs = new ArrayList<>();
    inputs.add(
        temporary.zeros(new Shape(ROWS, latents.channels(), latents.height(), latents.width())));
    inputs.add(
        temporary.ones(
            new Shape(ROWS),
            manifest.denoiser().timestepType() == TimestepType.INT64
                ? DataType.INT64
                : DataType.FLOAT32));
    for (TensorSpec embedding : manifest.textEncoder().outputs()) {
      inputs.add(temporary.zeros(shape(ROWS, embedding.shape())));
    }
    if (manifest.guidance() == Guidance.EMBEDDED) {
      inputs.add(temporary.ones(new Shape(ROWS)));
    }
    List<Shape> promised = new ArrayList<>(List.of(inputs.get(0).getShape()));
    trial.run(module, "forward", inputs, promised);
    if (!manifest.taps().isEmpty()) {
      for (Tap tap : manifest.taps()) {
        promised.add(new Shape(ROWS, tap.channels(), tap.gridHeight(), tap.gridWidth()));
      }
      trial.run(module, "capture", inputs, promised);
    }
  }

  /** Tries the VAE decoder, or the preview decoder. */
  void imageDecoder(TorchModule module) {
    NDArray input =
        temporary.zeros(new Shape(1, latents.channels(), latents.height(), latents.width()));
    trial.run(module, "forward", List.of(input), List.of(pixels()));
  }

  /** Tries a metric. */
  void metric(TorchModule module, TextTokenizer tokenizer) {
    String text = manifest.tokenizers().get(0).check().text();
    int side = manifest.latents().pixelsPerLatent();
    trial.metric(module, tokenizer, text, 1, latents.height() * side, latents.width() * side);
  }

  private Shape pixels() {
    int side = manifest.latents().pixelsPerLatent();
    return new Shape(1, 3, (long) latents.height() * side, (long) latents.width() * side);
  }

  private static Shape shape(int rows, List<Integer> rest) {
    long[] dimensions = new long[rest.size() + 1];
    dimensions[0] = rows;
    for (int i = 0; i < rest.size(); i++) {
      dimensions[i + 1] = rest.get(i);
    }
    return new Shape(dimensions);
  }
}
