package io.github.probeselect;

import io.github.probeselect.model.Conditioning.Truncation;
import io.github.probeselect.model.Judgement;
import io.github.probeselect.selection.Standings;
import java.util.ArrayList;
import java.util.List;

/** What a caller should know although the generation went through. */
final class Warnings {

  private Warnings() {}

  static List<String> of(
      Plan plan, List<Truncation> truncations, Standings standings, List<Trajectory> candidates) {
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
                + " could not be judged, its activations or its score are not finite numbers; it"
                + " was ranked last");
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
      }
    }
    return warnings;
  }
}
