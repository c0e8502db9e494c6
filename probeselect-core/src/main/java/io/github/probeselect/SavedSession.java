package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.error.InvalidRequestException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What a session is between two calls.
 *
 * @param settings what all candidates share
 * @param candidates in the order in which they joined
 * @param running who runs, by index, as the last decision put them
 * @param evaluations what was spent
 */
record SavedSession(
    Settings settings, List<SavedCandidate> candidates, List<Integer> running, long evaluations) {

  SavedSession {
    candidates = List.copyOf(candidates);
    running = List.copyOf(running);
    int count = candidates.size();
    if (count == 0 || evaluations < 0) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT, "there are %d candidates and %d evaluations", count, evaluations));
    }
    if (new HashSet<>(running).size() != running.size()
        || running.stream().anyMatch(index -> index < 0 || index >= count)) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT, "of %d candidates those of index %s are said to run", count, running));
    }
  }

  /** A session in which nothing has happened. */
  static SavedSession of(Plan plan) {
    List<SavedCandidate> candidates =
        plan.origins().stream().map(origin -> SavedCandidate.atBeginning(origin, plan)).toList();
    return new SavedSession(
        plan.settings(), candidates, IntStream.range(0, candidates.size()).boxed().toList(), 0);
  }

  /** A request that has all that images depend on as it was. */
  GenerationRequest request(Pipeline pipeline) {
    GenerationRequest request =
        pipeline
            .request(settings.prompt())
            .negativePrompt(settings.negativePrompt())
            .steps(settings.steps())
            .size(settings.width(), settings.height())
            .reproducible(settings.reproducible())
            .origins(candidates.stream().map(SavedCandidate::origin).toArray(Origin[]::new));
    return pipeline.manifest().guidance() == Guidance.NONE
        ? request
        : request.guidanceScale(settings.guidanceScale());
  }

  /**
   * Checks that a plan goes on with what was begun.
   *
   * @throws InvalidRequestException if it has other settings or candidates
   */
  void check(Plan plan) {
    if (!plan.settings().equals(settings)
        || !plan.origins().equals(candidates.stream().map(SavedCandidate::origin).toList())) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "the session was begun with %s; these cannot be changed on the way, and candidates join by start(...)",
              settings));
    }
  }
}
