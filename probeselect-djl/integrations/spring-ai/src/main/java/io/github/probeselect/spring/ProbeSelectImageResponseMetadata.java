package io.github.probeselect.spring;

import io.github.probeselect.Candidate;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.GenerationResult.Evaluations;
import io.github.probeselect.GenerationResult.Timings;
import io.github.probeselect.Settings;
import java.util.List;
import org.springframework.ai.image.ImageResponseMetadata;

/**
 * What a call started, dropped and spent. The same is in the map of this object, for code that does
 * not know the class: {@code model}, {@code candidates}, {@code dropped}, {@code evaluations},
 * {@code shareSaved} and {@code warnings}.
 */
public final class ProbeSelectImageResponseMetadata extends ImageResponseMetadata {

  private final GenerationResult result;

  ProbeSelectImageResponseMetadata(GenerationResult result) {
    this.result = result;
    put("model", getModel());
    put("candidates", getCandidates().size());
    put("dropped", getDropped().stream().map(Candidate::toString).toList());
    put("evaluations", getEvaluations().spent());
    put("shareSaved", getShareSaved());
    put("warnings", getWarnings());
  }

  /** The name of the bundle. */
  public String getModel() {
    return getSettings().bundle();
  }

  /** The settings of the request. */
  public Settings getSettings() {
    return result.settings();
  }

  /** Every candidate, in the order of the request. */
  public List<Candidate> getCandidates() {
    return result.candidates();
  }

  /** The candidates that are not in the response, in the order of the request. */
  public List<Candidate> getDropped() {
    return result.candidates().stream()
        .filter(candidate -> candidate.outcome() != Outcome.KEPT)
        .toList();
  }

  /** The denoiser evaluations that were spent, and how many all candidates would have taken. */
  public Evaluations getEvaluations() {
    return result.evaluations();
  }

  /** The share of denoiser evaluations that was saved by dropping candidates early, in [0, 1). */
  public double getShareSaved() {
    return 1 - result.evaluations().share();
  }

  /** Where the time went. */
  public Timings getTimings() {
    return result.timings();
  }

  /** What the caller should know: text that was cut, images that are void. */
  public List<String> getWarnings() {
    return result.warnings();
  }
}
