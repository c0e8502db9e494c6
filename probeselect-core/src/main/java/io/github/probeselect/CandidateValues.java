package io.github.probeselect;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.selection.Reading;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** What is known of a candidate. */
record CandidateValues(
    Origin origin,
    OptionalDouble score,
    int rank,
    Outcome outcome,
    int stepsDone,
    int steps,
    List<Reading> readings,
    OptionalDouble finalScore,
    double guidanceGap,
    Optional<RgbImage> preview)
    implements Candidate {

  CandidateValues {
    readings = List.copyOf(readings);
  }

  /** Seed, score, rank and outcome in a line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: rank %d, score %s, %s after %d steps",
        origin,
        rank,
        score.isPresent() ? String.format(Locale.ROOT, "%.3f", score.getAsDouble()) : "none",
        outcome,
        stepsDone);
  }
}
