package io.github.probeselect.scenes;

import io.github.probeselect.scenes.SceneDescription.Noun;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The best way to take what is seen for what is asked for, found by trying all. */
final class Matching {

  /** n solid objects beyond those asked for leave 1 / (1 + this * n) of the score. */
  private static final double SUPERFLUOUS = 0.65;

  /** What a wrong relation leaves of the score. */
  private static final double WRONG_RELATION = 0.35;

  private final List<Noun> wanted;
  private final List<Sighting> seen;
  private final @Nullable Relation relation;
  private final double solid;
  private final double[][] likeness;
  private final @Nullable Sighting[] match;
  private final boolean[] taken;
  private double best;

  /**
   * Prepares a matching.
   *
   * @param wanted the objects asked for, one noun each
   * @param seen what may be taken for them
   * @param relation of the first two objects, or null
   * @param solid how many objects are seen in all, not only those that may be taken
   */
  Matching(List<Noun> wanted, List<Sighting> seen, @Nullable Relation relation, double solid) {
    this.wanted = wanted;
    this.seen = seen;
    this.relation = relation;
    this.solid = solid;
    this.likeness = new double[wanted.size()][seen.size()];
    for (int i = 0; i < wanted.size(); i++) {
      for (int j = 0; j < seen.size(); j++) {
        likeness[i][j] = seen.get(j).likeness(wanted.get(i));
      }
    }
    this.match = new Sighting[wanted.size()];
    this.taken = new boolean[seen.size()];
  }

  /** The share of the objects and their relation that is seen, in [0, 1]. */
  double best() {
    best = 0;
    matchFrom(0, 0, 0);
    return best;
  }

  private void matchFrom(int object, double sum, double matched) {
    if (object == wanted.size()) {
      best = Math.max(best, value(sum, matched));
      return;
    }
    match[object] = null;
    matchFrom(object + 1, sum, matched);
    for (int j = 0; j < taken.length; j++) {
      if (!taken[j]) {
        taken[j] = true;
        match[object] = seen.get(j);
        matchFrom(object + 1, sum + likeness[object][j], matched + seen.get(j).solidity());
        taken[j] = false;
      }
    }
  }

  private double value(double sum, double matched) {
    double superfluous = Math.max(0, solid - matched);
    double value = sum / wanted.size() / (1 + SUPERFLUOUS * superfluous);
    if (relation == null) {
      return value;
    }
    Sighting first = match[0];
    Sighting second = match[1];
    double holds =
        first == null || second == null
            ? 0
            : relation.likelihood(second.x() - first.x(), second.y() - first.y());
    return value * (WRONG_RELATION + (1 - WRONG_RELATION) * holds);
  }
}
