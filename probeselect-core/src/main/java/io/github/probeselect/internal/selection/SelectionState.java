package io.github.probeselect.internal.selection;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Score;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.selection.Round;
import io.github.probeselect.selection.Round.ScoredCandidate;
import io.github.probeselect.selection.SelectionPolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The state of a selection: which candidates still run, and their readings and scores. Not
 * thread-safe.
 *
 * <p>Candidates are identified by their index, in the order in which they were added.
 */
public final class SelectionState {

  private final List<CandidateState> states = new ArrayList<>();
  private List<Integer> chosen = new ArrayList<>();

  /** The state of one candidate. */
  private static final class CandidateState {
    private final long seed;
    private final List<Reading> readings = new ArrayList<>();
    private @Nullable Score latest;
    private int scoredAfter;

    private CandidateState(long seed) {
      this.seed = seed;
    }

    private ScoredCandidate scored(int index) {
      Score known = latest == null ? new Score(Double.NaN, Double.NaN) : latest;
      return new ScoredCandidate(index, seed, known.value(), known.deviation(), readings);
    }
  }

  /** Adds a candidate, which runs, and returns its index. */
  public int join(long seed) {
    states.add(new CandidateState(seed));
    chosen.add(states.size() - 1);
    return states.size() - 1;
  }

  /** The candidates that still run, by index, in the order in which they joined. */
  public List<Integer> running() {
    return chosen.stream().sorted().toList();
  }

  /** Whether a candidate still runs. */
  public boolean isRunning(int index) {
    return chosen.contains(index);
  }

  /** The candidates that still run, in the order of the last decision, best first. */
  public List<Integer> chosen() {
    return List.copyOf(chosen);
  }

  /** The readings of a candidate, the latest last. */
  public List<Reading> readings(int index) {
    return List.copyOf(states.get(index).readings);
  }

  /** The last score of a candidate; {@code null} if it was never scored. */
  public @Nullable Score score(int index) {
    return states.get(index).latest;
  }

  /**
   * The score that a forecast makes of the earlier readings of a candidate and of the present ones.
   */
  public Score forecast(int index, List<Reading> newReadings, Forecast forecast) {
    List<Reading> all = new ArrayList<>(states.get(index).readings);
    all.addAll(newReadings);
    return forecast.of(List.copyOf(all));
  }

  /**
   * Records readings of a candidate.
   *
   * @param newReadings at least one reading, in the order of the signals
   * @param score the forecast's score
   */
  public void read(int index, List<Reading> newReadings, Score score) {
    CandidateState state = states.get(index);
    state.readings.addAll(newReadings);
    state.latest = score;
    state.scoredAfter = newReadings.get(newReadings.size() - 1).stepsDone();
  }

  /**
   * The running candidates with their scores and readings, in the order in which they were added.
   */
  public List<ScoredCandidate> scored() {
    return running().stream().map(index -> states.get(index).scored(index)).toList();
  }

  /**
   * Has a policy choose among the candidates that run; the others are dropped.
   *
   * @param atMost the maximum number of candidates that continue
   * @param keep the number of images wanted in the end
   * @param stepsDone denoising steps done
   * @param steps all denoising steps
   * @return the candidates that were dropped
   * @throws InvalidRequestException if the policy returns what it must not
   */
  public List<Integer> select(
      SelectionPolicy policy,
      int atMost,
      int keep,
      int stepsDone,
      int steps,
      Round.Features features) {
    List<ScoredCandidate> candidates = scored();
    int allowed = Math.min(atMost, candidates.size());
    List<ScoredCandidate> selected =
        checked(
            policy.select(new Round(candidates, allowed, keep, stepsDone, steps, features)),
            candidates,
            allowed);
    return keep(selected.stream().map(ScoredCandidate::index).toList());
  }

  private static List<ScoredCandidate> checked(
      @Nullable List<ScoredCandidate> selected, List<ScoredCandidate> candidates, int atMost) {
    if (selected == null) {
      throw refused("null", candidates.size(), atMost);
    }
    if (selected.size() > atMost) {
      throw refused(selected.size() + " candidates", candidates.size(), atMost);
    }
    Set<ScoredCandidate> left = Collections.newSetFromMap(new IdentityHashMap<>());
    left.addAll(candidates);
    for (ScoredCandidate candidate : selected) {
      if (!left.remove(candidate)) {
        throw refused(foreign(candidate), candidates.size(), atMost);
      }
    }
    return selected;
  }

  private static InvalidRequestException refused(String returned, int candidates, int atMost) {
    return new InvalidRequestException(
        String.format(
            Locale.ROOT,
            "the selection policy returned %s; it must return at most %d of the %d candidates of its round, none twice",
            returned,
            atMost,
            candidates));
  }

  private static String foreign(@Nullable ScoredCandidate candidate) {
    return candidate == null
        ? "a null in its list"
        : String.format(
            Locale.ROOT,
            "a candidate of index %d and seed %d that its round does not have, or has once only",
            candidate.index(),
            candidate.seed());
  }

  /**
   * Drops all others.
   *
   * @param indices of candidates that run, best first
   * @return the candidates that were dropped
   */
  public List<Integer> keep(List<Integer> indices) {
    List<Integer> dropped = chosen.stream().filter(index -> !indices.contains(index)).toList();
    chosen = new ArrayList<>(indices);
    return dropped;
  }

  /** Has dropped candidates run again; those that run go on. */
  public void resume(Collection<Integer> indices) {
    indices.stream().filter(index -> !chosen.contains(index)).forEach(chosen::add);
  }

  /**
   * All candidates from the best to the worst: those that were scored at a later cut come first,
   * among them those of higher score; equal ones keep the order in which they joined.
   */
  public List<Integer> ranked() {
    return IntStream.range(0, states.size())
        .mapToObj(index -> states.get(index).scored(index))
        .sorted(
            Comparator.comparingInt(
                    (ScoredCandidate candidate) -> -states.get(candidate.index()).scoredAfter)
                .thenComparing(ScoredCandidate.BEST_FIRST))
        .map(ScoredCandidate::index)
        .toList();
  }
}
