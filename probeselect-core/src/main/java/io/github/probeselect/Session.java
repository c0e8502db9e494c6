package io.github.probeselect;

import io.github.probeselect.GenerationListener.Phase;
import io.github.probeselect.GenerationListener.Progress;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.Judgement;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.selection.Round;
import io.github.probeselect.selection.Standings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Candidates that a person, or a program, leads by the hand: run them some way, look at previews
 * and scores, keep some, go on, change your mind. A dropped candidate stays where it is and can be
 * resumed at any time, in this process or, from a saved file, in another; what it becomes does not
 * depend on that, bit for bit in the reproducible mode.
 *
 * <pre>{@code
 * Session session = pipeline.request("a red circle above a blue square").candidates(16).open();
 * session.advance(DecisionPoint.fraction(0.2));
 * session.keep(4);
 * session.advance(DecisionPoint.fraction(0.5));
 * session.resume(Origin.seed(3)); // on second thoughts
 * session.save(Path.of("circle.session"));
 * GenerationResult result = session.finish();
 * }</pre>
 *
 * <p>Nothing of the model is held between calls, so a session may lie idle for as long as one likes
 * and needs no closing; each call that computes encodes the prompt again. Any number of sessions
 * and generations may use a pipeline at once.
 *
 * <p>Thread-safe: calls that lead the session ({@link #start}, {@link #advance}, {@link #keep},
 * {@link #resume}, {@link #finish}) wait for one another. The others wait for nothing, not even on
 * the thread of a listener, and see what the last call left. A callback (listener, observer,
 * signal, policy, forecast, metric) that leads its own session, or a session whose callback waits
 * for it, gets an {@link InvalidRequestException} at once. Where a callback waits for another
 * thread that leads the session, by a latch for instance, that cannot be seen and does not end.
 *
 * <p>A call that computes and fails, is cancelled or passes the deadline leaves every candidate at
 * the last step that all of its group had taken; the same call again goes on from there. It throws
 * what {@link GenerationRequest#generate} throws.
 */
public final class Session {

  private final Pipeline pipeline;
  private final Plan plan;
  private final Standings standings = new Standings();
  private final List<Trajectory> trajectories = new ArrayList<>();
  private final CallLock lock =
      new CallLock(
          "a session cannot be led from within one of its own calls, nor by a callback that such a"
              + " call waits for; let the listener, observer or signal return first");
  private final Map<Integer, float[]> features = new HashMap<>();
  private final Stopwatch stopwatch = new Stopwatch();
  private final Map<Integer, Double> finalScores = new HashMap<>();
  private final AtomicLong spent;
  private volatile Optional<Instant> deadline;
  private volatile Known known;
  private volatile @Nullable Cancellation current;

  /**
   * What the last call left, for those who read while the next one computes.
   *
   * @param candidates what is told of them
   * @param saved all there is
   * @param evaluations what was spent, and what all candidates would take
   */
  private record Known(List<Candidate> candidates, SavedSession saved, Evaluations evaluations) {}

  Session(Pipeline pipeline, Plan plan) {
    this(pipeline, plan, SavedSession.of(plan));
  }

  Session(Pipeline pipeline, Plan plan, SavedSession saved) {
    this.pipeline = pipeline;
    this.plan = plan;
    this.deadline = plan.deadline();
    this.spent = new AtomicLong(saved.evaluations());
    for (SavedCandidate candidate : saved.candidates()) {
      int index = standings.join(candidate.origin().seed());
      trajectories.add(candidate.trajectory(index, plan));
      candidate.features().ifPresent(values -> features.put(index, values));
      candidate.finalScore().ifPresent(score -> finalScores.put(index, score));
      judge(index, candidate.readings()).ifPresent(Runnable::run);
    }
    standings.keep(saved.running());
    this.known = known();
  }

  /** The settings that all candidates share. */
  public Settings settings() {
    return plan.settings();
  }

  /**
   * All candidates as the last call left them, in the order in which they joined; who does not run
   * is {@link Outcome#PRUNED}.
   */
  public List<Candidate> candidates() {
    return known.candidates;
  }

  /** What was spent so far, in earlier processes and by a call that computes now too. */
  public Evaluations evaluations() {
    Evaluations before = known.evaluations;
    return new Evaluations(spent.get(), before.withoutSelection(), before.branches());
  }

  /**
   * Has more candidates join, which run from the beginning.
   *
   * @throws InvalidRequestException if one is there already, also by a seed that differs by a
   *     multiple of 2^32 and so gives the same image, or the model cannot do it
   */
  public Session start(Origin... origins) {
    return lock.alone(() -> join(List.of(origins)));
  }

  private Session join(List<Origin> origins) {
    plan.checkNew(trajectories.stream().map(Trajectory::origin).toList(), origins);
    for (Origin origin : origins) {
      trajectories.add(new Trajectory(standings.join(origin.seed()), origin, plan));
    }
    publish();
    return this;
  }

  /**
   * Takes everyone who runs to a point of the trajectory, and asks the signals of the request about
   * those who arrive there; by default the probe of the bundle, if it has one. Who is there already
   * is left alone.
   *
   * @throws InvalidRequestException if there is no such point
   */
  public Session advance(DecisionPoint to) {
    return lock.alone(() -> advance(to.stepsDone(plan.schedule().steps())));
  }

  private Session advance(int target) {
    List<Trajectory> behind =
        running().stream().filter(candidate -> candidate.stepsDone() < target).toList();
    return behind.isEmpty()
        ? this
        : computing(
            (cancellation, wordings) -> {
              advance(behind, target, cancellation, wordings);
              return this;
            });
  }

  private void advance(
      List<Trajectory> behind, int target, Cancellation cancellation, Wordings wordings) {
    List<Runnable> judgements = new ArrayList<>();
    List<RgbImage> previews = new ArrayList<>();
    Views views = new Views();
    try (Look look =
        sampler(Phase.EARLY, behind, target, cancellation, wordings)
            .advanceAndLook(behind, target)) {
      stopwatch.early();
      views.add(look, plan);
      List<List<Reading>> said = views.readings(behind);
      for (int i = 0; i < behind.size(); i++) {
        int index = behind.get(i).index();
        List<Reading> now = said.get(i);
        cancellation.callback(() -> judge(index, now)).ifPresent(judgements::add);
        if (plan.previews()) {
          cancellation.check();
          previews.add(pipeline.model().preview(behind.get(i).originalPrediction(), shape()));
        }
      }
    } catch (RuntimeException | Error e) {
      behind.stream().filter(c -> c.stepsDone() == target).forEach(Trajectory::stepBack);
      throw e;
    }
    judgements.forEach(Runnable::run);
    features.putAll(views.featuresByIndex());
    behind.forEach(Trajectory::decided);
    for (int i = 0; i < previews.size(); i++) {
      behind.get(i).preview(previews.get(i));
    }
    publish();
    stopwatch.decided();
  }

  /** Judges a candidate now and notes it when asked to; empty if nothing was said of it. */
  private Optional<Runnable> judge(int index, List<Reading> said) {
    if (said.isEmpty()) {
      return Optional.empty();
    }
    Judgement judgement = standings.forecast(index, said, plan.selection().forecast());
    return Optional.of(() -> standings.read(index, said, judgement));
  }

  /**
   * The image that a candidate, as the last call left it, seemed to become when it was looked at:
   * its decoded x0 prediction; of one that has reached the end the image itself. It is {@linkplain
   * RgbImage#isVoid() void} if it is not made of finite numbers.
   *
   * @throws InvalidRequestException if there is no such candidate, or it has not run yet
   */
  public RgbImage preview(Origin origin) {
    SavedCandidate candidate =
        known.saved.candidates().stream()
            .filter(one -> plan.sameImage(one.origin(), origin))
            .findFirst()
            .orElseThrow(() -> unknown(origin));
    boolean finished = candidate.moment().stepsDone() == plan.schedule().steps();
    if (!finished && !candidate.isSeen()) {
      throw new InvalidRequestException(
          "there is nothing to be seen of " + origin + " before it has run; advance it first");
    }
    return pipeline.during(
        new Cancellation(deadline),
        () ->
            finished
                ? pipeline.model().decode(candidate.state().latents(), shape())
                : pipeline.model().preview(candidate.moment().originalPrediction(), shape()));
  }

  private LatentShape shape() {
    return plan.settings().latentShape();
  }

  /**
   * Has the policy of the request, {@code topK} by default, choose who goes on; the others are
   * dropped. Nothing is decided if no more than that run. Who has not been judged comes last;
   * scores from different points of the trajectory are compared as they are.
   *
   * @param k how many go on at the most, at least 1; how many are wanted in the end, which the
   *     adaptive policy reads, is what the request keeps
   * @throws InvalidRequestException if nobody could be judged
   */
  public Session keep(int k) {
    return lock.alone(() -> select(k));
  }

  private Session select(int k) {
    if (k < 1) {
      throw new InvalidRequestException("k = " + k + "; at least one candidate must be kept");
    }
    List<Trajectory> running = running();
    if (running.size() <= k) {
      return this;
    }
    if (running.stream().noneMatch(this::isJudged)) {
      if (plan.signals().isEmpty()) {
        throw new InvalidRequestException(
            "no candidate has been judged: "
                + BundledProbe.missing(pipeline.manifest())
                + "; or say yourself whom to keep");
      }
      throw new InvalidRequestException(
          "no candidate that runs has been judged, or none could be; advance them, with a probe or other signals, or"
              + " say yourself whom to keep");
    }
    int done = running.stream().mapToInt(Trajectory::stepsDone).min().orElseThrow();
    Round.Features seen = candidate -> features.getOrDefault(candidate.index(), new float[0]);
    int wanted = Math.min(k, plan.selection().keep());
    standings.select(plan.selection().policy(), k, wanted, done, plan.schedule().steps(), seen);
    return decided();
  }

  private boolean isJudged(Trajectory candidate) {
    Judgement judgement = standings.judgement(candidate.index());
    return judgement != null && Double.isFinite(judgement.score());
  }

  /**
   * Keeps these, in the order given, and drops everyone else.
   *
   * @throws InvalidRequestException if one of them does not run
   */
  public Session keep(Origin... origins) {
    return lock.alone(() -> keep(List.of(origins)));
  }

  private Session keep(List<Origin> origins) {
    List<Integer> chosen = origins.stream().map(this::index).distinct().toList();
    for (int index : chosen) {
      if (!standings.isRunning(index)) {
        throw new InvalidRequestException(
            trajectories.get(index).origin() + " was dropped; resume it first");
      }
    }
    standings.keep(chosen);
    return decided();
  }

  /**
   * Has dropped candidates run again, from where they are.
   *
   * @throws InvalidRequestException if there is no such candidate
   */
  public Session resume(Origin... origins) {
    return lock.alone(() -> resume(List.of(origins)));
  }

  private Session resume(List<Origin> origins) {
    standings.resume(origins.stream().map(this::index).toList());
    return decided();
  }

  private Session decided() {
    publish();
    listener(new Cancellation(deadline)).onDecision(candidates());
    return this;
  }

  private GenerationListener listener(Cancellation cancellation) {
    return new QuietListener(plan.listener(), cancellation);
  }

  /**
   * Takes everyone who runs to the end. The images are in the order in which the last {@code keep}
   * left the candidates, or, if the request has a metric to rescore by, in the order of that. The
   * session goes on afterwards: others can be resumed and finished too.
   *
   * @throws InvalidRequestException if nobody runs
   */
  public GenerationResult finish() {
    return lock.alone(
        () -> {
          if (standings.chosen().isEmpty()) {
            throw new InvalidRequestException("no candidate runs; resume one");
          }
          return computing(this::finish);
        });
  }

  private GenerationResult finish(Cancellation cancellation, Wordings wordings) {
    int steps = plan.schedule().steps();
    List<Trajectory> running = standings.chosen().stream().map(trajectories::get).toList();
    sampler(Phase.REMAINING, running, steps, cancellation, wordings).advance(running, steps);
    stopwatch.remained();
    Finish finish =
        Finish.of(
            pipeline.model(),
            plan,
            running,
            running.size(),
            standings,
            cancellation,
            listener(cancellation));
    stopwatch.decoded();
    finalScores.putAll(finish.scores());
    publish();
    return new GenerationResult(
        plan.settings(),
        candidates(),
        finish.best(),
        evaluations(),
        stopwatch.timings(),
        Warnings.of(plan, wordings.truncations(), standings, trajectories, finish));
  }

  /**
   * Writes everything, as the last call left it, to a file, with which {@link Pipeline#openSession}
   * goes on in any process: latents, sampler state, readings, who runs; previews are decoded again
   * when they are asked for. It appears whole or not at all, and has checksums. {@code
   * docs/sessions.md} describes it.
   *
   * @throws IOException if it cannot be written
   */
  public void save(Path file) throws IOException {
    SessionFile.write(file, known.saved, pipeline.manifest());
  }

  /** Until when calls may compute, from the next one on; a later moment lets the session go on. */
  public void deadline(Instant deadline) {
    this.deadline = Optional.of(deadline);
  }

  /** Stops the call that computes now, if one does, before its next denoiser call. */
  public void cancel() {
    Cancellation computing = current;
    if (computing != null) {
      computing.cancel("the session was asked to stop");
    }
  }

  private <T> T computing(BiFunction<Cancellation, Wordings, T> work) {
    Cancellation cancellation = new Cancellation(deadline);
    current = cancellation;
    stopwatch.resume();
    try {
      return pipeline.during(
          cancellation,
          () -> {
            try (Wordings wordings =
                new Wordings(pipeline.model(), plan.settings().negativePrompt())
                    .encode(running().stream().map(Trajectory::origin).toList(), plan.settings())) {
              stopwatch.encoded();
              return work.apply(cancellation, wordings);
            }
          });
    } catch (RuntimeException | Error e) {
      publish();
      throw e;
    } finally {
      current = null;
    }
  }

  private Sampler sampler(
      Phase phase,
      List<Trajectory> running,
      int target,
      Cancellation cancellation,
      Wordings wordings) {
    long before = spent.get();
    GenerationListener listener = listener(cancellation);
    long planned = running.stream().mapToLong(candidate -> target - candidate.stepsDone()).sum();
    return new Sampler(
        pipeline.model(),
        plan,
        wordings,
        cancellation,
        (step, rows, abreast) -> {
          long now = spent.addAndGet(rows);
          listener.onProgress(
              new Progress(
                  phase,
                  step + 1,
                  plan.schedule().steps(),
                  abreast,
                  now - before,
                  planned,
                  now,
                  before + planned));
        });
  }

  private List<Trajectory> running() {
    return standings.running().stream().map(trajectories::get).toList();
  }

  private int index(Origin origin) {
    return trajectories.stream()
        .filter(candidate -> plan.sameImage(candidate.origin(), origin))
        .findFirst()
        .orElseThrow(() -> unknown(origin))
        .index();
  }

  private static InvalidRequestException unknown(Origin origin) {
    return new InvalidRequestException("the session has no candidate with " + origin);
  }

  private void publish() {
    known = known();
  }

  private Known known() {
    Finish finish = Finish.known(finalScores);
    List<SavedCandidate> saved =
        trajectories.stream()
            .map(
                candidate ->
                    new SavedCandidate(
                        candidate.origin(),
                        candidate.atDecision(),
                        standings.readings(candidate.index()),
                        Optional.ofNullable(features.get(candidate.index())),
                        Optional.ofNullable(finalScores.get(candidate.index()))))
            .toList();
    return new Known(
        Candidates.of(
            standings, trajectories, index -> trajectories.get(index).stepsDone(), finish),
        new SavedSession(plan.settings(), saved, standings.chosen(), spent.get()),
        Evaluations.of(plan, trajectories, spent.get()));
  }
}
