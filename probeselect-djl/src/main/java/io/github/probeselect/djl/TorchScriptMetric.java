package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.QualityMetric;
import java.util.List;

/** A learned metric of a bundle. */
final class TorchScriptMetric implements QualityMetric {

  private final NativeArena arena;
  private final String name;
  private final TextTokenizer tokenizer;
  private final TorchModule module;

  TorchScriptMetric(NativeArena arena, String name, TextTokenizer tokenizer, TorchModule module) {
    this.arena = arena;
    this.name = name;
    this.tokenizer = tokenizer;
    this.module = module;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public double score(RgbImage image, String prompt) {
    return arena.call(
        "scoring an image with " + name,
        temporary -> {
          NDArray pixels =
              temporary.create(image.toPlanes(), new Shape(1, 3, image.height(), image.width()));
          NDArray ids = temporary.create(tokenizer.ids(prompt), new Shape(1, tokenizer.length()));
          return (double)
              module.call("forward", temporary, List.of(pixels, ids)).get(0).toFloatArray()[0];
        });
  }
}
