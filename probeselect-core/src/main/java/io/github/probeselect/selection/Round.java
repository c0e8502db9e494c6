package io.github.probeselect.selection;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.probeselect.internal.io.JsonFields;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The input of a policy at one decision point.
 *
 * @param candidates those that still run, in the order of the request
 * @param atMost how many may go on, from 1 to {@code candidates.size()}
 * @param keep how many are wanted in the end, at least 1 and at most {@code atMost}
 * @param stepsDone denoising steps done
 * @param steps all denoising steps
 * @param features the candidates' activations, for policies that compare candidates
 */
public record Round(
    List<ScoredCandidate> candidates,
    int atMost,
    int keep,
    int stepsDone,
    int steps,
    Features features) {

  /** Copies the list. */
  public Round {
    candidates = List.copyOf(candidates);
  }

  /** The candidates from the best to the worst: {@link ScoredCandidate#bestFirst}. */
  public List<ScoredCandidate> bestFirst() {
    return ScoredCandidate.bestFirst(candidates);
  }

  /**
   * The fields of its JSON form by name, without the features, in the form that {@code
   * docs/integrations.md} describes; Jackson writes the value so. Unmodifiable.
   */
  @JsonValue
  public Map<String, @Nullable Object> toMap() {
    return new JsonFields()
        .with("candidates", candidates.stream().map(ScoredCandidate::toMap).toList())
        .with("atMost", atMost)
        .with("keep", keep)
        .with("stepsDone", stepsDone)
        .with("steps", steps)
        .toMap();
  }

  /** Features of a candidate: its pooled activations as one vector. */
  @FunctionalInterface
  public interface Features {

    /** For rounds without captured activations: empty features for every candidate. */
    Features NONE = candidate -> new float[0];

    /**
     * Returns a candidate's features, of equal length for all candidates of a round. Only valid
     * while the policy decides.
     */
    float[] of(ScoredCandidate candidate);
  }

  /**
   * A candidate and its score at a decision point.
   *
   * @param index its index among the candidates of the request, from 0
   * @param seed its seed
   * @param score its predicted quality, higher is better; {@code NaN} if it could not be scored
   * @param deviation how far off the score may be, as a root mean square error among the seeds of
   *     one prompt; {@code NaN} if that is not known
   * @param readings the scores that the signals have given it so far, the latest last
   */
  public record ScoredCandidate(
      int index, long seed, double score, double deviation, List<Reading> readings) {

    /** The order of {@link #bestFirst}: from the best to the worst. */
    public static final Comparator<ScoredCandidate> BEST_FIRST =
        Comparator.comparingDouble(
                (ScoredCandidate candidate) ->
                    Double.isFinite(candidate.score())
                        ? 0.0 - candidate.score()
                        : Double.POSITIVE_INFINITY)
            .thenComparingInt(ScoredCandidate::index);

    /** Copies the list. */
    public ScoredCandidate {
      readings = List.copyOf(readings);
    }

    /** A candidate with a score of unknown deviation and without readings. */
    public ScoredCandidate(int index, long seed, double score) {
      this(index, seed, score, Double.NaN, List.of());
    }

    /**
     * Returns candidates from the best to the worst. Equal scores keep the order of the request;
     * scores that are not finite come last.
     */
    public static List<ScoredCandidate> bestFirst(List<ScoredCandidate> candidates) {
      return candidates.stream().sorted(BEST_FIRST).toList();
    }

    /**
     * The fields of its JSON form by name, in the form that {@code docs/integrations.md} describes;
     * Jackson writes the value so. Unmodifiable.
     */
    @JsonValue
    public Map<String, @Nullable Object> toMap() {
      return new JsonFields()
          .with("index", index)
          .with("seed", seed)
          .number("score", score)
          .number("deviation", deviation)
          .with("readings", readings.stream().map(Reading::toMap).toList())
          .toMap();
    }
  }
}
