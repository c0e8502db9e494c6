package io.github.probeselect;

import io.github.probeselect.GenerationListener.Phase;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.selection.SelectionState;
import io.github.probeselect.model.Score;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.selection.Round;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;

/**
 * The state of running candidates: their trajectories, scores and images. Both the early-exit loop
 * and the session drive it. Not thread-safe, except {@link #spent}.
 */
final class Run {

  private final ResolvedRequest request;
  private final SelectionState selectionState;
  private final List<Trajectory> trajectories = new ArrayList<>();
  private final Map<Integer, float[]> features = new HashMap<>();
  private final AtomicLong evaluations = new AtomicLong();
  private final Stopwatch stopwatch = new Stopwatch();
  private FinishedImages finished = FinishedImages.NONE;

  /**
   * Creates a run without trajectories.
   *
   * @param selectionState the selection state of the candidates to be started, in their order
   */
  Run(ResolvedRequest request, SelectionState selectionState) {
    this.request = request;
    this.selectionState = selectionState;
  }

  /** A run of all candidates of a request, at the beginning of their trajectories. */
  static Run of(ResolvedRequest request) {
    Run run = new Run(request, new SelectionState());
    request.origins().forEach(run::join);
    return run;
  }

  /** A run of saved candidates. */
  static Run of(ResolvedRequest request, SavedSession saved) {
    Run run = new Run(request, new SelectionState());
    Map<Integer, Double> finalScores = new HashMap<>();
    for (SavedCandidate candidate : saved.candidates()) {
      int index = run.selectionState.join(candidate.origin().seed());
      run.trajectories.add(candidate.trajectory(index, request));
      candidate.features().ifPresent(values -> run.features.put(index, values));
      candidate.finalScore().ifPresent(score -> finalScores.put(index, score));
      if (!candidate.readings().isEmpty()) {
        run.selectionState.read(
            index, candidate.readings(), run.forecast(index, candidate.readings()));
      }
    }
    run.selectionState.keep(saved.running());
    run.finished = FinishedImages.known(finalScores);
    run.evaluations.set(saved.evaluations());
    return run;
  }

  ResolvedRequest request() {
    return request;
  }

  SelectionState selectionState() {
    return selectionState;
  }

  Stopwatch stopwatch() {
    return stopwatch;
  }

  /** Denoiser evaluations so far; safe to read while another thread computes. */
  long spent() {
    return evaluations.get();
  }

  /** What was spent so far, and what finishing all candidates takes. */
  GenerationResult.Evaluations evaluations() {
    return EvaluationsValues.of(request, trajectories, spent());
  }

  /** How many steps a candidate has behind it, by index. */
  int stepsDone(int index) {
    return trajectories.get(index).stepsDone();
  }

  /** Adds a candidate, at its beginning. */
  void join(Origin origin) {
    selectionState.join(origin.seed());
    start(origin);
  }

  /** Starts the next candidate of the selection state. */
  void start(Origin origin) {
    trajectories.add(new Trajectory(trajectories.size(), origin, request));
  }

  List<Trajectory> trajectories() {
    return trajectories;
  }

  List<Origin> origins() {
    return trajectories.stream().map(Trajectory::origin).toList();
  }

  /** The candidates that run and have been started, in the order in which they were added. */
  List<Trajectory> running() {
    return selectionState.running().stream()
        .filter(index -> index < trajectories.size())
        .map(trajectories::get)
        .toList();
  }

  /** A sampler that advances candidates to a step and reports progress to the listener. */
  Sampler sampler(Context context, Phase phase, List<Trajectory> candidates, int to) {
    long planned = candidates.stream().mapToLong(candidate -> to - candidate.stepsDone()).sum();
    long atMost = evaluations.get() + planned;
    return sampler(context, phase, planned, () -> atMost);
  }

  Sampler sampler(Context context, Phase phase, long planned, LongSupplier atMost) {
    return new Sampler(context, new ProgressMeter(context, phase, evaluations, planned, atMost));
  }

