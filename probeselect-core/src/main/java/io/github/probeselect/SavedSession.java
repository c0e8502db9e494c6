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
 * The state of a session between two calls.
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
              Locale.ROOT,
              "%d candidates, of which the running ones have the indices %s",
              count,
              running));
    }
  }

  /** A request with all saved settings that images depend on. */
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
   * Resolves a request that continues this session. A failure is due to the file if the saved
   * settings alone fail too, otherwise to the caller.
   *
   * @param file where the session was saved
   * @throws InvalidRequestException if the request has other settings or candidates
   * @throws InvalidSessionException if the file's values are inconsistent
   */
  ResolvedRequest resolve(GenerationRequest request, Path file, Pipeline pipeline) {
    LoadedModel model = pipeline.loaded();
    try {
      return check(ResolvedRequest.ofSession(request.options(), model));
    } catch (InvalidRequestException e) {
      checked(file, () -> check(ResolvedRequest.ofSession(request(pipeline).options(), model)));
      throw e;
    }
  }

  /**
   * Checks that a request continues this session, and returns it.
   *
   * @throws InvalidRequestException if it has other settings or candidates
   */
  private ResolvedRequest check(ResolvedRequest resolved) {
    if (!resolved.settings().on(settings.device()).equals(settings)
        || !resolved.origins().equals(candidates.stream().map(SavedCandidate::origin).toList())) {
      throw new InvalidRequestException(
          String.format(
              Locale.ROOT,
              "the session was started with %s; these settings cannot be changed, and candidates are added with start(...)",
              settings));
    }
    return resolved;
  }

  /**
   * Evaluates a value that depends on the file alone.
   *
   * @throws InvalidSessionException if the file's values are inconsistent
   */
  <T> T checked(Path file, Supplier<T> values) {
    try {
      return values.get();
    } catch (InvalidRequestException e) {
      throw new InvalidSessionException(
          String.format(Locale.ROOT, "session %s is inconsistent: %s", file, e.getMessage()), e);
    }
  }
}
