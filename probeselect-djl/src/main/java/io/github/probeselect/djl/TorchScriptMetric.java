package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.BatchLimit;
import io.github.probeselect.internal.UnreadableTextException;
import io.github.probeselect.model.Conditioning.Reading;
import io.github.probeselect.model.QualityMetric;
import java.util.List;
import java.util.Optional;

/** A TorchScript module that scores images; its arena owns its native resources. */
final class TorchScriptMetric implements QualityMetric {

  private final NativeArena arena;
  private final String name;
  private final String version;
  private final TextTokenizer tokenizer;
  private final TorchModule module;

  /** The number of images scored in one call; its memory is released before the next call. */
  private final BatchLimit imagesTogether = BatchLimit.of(16);

  TorchScriptMetric(
      NativeArena arena, String name, String version, TextTokenizer tokenizer, TorchModule module) {
    this.arena = arena;
    this.name = name;
    this.version = version;
    this.tokenizer = tokenizer;
    this.module = module;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String version() {
    return version;
  }

  @Override
  public double score(RgbImage image, String prompt) {
    return scores(List.of(image), prompt)[0];
  }

  @Override
  public double[] scores(List<RgbImage> images, String prompt) {
    double[] scores = new double[images.size()];
    for (int from = 0, to; from < scores.length; from = to) {
      to = endOfOneSize(images, from);
      int first = from;
      List<RgbImage> alike = images.subList(from, to);
      imagesTogether.evaluate(
          alike.size(),
          (start, end) -> {
            float[] values =
                arena.call(
                    end - start,
                    "scoring with " + name,
                    temporary -> evaluate(alike.subList(start, end), prompt, temporary));
            for (int row = start; row < end; row++) {
              scores[first + row] = values[row - start];
            }
          });
    }
    return scores;
  }

  @Override
  public Optional<Reading> truncation(String prompt) {
    return arena.call(
        "reading the prompt of " + name,
        temporary -> {
          int tokens = tokenizer.count(prompt);
          boolean counted = tokenizer.isCounted(prompt, tokens);
          return Optional.of(new Reading(name, tokens, counted, tokenizer.length()))
              .filter(Reading::isCut);
        });
  }

  private long[] ids(String prompt) {
    try {
      return tokenizer.ids(prompt);
    } catch (UnreadableTextException e) {
      throw e.named("prompt of the metric '" + name + "'");
    }
  }

  private static int endOfOneSize(List<RgbImage> images, int from) {
    RgbImage first = images.get(from);
    int to = from + 1;
    while (to < images.size()
        && images.get(to).width() == first.width()
        && images.get(to).height() == first.height()) {
      to++;
    }
    return to;
  }

  private float[] evaluate(List<RgbImage> images, String prompt, NDManager temporary) {
    int rows = images.size();
    int height = images.get(0).height();
    int width = images.get(0).width();
    float[] planes = new float[rows * 3 * height * width];
    for (int row = 0; row < rows; row++) {
      float[] image = images.get(row).toPlanes();
      System.arraycopy(image, 0, planes, row * image.length, image.length);
    }
    NDArray pixels = HeapNumbers.copied(planes, new Shape(rows, 3, height, width), temporary);
    NDArray ids = temporary.create(ids(prompt), new Shape(1, tokenizer.length())).repeat(0, rows);
    return module.call("forward", temporary, List.of(pixels, ids)).get(0).toFloatArray();
  }
}
