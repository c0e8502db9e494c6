package io.github.probeselect;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.selection.Standings;
import io.github.probeselect.model.Conditioning.Truncation;
import io.github.probeselect.model.Judgement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a caller should know although the generation went through. */
final class Warnings {

  private Warnings() {}

  static List<String> of(
      Plan plan,
      List<Truncation> truncations,
      Standings standings,
      List<Trajectory> candidates,
      Finish finish) {
    List<String> warnings = new ArrayList<>();
    for (Truncation cut : truncations) {
      warnings.add(TruncationWarning.of(cut));
    }
    if (!plan.unconditional(candidates) && !plan.settings().negativePrompt().isEmpty()) {
      warnings.add(
          "the negative prompt had no effect: without classifier-free guidance, or at a guidance"
              + " scale of 1 or less, there is no unconditional branch");
    }
    for (Trajectory candidate : candidates) {
      Judgement judgement = standings.judgement(candidate.index());
      if (judgement != null && !Double.isFinite(judgement.score())) {
        warnings.add(
            candidate.origin()
                + " could not be judged, its activations, its preview or its score are not finite"
                + " numbers; it was ranked last");
      }
    }
    if (standings.chosen().isEmpty()) {
      warnings.add(
          "the selection policy gave the prompt up: none of its candidates promised enough, and"
              + " none was finished");
    }
    for (Trajectory candidate : candidates) {
      if (standings.isRunning(candidate.index()) && !candidate.isFinite()) {
        warnings.add(
            candidate.origin() + " diverged: its latents are not finite, its image is void");
      } else if (finish.voids().contains(candidate.index())) {
        warnings.add(
            candidate.origin()
                + ": its latents are finite, but not all that the image decoder made of them; its"
                + " image is void, and no metric judged it. A model exported with --dtype float32"
                + " has more room for large numbers");
      }
    }
    for (Trajectory candidate : candidates) {
      if (candidate.preview().filter(RgbImage::isVoid).isPresent()) {
        warnings.add(
            candidate.origin()
                + ": its preview is void, not all that the decoder made of its x0 prediction are"
                + " finite numbers");
      }
    }
    if (plan.finalMetric() != null) {
      warnings.addAll(unjudged(plan.finalMetric().name(), candidates, finish));
    }
    return warnings;
  }

  /** On finished images that the metric was shown and gave no score. */
  private static List<String> unjudged(String metric, List<Trajectory> candidates, Finish finish) {
    List<Trajectory> shown =
        candidates.stream()
            .filter(candidate -> finish.scores().containsKey(candidate.index()))
            .filter(candidate -> !finish.voids().contains(candidate.index()))
            .toList();
    List<Trajectory> unjudged =
        shown.stream()
            .filter(candidate -> !isFinite(finish.scores().get(candidate.index())))
            .toList();
    if (!unjudged.isEmpty() && unjudged.size() == shown.size()) {
      return List.of(
          String.format(
              Locale.ROOT,
              "the metric '%s' gave none of the %d finished images a score that is a finite number; they are in the order in which they were before it was asked",
              metric,
              shown.size()));
    }
    return unjudged.stream()
        .map(
            candidate -> {
              RuntimeException failure = finish.failures().get(candidate.index());
              return String.format(
                  Locale.ROOT,
                  "the metric '%s' gave the image of %s no score that is a finite number%s; it was ranked last",
                  metric,
                  candidate.origin(),
                  failure == null ? "" : ", it failed: " + failure);
            })
        .toList();
  }

  private static boolean isFinite(@Nullable Double score) {
    return score != null && Double.isFinite(score);
  }
}
