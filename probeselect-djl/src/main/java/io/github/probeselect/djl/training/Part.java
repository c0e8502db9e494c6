package io.github.probeselect.djl.training;

import io.github.probeselect.error.InvalidProbeException;
import java.util.Arrays;

/** A part of the training. */
enum Part {
  PREVIEW("preview"),
  PICTURE("picture"),
  RANKING("ranking");

  final String title;

  Part(String title) {
    this.title = title;
  }

  static Part of(String title) {
    return Arrays.stream(values())
        .filter(part -> part.title.equals(title))
        .findFirst()
        .orElseThrow(() -> new InvalidProbeException("no training has a part " + title));
  }
}
