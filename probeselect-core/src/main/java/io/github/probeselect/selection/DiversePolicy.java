package io.github.probeselect.selection;

import io.github.probeselect.selection.Round.ScoredCandidate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Greedy maximal marginal relevance (Carbonell and Goldstein 1998): selects candidates one by one,
 * each time the one whose score, less its similarity to those already selected, is highest.
 */
record DiversePolicy(double weight) implements SelectionPolicy {

  @Override
  public boolean readsFeatures() {
    return true;
  }

  @Override
  public List<ScoredCandidate> select(Round round) {
    List<ScoredCandidate> left = new ArrayList<>(round.bestFirst());
    Map<Integer, double[]> features = centred(round);
    double highest = left.get(0).score();
    double lowest =
        left.stream().mapToDouble(ScoredCandidate::score).filter(Double::isFinite).min().orElse(0);
    double range = highest > lowest ? highest - lowest : 1;
    List<ScoredCandidate> taken = new ArrayList<>();
    while (taken.size() < round.atMost()) {
      ScoredCandidate next = null;
      double worth = Double.NEGATIVE_INFINITY;
      for (ScoredCandidate candidate : left) {
        double score =
            Double.isFinite(candidate.score())
                ? (candidate.score() - lowest) / range
                : Double.NEGATIVE_INFINITY;
        double value = (1 - weight) * score - weight * likeness(candidate, taken, features);
        if (isBetter(candidate, value, next, worth)) {
          next = candidate;
          worth = value;
        }
      }
      if (next == null) {
        break;
      }
      taken.add(next);
      left.remove(next);
    }
    return taken;
  }

  /** A candidate without a score is taken last, however different it looks; ties keep the order. */
  private static boolean isBetter(
      ScoredCandidate candidate, double value, @Nullable ScoredCandidate next, double worth) {
    if (next == null) {
      return true;
    }
    boolean scored = Double.isFinite(candidate.score());
    return scored == Double.isFinite(next.score()) ? value > worth : scored;
  }

  private static double likeness(
      ScoredCandidate candidate, List<ScoredCandidate> taken, Map<Integer, double[]> features) {
    double[] own = features.getOrDefault(candidate.index(), new double[0]);
    return taken.stream()
        .mapToDouble(other -> cosine(own, features.getOrDefault(other.index(), new double[0])))
        .max()
        .orElse(0);
  }

  private static double cosine(double[] a, double[] b) {
    double dot = 0;
    double ofA = 0;
    double ofB = 0;
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      dot += a[i] * b[i];
      ofA += a[i] * a[i];
      ofB += b[i] * b[i];
    }
    double cosine = dot / Math.sqrt(ofA * ofB);
    return Double.isFinite(cosine) ? cosine : 0;
  }

  /** The features less their mean over the candidates, which is common to the prompt. */
  private static Map<Integer, double[]> centred(Round round) {
    Map<Integer, double[]> centred = new HashMap<>();
    double[] mean = new double[0];
    for (ScoredCandidate candidate : round.candidates()) {
      float[] given = round.features().of(candidate);
      double[] copy = new double[given.length];
      mean = mean.length == 0 ? new double[given.length] : mean;
      for (int i = 0; i < given.length; i++) {
        copy[i] = given[i];
        mean[i] += given[i] / (double) round.candidates().size();
      }
      centred.put(candidate.index(), copy);
    }
    for (double[] values : centred.values()) {
      for (int i = 0; i < values.length; i++) {
        values[i] -= mean[i];
      }
    }
    return centred;
  }
}