  /**
   * Advances candidates to a cut, where they are observed, scored and previewed, each as the
   * request has it. The step to the cut is committed afterwards: if anything fails, no candidate
   * takes it.
   *
   * @param scores whether the signals score the candidates
   */
  void advance(
      Context context, Sampler sampler, List<Trajectory> candidates, int cut, boolean scores) {
    Map<Integer, List<Reading>> readings = new HashMap<>();
    Map<Integer, float[]> seen = new HashMap<>();
    PendingStep pending = sampler.evaluateAt(candidates, cut);
    try (pending) {
      stopwatch.early();
      if (scores) {
        readings.putAll(pending.readings());
        if (request.selection().policy().readsFeatures()) {
          seen.putAll(pending.features());
        }
      }
    }
    List<ArrivalScore> scored = scored(context, readings);
    Map<Integer, RgbImage> previews = request.previews() ? previews(pending) : Map.of();
    pending.commit();
    pending.arrivals().forEach(arrival -> arrival.candidate().decided());
    scored.forEach(score -> selectionState.read(score.index, score.readings, score.score));
    features.putAll(seen);
    previews.forEach((index, preview) -> trajectories.get(index).preview(preview));
    pending.showPreviews(previews);
    stopwatch.decided();
  }

  /** A candidate's score at the cut. */
  private record ArrivalScore(int index, List<Reading> readings, Score score) {}

  private List<ArrivalScore> scored(Context context, Map<Integer, List<Reading>> readings) {
    List<ArrivalScore> scored = new ArrayList<>();
    readings.forEach(
        (index, now) ->
            scored.add(
                new ArrivalScore(
                    index, now, context.cancellation().callback(() -> forecast(index, now)))));
    return scored;
  }

  private Score forecast(int index, List<Reading> now) {
    return selectionState.forecast(index, now, request.selection().forecast());
  }

  private static Map<Integer, RgbImage> previews(PendingStep pending) {
    Map<Integer, RgbImage> previews = new HashMap<>();
    pending.arrivals().forEach(arrival -> previews.put(arrival.index(), pending.preview(arrival)));
    return previews;
  }

  /** The activations of candidates at the step where they were last scored, for a policy. */
  Round.Features features() {
    return candidate -> features.getOrDefault(candidate.index(), new float[0]);
  }

  /**
   * Runs all remaining steps of the running candidates and decodes their images.
   *
   * @param keep the maximum number of returned images if a metric scores them
   * @param stepsDone steps done by a candidate, by index
   */
  GenerationResult finish(Context context, int keep, IntUnaryOperator stepsDone) {
    int steps = request.schedule().steps();
    List<Trajectory> chosen = selectionState.chosen().stream().map(trajectories::get).toList();
    sampler(context, Phase.REMAINING, chosen, steps).advance(chosen, steps);
    stopwatch.remained();
    FinishedImages finish = FinishedImages.of(context, chosen, keep, selectionState);
    stopwatch.decoded();
    finished = finished.and(finish);
    return new GenerationResultValues(
        request.settings(),
        request.selection(),
        candidates(stepsDone),
        List.copyOf(finish.best()),
        evaluations(),
        stopwatch.timings(),
        Warnings.of(
            request, context.encodings().truncations(), selectionState, trajectories, finish));
  }

  /** All candidates in their current state. */
  List<Candidate> candidates(IntUnaryOperator stepsDone) {
    return Candidates.of(selectionState, trajectories, stepsDone, finished);
  }

  /** The state needed to continue in another process. */
  SavedSession saved() {
    return new SavedSession(
        request.settings(),
        trajectories.stream().map(this::saved).toList(),
        selectionState.chosen(),
        spent());
  }

  private SavedCandidate saved(Trajectory candidate) {
    int index = candidate.index();
    return new SavedCandidate(
        candidate.origin(),
        candidate.atDecision(),
        selectionState.readings(index),
        Optional.ofNullable(features.get(index)),
        Optional.ofNullable(finished.scores().get(index)));
  }
}
