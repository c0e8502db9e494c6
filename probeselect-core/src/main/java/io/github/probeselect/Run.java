package io.github.probeselect;

import io.github.probeselect.GenerationListener.Phase;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.selection.Standings;
import io.github.probeselect.model.Judgement;
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
 * Candidates under way: their trajectories, scores and images. The early-exit loop and the session
 * both drive it; neither is known to it. Not thread-safe, except {@link #spent}.
 */
final class Run {

  private final Plan plan;
  private final Standings standings;
  private final List<Trajectory> trajectories = new ArrayList<>();
  private final Map<Integer, float[]> features = new HashMap<>();
  private final AtomicLong evaluations = new AtomicLong();
  private final Stopwatch stopwatch = new Stopwatch();
  private Finish finished = Finish.NONE;

  /**
   * Begins with no trajectories.
   *
   * @param standings of the candidates that are to be started, in their order
   */
  Run(Plan plan, Standings standings) {
    this.plan = plan;
    this.standings = standings;
  }

  /** All candidates of a plan, at the beginning. */
  static Run of(Plan plan) {
    Run run = new Run(plan, new Standings());
    plan.origins().forEach(run::join);
    return run;
  }

  /** Candidates as they were saved. */
  static Run of(Plan plan, SavedSession saved) {
    Run run = new Run(plan, new Standings());
    Map<Integer, Double> finalScores = new HashMap<>();
    for (SavedCandidate candidate : saved.candidates()) {
      int index = run.standings.join(candidate.origin().seed());
      run.trajectories.add(candidate.trajectory(index, plan));
      candidate.features().ifPresent(values -> run.features.put(index, values));
      candidate.finalScore().ifPresent(score -> finalScores.put(index, score));
      if (!candidate.readings().isEmpty()) {
        run.standings.read(index, candidate.readings(), run.forecast(index, candidate.readings()));
      }
    }
    run.standings.keep(saved.running());
    run.finished = Finish.known(finalScores);
    run.evaluations.set(saved.evaluations());
    return run;
  }

  Plan plan() {
    return plan;
  }

  Standings standings() {
    return standings;
  }

  Stopwatch stopwatch() {
    return stopwatch;
  }

  /** Denoiser evaluations so far, also while another thread computes. */
  long spent() {
    return evaluations.get();
  }

  /** What was spent so far, and what finishing all candidates takes. */
  Evaluations evaluations() {
    return EvaluationsValues.of(plan, trajectories, spent());
  }

  /** How many steps a candidate has behind it, by index. */
  int stepsDone(int index) {
    return trajectories.get(index).stepsDone();
  }

  /** Adds a candidate, at its beginning. */
  void join(Origin origin) {
    standings.join(origin.seed());
    start(origin);
  }

  /** Starts the next candidate of the standings. */
  void start(Origin origin) {
    trajectories.add(new Trajectory(trajectories.size(), origin, plan));
  }

  List<Trajectory> trajectories() {
    return trajectories;
  }

  List<Origin> origins() {
    return trajectories.stream().map(Trajectory::origin).toList();
  }

  /** The candidates that run and have been started, in the order in which they joined. */
  List<Trajectory> running() {
    return standings.running().stream()
        .filter(index -> index < trajectories.size())
        .map(trajectories::get)
        .toList();
  }

  /** A sampler that takes candidates to a point, and tells the listener how far they are. */
  Sampler sampler(Context context, Phase phase, List<Trajectory> candidates, int to) {
    long planned = candidates.stream().mapToLong(candidate -> to - candidate.stepsDone()).sum();
    long atMost = evaluations.get() + planned;
    return sampler(context, phase, planned, () -> atMost);
  }

  Sampler sampler(Context context, Phase phase, long planned, LongSupplier atMost) {
    return new Sampler(context, new ProgressMeter(context, phase, evaluations, planned, atMost));
  }

  /**
   * Takes candidates to a cut. Where they arrive they are shown to the observer, scored by the
   * signals and previewed, each if asked for; then they take the step, all or, if anything failed,
   * none.
   *
   * @param scores whether the signals are asked
   */
  void advance(
      Context context, Sampler sampler, List<Trajectory> candidates, int cut, boolean scores) {
    Map<Integer, List<Reading>> readings = new HashMap<>();
    Map<Integer, float[]> seen = new HashMap<>();
    Look look = sampler.lookAt(candidates, cut);
    try (look) {
      stopwatch.early();
      if (scores) {
        readings.putAll(look.readings());
        if (plan.selection().policy().readsFeatures()) {
          seen.putAll(look.features());
        }
      }
    }
    List<Score> scored = scored(context, readings);
    Map<Integer, RgbImage> previews = plan.previews() ? previews(context, look) : Map.of();
    look.commit();
    look.arrivals().forEach(arrival -> arrival.candidate().decided());
    scored.forEach(score -> standings.read(score.index, score.readings, score.judgement));
    features.putAll(seen);
    previews.forEach((index, preview) -> trajectories.get(index).preview(preview));
    stopwatch.decided();
  }

  /** A candidate's score where it arrives. */
  private record Score(int index, List<Reading> readings, Judgement judgement) {}

  private List<Score> scored(Context context, Map<Integer, List<Reading>> readings) {
    List<Score> scored = new ArrayList<>();
    readings.forEach(
        (index, now) ->
            scored.add(
                new Score(
                    index, now, context.cancellation().callback(() -> forecast(index, now)))));
    return scored;
  }

  private Judgement forecast(int index, List<Reading> now) {
    return standings.forecast(index, now, plan.selection().forecast());
  }

  private static Map<Integer, RgbImage> previews(Context context, Look look) {
    Map<Integer, RgbImage> previews = new HashMap<>();
    for (Arrival arrival : look.arrivals()) {
      context.cancellation().check();
      previews.put(
          arrival.index(),
          context.model().preview(arrival.moment().originalPrediction(), context.latentShape()));
    }
    return previews;
  }

  /** The activations of candidates where they were scored last, for a policy. */
  Round.Features features() {
    return candidate -> features.getOrDefault(candidate.index(), new float[0]);
  }

  /**
   * Takes the candidates that run to the end and decodes their images.
   *
   * @param keep how many are returned at the most, if a metric scores them
   * @param stepsDone how many steps a candidate has behind it, by index
   */
  GenerationResult finish(Context context, int keep, IntUnaryOperator stepsDone) {
    int steps = plan.schedule().steps();
    List<Trajectory> chosen = standings.chosen().stream().map(trajectories::get).toList();
    sampler(context, Phase.REMAINING, chosen, steps).advance(chosen, steps);
    stopwatch.remained();
    Finish finish = Finish.of(context, chosen, keep, standings);
    stopwatch.decoded();
    finished = finished.and(finish);
    return new GenerationResultValues(
        plan.settings(),
        candidates(stepsDone),
        List.copyOf(finish.best()),
        evaluations(),
        stopwatch.timings(),
        Warnings.of(plan, context.encodings().truncations(), standings, trajectories, finish));
  }

  /** What is known of all candidates now. */
  List<Candidate> candidates(IntUnaryOperator stepsDone) {
    return Candidates.of(standings, trajectories, stepsDone, finished);
  }

  /** All that is needed to go on in another process. */
  SavedSession saved() {
    return new SavedSession(
        plan.settings(),
        trajectories.stream().map(this::saved).toList(),
        standings.chosen(),
        spent());
  }

  private SavedCandidate saved(Trajectory candidate) {
    int index = candidate.index();
    return new SavedCandidate(
        candidate.origin(),
        candidate.atDecision(),
        standings.readings(index),
        Optional.ofNullable(features.get(index)),
        Optional.ofNullable(finished.scores().get(index)));
  }
}
