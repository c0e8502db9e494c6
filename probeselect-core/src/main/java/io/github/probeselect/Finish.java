package io.github.probeselect;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.selection.Ranking;
import io.github.probeselect.selection.ScoredCandidate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What came of the finished candidates.
 *
 * @param best the images that are returned, best first
 * @param scores what the final metric said of each finished seed; empty if it was not asked
 */
record Finish(List<KeptImage> best, Map<Long, Double> scores) {

  /** Nobody is finished yet. */
  static final Finish NONE = new Finish(List.of(), Map.of());

  static Finish of(Plan plan, List<KeptImage> images) {
    QualityMetric metric = plan.finalMetric();
    if (metric == null || images.isEmpty()) {
      return new Finish(images, Map.of());
    }
    List<RgbImage> pictures = images.stream().map(KeptImage::image).toList();
    double[] said = metric.scores(pictures, plan.settings().prompt());
    if (said.length != images.size()) {
      throw new InvalidRequestException(
          "the metric '%s' returned %d scores for %d images; it must return one for each"
              .formatted(metric.name(), said.length, images.size()));
    }
    Map<Long, Double> scores = new HashMap<>();
    List<ScoredCandidate> finished =
        IntStream.range(0, images.size())
            .mapToObj(i -> new ScoredCandidate(i, images.get(i).seed(), said[i]))
            .toList();
    finished.forEach(candidate -> scores.put(candidate.seed(), candidate.score()));
    List<KeptImage> best =
        Ranking.bestFirst(finished).stream()
            .limit(plan.selection().keep())
            .map(candidate -> images.get(candidate.index()))
            .toList();
    return new Finish(best, scores);
  }
}
