package io.github.probeselect;

import io.github.probeselect.selection.SelectionPlan;
import java.util.List;

/** What a generation gave. */
record GenerationResultValues(
    Settings settings,
    SelectionPlan plan,
    List<Candidate> candidates,
    List<KeptImage> images,
    GenerationResult.Evaluations evaluations,
    Timings timings,
    List<String> warnings)
    implements GenerationResult {

  GenerationResultValues {
    candidates = List.copyOf(candidates);
    images = List.copyOf(images);
    warnings = List.copyOf(warnings);
  }
}
