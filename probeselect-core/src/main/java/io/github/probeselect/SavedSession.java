package io.github.probeselect;

import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.error.InvalidSessionException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * What a session is between two calls.
 *
 * @param settings what all candidates share
 * @param candidates in the order in which they joined
 * @param running the candidates that run, by index, in the order of the last decision
 * @param evaluations what was spent
 */
record SavedSession(
    SettingsValues settings,
    List<SavedCandidate> candidates,
    List<Integer> running,
    long evaluations) {

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
   * Returns a plan if it goes on with what was begun.
   *
   * @throws InvalidRequestException if it has other settings or candidates
   */
  Plan check(Plan plan) {
    if (!plan.settings().equals(settings)
        || !plan.origins().equals(candidates.stream().map(SavedCandidate::origin).toList())) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "the session was begun with %s; these cannot be changed on the way, and candidates join by start(...)",
              settings));
    }
    return plan;
  }

  /**
   * What a file alone leads to.
   *
   * @throws InvalidSessionException if its values cannot be those of any session
   */
  <T> T checked(Path file, Supplier<T> values) {
    try {
      return values.get();
    } catch (InvalidRequestException e) {
      throw new InvalidSessionException(
          String.format(Locale.ROOT, "session %s does not hold together: %s", file, e.getMessage()),
          e);
    }
  }
}
