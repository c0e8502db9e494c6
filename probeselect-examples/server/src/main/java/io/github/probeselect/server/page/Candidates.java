package io.github.probeselect.server.page;

import io.github.probeselect.Candidate;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.Origin;
import io.github.probeselect.Session;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.server.page.SavedPage.CutStep;
import io.github.probeselect.server.page.SavedPage.Note;
import io.github.probeselect.server.page.SavedPage.Wave;
import io.github.probeselect.server.page.SessionView.CandidateView;
import io.github.probeselect.server.page.SessionView.State;
import io.github.probeselect.server.web.BadRequestException;
import io.github.probeselect.server.work.ImageRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The candidates of a session, by their indexes: which of them go on, are dropped or finished, by
 * the cuts or by hand, and why. Not thread-safe; the session makes one change at a time.
 */
final class Candidates {

  private static final int MOST = 256;

  private final Session session;
  private final ImageRequest request;
  private final boolean rescored;
  private final List<Wave> waves = new ArrayList<>();
  private final Map<Integer, Note> notes = new LinkedHashMap<>();
  private final Map<Integer, @Nullable Double> finalScores = new LinkedHashMap<>();

  Candidates(Session session, SavedPage saved) {
    this.session = session;
    this.request = saved.request();
    this.rescored = saved.plan().rescored();
    this.waves.addAll(saved.waves());
    this.notes.putAll(saved.notes());
    this.finalScores.putAll(saved.finalScores());
  }

  /** A copy of the waves with the cuts that are still to come. */
  List<Wave> waves() {
    return List.copyOf(waves);
  }

  /** A copy of what was done with each. */
  Map<Integer, Note> notes() {
    return new LinkedHashMap<>(notes);
  }

  /** A copy of the scores of finished images; null where there is none. */
  Map<Integer, @Nullable Double> finalScores() {
    return new LinkedHashMap<>(finalScores);
  }

