package io.github.probeselect;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.selection.SelectionState;
import io.github.probeselect.model.Conditioning.Truncation;
import io.github.probeselect.model.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The warnings of a completed generation. */
final class Warnings {

  private Warnings() {}

  static List<String> of(
      ResolvedRequest request,
      List<Truncation> truncations,
      SelectionState selectionState,
      List<Trajectory> candidates,
      FinishedImages finish) {
    List<String> warnings = new ArrayList<>();
    for (Truncation cut : truncations) {
      warnings.add(TruncationWarning.of(cut));
    }
    if (!request.unconditional(candidates) && !request.settings().negativePrompt().isEmpty()) {
      warnings.add(
          "the negative prompt had no effect: without classifier-free guidance, or at a guidance"
              + " scale of 1 or less, there is no unconditional branch");
    }
    for (Trajectory candidate : candidates) {
      Score score = selectionState.score(candidate.index());
      if (score != null && !Double.isFinite(score.value())) {
        warnings.add(
            candidate.origin()
                + " could not be scored: its activations, its preview or its score are not finite numbers; it was ranked last");
      }
    }
    if (selectionState.chosen().isEmpty()) {
      warnings.add(
          "the selection policy gave up the prompt: it kept none of the candidates, and none was finished");
    }
    for (Trajectory candidate : candidates) {
      if (selectionState.isRunning(candidate.index()) && !candidate.isFinite()) {
        warnings.add(
            candidate.origin() + " diverged: its latents are not finite, its image is void");
      } else if (finish.voids().contains(candidate.index())) {
        warnings.add(
            candidate.origin()
                + ": its latents are finite, but not all values that the image decoder returned; its image is void, and no metric scored it. A model exported with --dtype float32 has a larger range of numbers");
      }
    }
    for (Trajectory candidate : candidates) {
      if (candidate.preview().filter(RgbImage::isVoid).isPresent()) {
        warnings.add(
            candidate.origin()
                + ": its preview is void, because not all values that the decoder returned for its x0 prediction are finite");
      }
    }
    if (request.finalMetric() != null) {
      String metric = request.finalMetric().name();
      finish
          .truncation()
          .ifPresent(reading -> warnings.add(TruncationWarning.ofMetric(metric, reading)));
      warnings.addAll(unscored(request.finalMetric().name(), candidates, finish));
    }
    return warnings;
  }

  /** Warnings about finished images that the metric gave no finite score. */
  private static List<String> unscored(
      String metric, List<Trajectory> candidates, FinishedImages finish) {
    List<Trajectory> shown =
        candidates.stream()
            .filter(candidate -> finish.scores().containsKey(candidate.index()))
            .filter(candidate -> !finish.voids().contains(candidate.index()))
            .toList();
    List<Trajectory> unscored =
        shown.stream()
            .filter(candidate -> !isFinite(finish.scores().get(candidate.index())))
            .toList();
    if (!unscored.isEmpty() && unscored.size() == shown.size()) {
      return List.of(
          String.format(
              Locale.ROOT,
              "the metric '%s' gave none of the %d finished images a score that is a finite number; they keep their order of before the scoring",
              metric,
              shown.size()));
    }
    return unscored.stream()
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
