package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.LearnedMetric;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A text of millions of characters is cut with a warning or refused where the heap is small, and
 * does not end the process: as prompt, as negative prompt, as wording, and as what a metric reads.
 */
class LongTextProcessTest {

  private static final int REPEATED = 400_000;

  /** Too much for a heap of 64 MB if every token of it were to come back. */
  private static final Map<String, String> TEXTS =
      Map.of(
          "emoji", "\ud83d\ude00",
          "apart", "\ud83d\ude00 ",
          "word", "x",
          "words", "red circle ",
          "marks", "e\u0301\u0302",
          "spaces", " ",
          "lines", "\u65e5\u672c\u8a9e\u3001\n");

  @TempDir private Path directory;

  /** Tries every text in every place and prints what came of it. */
  static final class Trying {
    public static void main(String[] arguments) {
      RgbImage image = RgbImage.of(8, 8, new byte[8 * 8 * 3]);
      try (Pipeline pipeline = new Pipeline(DefaultModel.open());
          LearnedMetric metric = ProbeSelect.openMetric(ChangedMetric.original())) {
        TEXTS.forEach(
            (name, piece) -> {
              String text = piece.repeat(REPEATED);
              attempt(name + " prompt", () -> warnings(pipeline, text, ""));
              attempt(name + " negative prompt", () -> warnings(pipeline, "a star", text));
              attempt(name + " metric", () -> "score " + metric.score(image, text));
            });
      }
      System.out.println("ended");
    }

    private static String warnings(Pipeline pipeline, String prompt, String negativePrompt) {
      return "warned "
          + pipeline
              .request(prompt)
              .negativePrompt(negativePrompt)
              .candidates(1)
              .steps(1)
              .generate()
              .warnings();
    }

    private static void attempt(String what, Supplier<String> attempted) {
      try {
        System.out.println(what + ": " + attempted.get());
      } catch (InvalidRequestException e) {
        System.out.println(what + ": refused " + e.getMessage());
      }
    }
  }

  @Test
  void theProcessGoesOn() throws Exception {
    JavaProcess.Finished process =
        JavaProcess.in(directory)
            .withOptions("-Xmx64m", "-Dstdout.encoding=UTF-8")
            .run(Trying.class);
    String printed = process.output();
    assertThat(process.exit()).as(printed).isZero();
    assertThat(printed.lines()).hasSize(3 * TEXTS.size() + 1).last().isEqualTo("ended");
    for (String cut : List.of("words", "apart", "lines")) {
      assertThat(printed)
          .contains(cut + " prompt: warned [the prompt has at least ")
          .contains(cut + " negative prompt: warned [the negative prompt has at least ")
          .contains(cut + " metric: score ");
    }
    for (String undecided : List.of("emoji", "word")) {
      assertThat(printed)
          .contains(undecided + " prompt: refused ")
          .contains(undecided + " negative prompt: refused ")
          .contains(undecided + " metric: refused ");
    }
  }
}