  /** Those that are neither dropped nor finished. */
  List<Integer> running() {
    List<Candidate> candidates = session.candidates();
    List<Integer> running = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      if (goesOn(candidates.get(i)) && !isFinished(i)) {
        running.add(i);
      }
    }
    return running;
  }

  private static boolean goesOn(Candidate candidate) {
    return candidate.outcome() != Outcome.PRUNED;
  }

  boolean isFinished(int index) {
    return finalScores.containsKey(index);
  }

  /** The step of the first cut after a step; {@link Integer#MAX_VALUE} if there is none. */
  int nextCut(int after) {
    return waves.stream()
        .flatMap(wave -> wave.cuts().stream())
        .mapToInt(CutStep::step)
        .filter(step -> step > after)
        .min()
        .orElse(Integer.MAX_VALUE);
  }

  /** The waves that have a cut after this step and have come to it. */
  List<Wave> due(int step) {
    List<Candidate> candidates = session.candidates();
    return waves.stream()
        .filter(wave -> wave.cutAfter(step).isPresent())
        .filter(
            wave ->
                wave.members().stream()
                    .map(candidates::get)
                    .filter(Candidates::goesOn)
                    .allMatch(candidate -> candidate.stepsDone() >= step))
        .toList();
  }

  /**
   * Makes the cut of a wave that is due.
   *
   * @return those that were dropped, the best first
   */
  List<Integer> cut(Wave wave, int step) {
    CutStep cut = wave.cutAfter(step).orElseThrow();
    List<Integer> dropped = dropAllButBest(wave, cut);
    waves.set(waves.indexOf(wave), wave.without(cut));
    return dropped;
  }

  /** Drops all of a wave but the best; those that are pinned stay and count. */
  private List<Integer> dropAllButBest(Wave wave, CutStep cut) {
    List<Candidate> candidates = session.candidates();
    List<Integer> ranked =
        wave.members().stream()
            .filter(i -> goesOn(candidates.get(i)))
            .sorted(
                Comparator.comparing((Integer i) -> !note(i).pinned())
                    .thenComparing(i -> -score(candidates.get(i)).orElse(Double.NEGATIVE_INFINITY)))
            .toList();
    int keep = Math.max(cut.keep(), (int) ranked.stream().filter(i -> note(i).pinned()).count());
    if (ranked.size() <= keep) {
      return List.of();
    }
    List<Integer> dropped = ranked.subList(keep, ranked.size());
    keepAllBut(dropped);
    for (int place = keep; place < ranked.size(); place++) {
      int index = ranked.get(place);
      OptionalDouble score = score(candidates.get(index));
      note(
          index,
          String.format(
              Locale.ROOT,
              "%s, number %d of %d after step %d of %d; the best %d went on",
              score.isPresent()
                  ? String.format(Locale.ROOT, "score %.3f", score.getAsDouble())
                  : "no score",
              place + 1,
              ranked.size(),
              cut.step(),
              steps(),
              keep));
    }
    return dropped;
  }

  private void keepAllBut(List<Integer> dropped) {
    List<Candidate> candidates = session.candidates();
    List<Origin> kept = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      if (goesOn(candidates.get(i)) && !dropped.contains(i)) {
        kept.add(candidates.get(i).origin());
      }
    }
    session.keep(kept.toArray(Origin[]::new));
  }

  /** The score, or where a forecast has none at this step the latest reading. */
  private static OptionalDouble score(Candidate candidate) {
    if (candidate.score().isPresent() && Double.isFinite(candidate.score().getAsDouble())) {
      return candidate.score();
    }
    List<Reading> readings = candidate.readings();
    double latest =
        readings.isEmpty() ? Double.NaN : readings.get(readings.size() - 1).score().value();
    return Double.isFinite(latest) ? OptionalDouble.of(latest) : OptionalDouble.empty();
  }

  /**
   * Notes that the image of a candidate is finished.
   *
   * @param score of the image; one that is not finite counts as none
   * @param place among the images of the result, from 1
   */
  void finished(int index, OptionalDouble score, int place) {
    finalScores.put(
        index,
        score.isPresent() && Double.isFinite(score.getAsDouble()) ? score.getAsDouble() : null);
    if (rescored && place > request.keep() && !note(index).pinned()) {
      note(index, "finished; number " + place + " by the metric");
    }
  }

  /** Pins a candidate: cuts leave it alone. One that was dropped is resumed. */
  void pin(int index, boolean pinned) {
    Note note = note(index);
    notes.put(index, new Note(pinned, note.reason()));
    if (pinned && !goesOn(candidate(index))) {
      resume(index);
    }
  }

  /** Drops a candidate by hand. */
  void drop(int index) {
    Candidate candidate = candidate(index);
    if (!goesOn(candidate)) {
      return;
    }
    if (session.candidates().stream().filter(Candidates::goesOn).count() == 1) {
      throw new BadRequestException(
          409, "this is the last candidate that is left; resume another one first");
    }
    keepAllBut(List.of(index));
    notes.put(
        index,
        new Note(
            false,
            String.format(
                Locale.ROOT,
                "dropped by hand after step %d of %d",
                candidate.stepsDone(),
                steps())));
  }

  /** Resumes a candidate that was dropped, at the step at which it was. */
  void resume(int index) {
    Candidate candidate = candidate(index);
    if (goesOn(candidate)) {
      return;
    }
    session.resume(candidate.origin());
    note(index, "resumed after step " + candidate.stepsDone());
    // It goes to the end; the cut that dropped it is over.
  }

  /** Starts candidates from noise near that of another one; the best of them are kept. */
  void vary(int index, int number, int keep, double strength, long firstSeed) {
    Origin liked = candidate(index).origin();
    int first = session.candidates().size();
    if (first + number > MOST) {
      throw new BadRequestException(409, "a session has at most " + MOST + " candidates");
    }
    Origin[] origins = new Origin[number];
    List<Integer> members = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      origins[i] = liked.varied(firstSeed + i, strength);
      members.add(first + i);
    }
    session.start(origins);
    for (int member : members) {
      note(member, "varied from number " + (index + 1));
    }
    int step = DecisionPoint.fraction(request.decideAt()).stepsDone(steps());
    waves.add(new Wave(members, keep < number ? List.of(new CutStep(step, keep)) : List.of()));
  }

  private int steps() {
    return session.settings().scheduleSteps();
  }

  private Candidate candidate(int index) {
    List<Candidate> candidates = session.candidates();
    if (index < 0 || index >= candidates.size()) {
      throw new BadRequestException(404, "there is no candidate " + index);
    }
    return candidates.get(index);
  }

  private Note note(int index) {
    return notes.getOrDefault(index, new Note(false, ""));
  }

  private void note(int index, String reason) {
    notes.put(index, new Note(note(index).pinned(), reason));
  }

  /**
   * All of them as the page sees them.
   *
   * @param path under which the page finds them
   */
  List<CandidateView> views(String path) {
    List<Candidate> candidates = session.candidates();
    List<CandidateView> views = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      views.add(view(i, candidates.get(i), path + "/" + i));
    }
    return views;
  }

  private CandidateView view(int index, Candidate candidate, String path) {
    OptionalDouble score = score(candidate);
    return new CandidateView(
        index,
        candidate.seed(),
        candidate.origin().toString(),
        state(index, candidate),
        candidate.stepsDone(),
        score.isPresent() ? score.getAsDouble() : null,
        score.isPresent() ? candidate.rank() : null,
        finalScores.get(index),
        note(index).pinned(),
        note(index).reason(),
        candidate.stepsDone() > 0 ? path + "/preview.png?step=" + candidate.stepsDone() : null,
        isFinished(index) ? path + "/image.png" : null);
  }

  private State state(int index, Candidate candidate) {
    if (isFinished(index)) {
      return note(index).reason().startsWith("finished;") ? State.FINISHED : State.KEPT;
    }
    if (!goesOn(candidate)) {
      return State.DROPPED;
    }
    return candidate.stepsDone() == 0 ? State.NOISE : State.RUNNING;
  }
}
