package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.model.Conditioning.Reading;
import io.github.probeselect.model.Conditioning.Truncation;
import java.util.List;
import org.junit.jupiter.api.Test;

class TruncationWarningTest {

  @Test
  void theOnlyEncoderIsTheModel() {
    assertThat(warning("prompt", cut("CLIP", 90, 77)))
        .isEqualTo("the prompt has 90 tokens, of which the model reads the first 77");
  }

  @Test
  void encodersThatReadAlikeAreTheModel() {
    assertThat(warning("negative prompt", cut("CLIP-L", 90, 77), cut("CLIP-G", 90, 77)))
        .isEqualTo("the negative prompt has 90 tokens, of which the model reads the first 77");
  }

  @Test
  void anEncoderThatReadsOnIsNamed() {
    assertThat(warning("prompt", cut("CLIP-L", 90, 77), cut("CLIP-G", 90, 77), all("T5", 101, 256)))
        .isEqualTo(
            "the prompt is too long for CLIP-L and CLIP-G, which read the first 77 of 90 tokens;"
                + " T5 reads all 101");
    assertThat(warning("negative prompt", cut("CLIP-L", 90, 77), all("T5", 101, 512)))
        .isEqualTo(
            "the negative prompt is too long for CLIP-L, which reads the first 77 of 90 tokens;"
                + " T5 reads all 101");
  }

  @Test
  void severalEncodersThatReadOnAreNamed() {
    assertThat(warning("prompt", all("CLIP-L", 30, 32), all("CLIP-G", 30, 40), cut("T5", 31, 24)))
        .isEqualTo(
            "the prompt is too long for T5, which reads the first 24 of 31 tokens; CLIP-L and"
                + " CLIP-G read all 30");
  }

  @Test
  void everyEncoderThatCutsIsNamedWithItsLimit() {
    assertThat(
            warning("prompt", cut("CLIP-L", 640, 77), cut("CLIP-G", 640, 77), cut("T5", 700, 256)))
        .isEqualTo(
            "the prompt is too long for CLIP-L and CLIP-G, which read the first 77 of 640 tokens and"
                + " for T5, which reads the first 256 of 700 tokens");
  }

  @Test
  void tokensThatWereNotCountedToTheEndAreALowerBound() {
    assertThat(warning("prompt", new Reading("CLIP", 4096, false, 77)))
        .isEqualTo("the prompt has at least 4096 tokens, of which the model reads the first 77");
    assertThat(
            warning(
                "prompt",
                new Reading("CLIP-L", 4080, false, 77),
                new Reading("T5", 4090, false, 512)))
        .contains("the first 77 of at least 4080 tokens", "the first 512 of at least 4090 tokens");
  }

  private static String warning(String text, Reading... readings) {
    return TruncationWarning.of(new Truncation(text, List.of(readings)));
  }

  private static Reading cut(String encoder, int tokens, int limit) {
    assertThat(tokens).isGreaterThan(limit);
    return new Reading(encoder, tokens, true, limit);
  }

  private static Reading all(String encoder, int tokens, int limit) {
    assertThat(tokens).isLessThanOrEqualTo(limit);
    return new Reading(encoder, tokens, true, limit);
  }
}
