package io.github.probeselect.selection;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Judgement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A selection under way: who still runs, and what was said of everyone. It knows no model; a live
 * generation and the simulator drive it alike. Not thread-safe.
 *
 * <pre>{@code
 * Selection selection = new Selection(plan, seeds);
 * for (OptionalInt step = selection.nextDecision();
 *     step.isPresent();
 *     step = selection.nextDecision()) {
 *   selection.decide(readings(selection.running(), step.getAsInt()), Round.Features.NONE);
 * }
 * List<Integer> finished = selection.running();
 * }</pre>
 */
public final class Selection {

  private final SelectionPlan plan;
  private final List<Long> seeds;
  private final List<List<Reading>> readings = new ArrayList<>();
  private final Judgement[] latest;
  private final int[] stepsDone;
  private final int[] lastDecision;
  private List<Integer> chosen;
  private int nextCut;
  private boolean abstained;

  /** Begins with all candidates running. */
  public Selection(SelectionPlan plan, List<Long> seeds) {
    this.plan = plan;
    this.seeds = List.copyOf(seeds);
    this.latest = new Judgement[seeds.size()];
    this.stepsDone = new int[seeds.size()];
    this.lastDecision = new int[seeds.size()];
    Arrays.fill(stepsDone, plan.steps());
    seeds.forEach(seed -> readings.add(new ArrayList<>()));
    this.chosen = IntStream.range(0, seeds.size()).boxed().toList();
  }

  /**
   * After how many steps the next decision falls; empty if none is left to make. Nothing is decided
   * once no more run than are wanted.
   */
  public OptionalInt nextDecision() {
    return nextCut < plan.cuts().size() && chosen.size() > plan.keep()
        ? OptionalInt.of(plan.cuts().get(nextCut).stepsDone())
        : OptionalInt.empty();
  }

  /** Who still runs, by index, in the order of the request. */
  public List<Integer> running() {
    return chosen.stream().sorted().toList();
  }

  /** Who still runs, as the last decision put them, best first. */
  public List<Integer> chosen() {
    return chosen;
  }

  /** What the signals have said of a candidate, the latest last. */
  public List<Reading> readings(int index) {
    return List.copyOf(readings.get(index));
  }

  /** The last score of a candidate; {@code null} if it was never judged. */
  public @Nullable Judgement judgement(int index) {
    return latest[index];
  }

  /** How many steps a candidate has behind it when the selection is over. */
  public int stepsDone(int index) {
    return stepsDone[index];
  }

  /** Whether the policy gave the whole prompt up. */
  public boolean abstained() {
    return abstained;
  }

  /** Denoiser evaluations of all candidates if every cut to come keeps all that it may. */
  public long evaluationsAtMost() {
    long stopped = 0;
    for (int index = 0; index < seeds.size(); index++) {
      stopped += chosen.contains(index) ? 0 : stepsDone[index];
    }
    return stopped + plan.evaluations(chosen.size(), nextCut);
  }

  /**
   * Makes the next decision.
   *
   * @param said what the signals say now, one list for each of {@link #running}, in the order in
   *     which the signals were asked
   * @throws InvalidRequestException if the policy returns what it must not
   */
  public void decide(List<List<Reading>> said, Round.Features features) {
    SelectionPlan.StepCut cut = plan.cuts().get(nextCut++);
    List<Integer> before = running();
    List<ScoredCandidate> candidates = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      int index = before.get(i);
      List<Reading> all = readings.get(index);
      all.addAll(said.get(i));
      Judgement judgement = plan.forecast().of(List.copyOf(all));
      latest[index] = judgement;
      lastDecision[index] = nextCut;
      candidates.add(
          new ScoredCandidate(
              index, seeds.get(index), judgement.score(), judgement.deviation(), all));
    }
    int atMost = Math.min(cut.keep(), candidates.size());
    List<ScoredCandidate> selected =
        checked(
            plan.policy()
                .select(
                    new Round(
                        candidates, atMost, plan.keep(), cut.stepsDone(), plan.steps(), features)),
            candidates,
            atMost);
    chosen = selected.stream().map(ScoredCandidate::index).toList();
    abstained = chosen.isEmpty();
    for (int index : before) {
      if (!chosen.contains(index)) {
        stepsDone[index] = cut.stepsDone();
      }
    }
  }

  private static List<ScoredCandidate> checked(
      @Nullable List<ScoredCandidate> selected, List<ScoredCandidate> candidates, int atMost) {
    Set<ScoredCandidate> left = Collections.newSetFromMap(new IdentityHashMap<>());
    left.addAll(candidates);
    if (selected == null || selected.size() > atMost || !selected.stream().allMatch(left::remove)) {
      throw new InvalidRequestException(
          "the selection policy returned "
              + selected
              + "; it must return at most "
              + atMost
              + " of the candidates it was given, none twice");
    }
    return selected;
  }

  /**
   * All candidates from the best to the worst: those who were judged later come first, among them
   * those of higher score; equal ones keep the order of the request.
   */
  public List<Integer> ranked() {
    return IntStream.range(0, seeds.size())
        .mapToObj(index -> new ScoredCandidate(index, seeds.get(index), score(index)))
        .sorted(
            Comparator.comparingInt((ScoredCandidate candidate) -> -lastDecision[candidate.index()])
                .thenComparing(Ranking.ORDER))
        .map(ScoredCandidate::index)
        .toList();
  }

  private double score(int index) {
    Judgement judgement = latest[index];
    return judgement == null ? Double.NaN : judgement.score();
  }
}
