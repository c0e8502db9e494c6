package io.github.probeselect;

import io.github.probeselect.model.Judgement;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.selection.Round;
import io.github.probeselect.selection.ScoredCandidate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What was read of candidates at one point of their trajectories, kept after the look is over. */
final class Views {

  private final Map<Integer, List<Reading>> readings = new HashMap<>();
  private final Map<Integer, float[]> features = new HashMap<>();

  void add(Look look, Plan plan) {
    readings.putAll(look.readings(plan.signals()));
    if (plan.selection().policy().readsFeatures()) {
      features.putAll(look.features());
    }
  }

  /** What was said of each of these. */
  List<List<Reading>> readings(List<Trajectory> candidates) {
    return candidates.stream()
        .map(candidate -> readings.getOrDefault(candidate.index(), List.of()))
        .toList();
  }

  /** Their features. */
  Map<Integer, float[]> featuresByIndex() {
    return features;
  }

  Round.Features features() {
    return candidate -> features.getOrDefault(candidate.index(), new float[0]);
  }

  /** The candidates as a forecast sees them now. */
  List<ScoredCandidate> scored(List<Trajectory> candidates, Forecast forecast) {
    return candidates.stream()
        .map(
            candidate -> {
              List<Reading> said = readings.getOrDefault(candidate.index(), List.of());
              Judgement judgement = forecast.of(said);
              return new ScoredCandidate(
                  candidate.index(),
                  candidate.seed(),
                  judgement.score(),
                  judgement.deviation(),
                  said);
            })
        .toList();
  }
}
