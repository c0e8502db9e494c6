package io.github.probeselect;

import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.selection.SelectionState;
import io.github.probeselect.model.Conditioning.Reading;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.selection.Round.ScoredCandidate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The images of the finished candidates, and their final scores.
 *
 * @param best the images that are returned, best first
 * @param returned the candidates of these images, by index
 * @param scores the score of the final metric for each finished candidate, by index, {@code NaN} if
 *     it could not score it; empty if it was not asked
 * @param voids the candidates with a void image, by index
 * @param failures why the metric failed on an image, by the index of its candidate
 * @param truncation how much of the prompt the metric read, if not all of it
 */
record FinishedImages(
    List<? extends KeptImage> best,
    Set<Integer> returned,
    Map<Integer, Double> scores,
    Set<Integer> voids,
    Map<Integer, RuntimeException> failures,
    Optional<Reading> truncation) {

  /** No candidate is finished yet. */
  static final FinishedImages NONE = known(Map.of());

  /** The final scores of candidates that were finished earlier. */
  static FinishedImages known(Map<Integer, Double> scores) {
    return new FinishedImages(
        List.of(), scores.keySet(), scores, Set.of(), Map.of(), Optional.empty());
  }

  /** These and candidates that were finished later. */
  FinishedImages and(FinishedImages later) {
    Map<Integer, Double> allScores = new HashMap<>(scores);
    allScores.putAll(later.scores);
    Set<Integer> allReturned = new HashSet<>(returned);
    allReturned.addAll(later.returned);
    return new FinishedImages(
        List.of(), allReturned, allScores, Set.of(), Map.of(), Optional.empty());
  }

  /**
   * Decodes the images of candidates that have done all steps. The listener receives each image
   * once it is decoded, and, if a final metric selects among them, all returned images at the end.
   *
   * @param keep how many are, at the most, if they are scored
   * @param selectionState their early scores
   */
  static FinishedImages of(
      Context context, List<Trajectory> candidates, int keep, SelectionState selectionState) {
    ResolvedRequest request = context.request();
    GenerationListener listener = context.listener();
    QualityMetric metric = request.finalMetric();
    List<KeptImageValues> images = new ArrayList<>();
    Set<Integer> voids = new HashSet<>();
    for (Trajectory candidate : candidates) {
      context.cancellation().check();
      RgbImage image = context.model().decode(candidate.latents(), context.latentShape());
      OptionalDouble score = Candidates.score(selectionState.score(candidate.index()));
      images.add(
          new KeptImageValues(
              candidate.origin(), image, candidate.settings(), score, OptionalDouble.empty()));
      if (image.isVoid()) {
        voids.add(candidate.index());
      }
      KeptImage latest = images.get(images.size() - 1);
      listener.onFinished(latest);
      if (metric == null) {
        listener.onImage(latest);
      }
    }
    if (metric == null || images.isEmpty()) {
      return new FinishedImages(
          images, indices(candidates.stream()), Map.of(), voids, Map.of(), Optional.empty());
    }
    FinishedImages finish = rescored(metric, context, candidates, images, voids, keep);
    finish.best.forEach(listener::onImage);
    return finish;
  }

  private static FinishedImages rescored(
      QualityMetric metric,
      Context context,
      List<Trajectory> candidates,
      List<KeptImageValues> images,
      Set<Integer> voids,
      int keep) {
    List<RgbImage> pictures = images.stream().map(KeptImage::image).toList();
    String prompt = context.request().settings().prompt();
    QualityMetric.Scores scored =
        context.cancellation().callback(() -> QualityMetric.Scores.of(metric, pictures, prompt));
    Optional<Reading> truncation = context.cancellation().callback(() -> metric.truncation(prompt));
    Map<Integer, RuntimeException> failures = new HashMap<>();
    scored.failures().forEach((i, failure) -> failures.put(candidates.get(i).index(), failure));
    Map<Integer, Double> scores = new HashMap<>();
    List<ScoredCandidate> finished =
        IntStream.range(0, images.size())
            .mapToObj(i -> new ScoredCandidate(i, images.get(i).seed(), scored.values()[i]))
            .toList();
    finished.forEach(
        candidate -> scores.put(candidates.get(candidate.index()).index(), candidate.score()));
    List<Integer> best =
        ScoredCandidate.bestFirst(finished).stream()
            .limit(keep)
            .map(ScoredCandidate::index)
            .toList();
    return new FinishedImages(
        best.stream().map(i -> images.get(i).withFinalScore(scored.values()[i])).toList(),
        indices(best.stream().map(candidates::get)),
        scores,
        voids,
        failures,
        truncation);
  }

  private static Set<Integer> indices(Stream<Trajectory> candidates) {
    return candidates.map(Trajectory::index).collect(Collectors.toSet());
  }
}
