package io.github.probeselect;

import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.GenerationListener.Phase;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.Score;
import io.github.probeselect.selection.DecisionPoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An interactive generation whose candidates can be advanced, previewed, kept, dropped and resumed.
 * A dropped candidate keeps its state and can be resumed at any time, in this process or, from a
 * saved file, in another; its image does not depend on that, bit for bit in the reproducible mode.
 *
 * <pre>{@code
 * Session session = pipeline.request("a red circle above a blue square").candidates(16).open();
 * session.advance(DecisionPoint.fraction(0.2));
 * session.keep(4);
 * session.advance(DecisionPoint.fraction(0.5));
 * session.resume(Origin.seed(3)); // a dropped candidate continues where it stopped
 * session.save(Path.of("circle.session"));
 * GenerationResult result = session.finish();
 * }</pre>
 *
 * <p>A session holds nothing of the model between calls, so it may be idle for any time and need
 * not be closed; each call that computes encodes the prompt again. Any number of sessions and
 * generations may use a pipeline at once.
 *
 * <p>Thread-safe: calls that change the session ({@link #start}, {@link #advance}, {@link #keep},
 * {@link #resume}, {@link #finish}) wait for one another. The others wait for nothing, not even on
 * the thread of a listener, and see what the last call left. A callback (listener, observer,
 * signal, policy, forecast, metric) that changes its own session, or a session whose callback waits
 * for it, gets an {@link InvalidRequestException} at once. Where a callback waits for another
 * thread that changes the session, by a latch for instance, that cannot be seen and does not end.
 *
 * <p>If a call fails, is cancelled or passes the deadline while it computes, every candidate stays
 * at the last step that all candidates of its group have done; repeating the call continues from
 * there. Such calls throw the exceptions of {@link GenerationRequest#generate}.
 */
public final class Session {

  private final Pipeline pipeline;
  private final ModelPool.Member member;
  private final ResolvedRequest request;
  private final Run run;
  private final CallLock lock =
      new CallLock(
          "a callback cannot call the session that called it, nor wait for another thread that does;"
              + " let the listener, observer or signal return first");
  private volatile Optional<Instant> deadline;
  private volatile Snapshot snapshot;
  private volatile @Nullable Cancellation current;

  /**
   * The state after the last call, readable while the next one computes.
   *
   * @param candidates the candidates with their scores
   * @param saved the complete state
   * @param evaluations the denoiser evaluations spent, and those that finishing all candidates
   *     takes
   */
  private record Snapshot(
      List<Candidate> candidates, SavedSession saved, GenerationResult.Evaluations evaluations) {}

  Session(Pipeline pipeline, Run run, ModelPool.Member member) {
    this.pipeline = pipeline;
    this.member = member;
    this.request = run.request();
    this.run = run;
    this.deadline = request.deadline();
    this.snapshot = snapshotOf(run);
  }

  /** The settings that all candidates share. */
  public Settings settings() {
    return request.settings();
  }

  /**
   * All candidates as the last call left them, in the order in which they joined; one that does not
   * run is {@link Outcome#PRUNED}.
   */
  public List<Candidate> candidates() {
    return snapshot.candidates;
  }

  /**
   * The denoiser evaluations so far, including those of earlier processes and of a call that
   * computes now.
   */
  public GenerationResult.Evaluations evaluations() {
    GenerationResult.Evaluations before = snapshot.evaluations;
    return new EvaluationsValues(run.spent(), before.withoutSelection(), before.branches());
  }

  /**
   * Adds candidates, which run from the beginning of the trajectory.
   *
   * @throws InvalidRequestException if the session has such a candidate already, also with a seed
   *     that differs by a multiple of 2^32 and so gives the same image, or the model cannot run it
   */
  public Session start(Origin... origins) {
    List<Origin> joining = Arguments.requireAll("origins", origins);
    return lock.alone(() -> join(joining));
  }

  private Session join(List<Origin> origins) {
    request.checkNew(run.origins(), origins);
    origins.forEach(run::join);
    publish();
    return this;
  }

  /**
   * Runs the candidates to a point of the trajectory, and has the signals of the request score
   * those that arrive there; by default the probe of the bundle, if it has one. Candidates that are
   * there already are left alone.
   *
   * @throws InvalidRequestException if there is no such point
   */
  public Session advance(DecisionPoint to) {
    int target = Arguments.require("to", to).stepsDone(request.schedule().steps());
    return lock.alone(() -> advance(target));
  }

  private Session advance(int target) {
    List<Trajectory> behind =
        run.running().stream().filter(candidate -> candidate.stepsDone() < target).toList();
    if (behind.isEmpty()) {
      return this;
    }
    return computing(
        context -> {
          Sampler sampler = run.sampler(context, Phase.EARLY, behind, target);
          run.advance(context, sampler, behind, target, true);
          return this;
        });
  }

  /**
   * A preview of a candidate after the last call: the decoded x0 prediction of the step at which it
   * was last scored or observed, or the image itself once all steps are done. It is {@linkplain
   * RgbImage#isVoid() void} if it is not made of finite numbers.
   *
   * @throws InvalidRequestException if there is no such candidate, or it has not run yet
   */
  public RgbImage preview(Origin origin) {
    Arguments.require("origin", origin);
    SavedCandidate candidate =
        snapshot.saved.candidates().stream()
            .filter(one -> request.sameImage(one.origin(), origin))
            .findFirst()
            .orElseThrow(() -> unknown(origin));
    boolean finished = candidate.point().stepsDone() == request.schedule().steps();
    if (!finished && !candidate.isSeen()) {
      throw new InvalidRequestException(
          "there is no preview of " + origin + " before it has run; advance it first");
    }
    return pipeline
        .generations()
        .during(
            new Cancellation(deadline),
            () ->
                onDevice(
                    model ->
                        finished
                            ? model.decode(candidate.state().latents(), shape())
                            : model.preview(candidate.point().x0Prediction(), shape())));
  }

  private LatentShape shape() {
    return request.settings().latentShape();
  }

  /**
   * Has the policy of the request, {@code topK} by default, choose the candidates that go on; the
   * others are dropped. Nothing is decided if no more than that run. Candidates without a score
   * come last; scores from different points of the trajectory are compared as they are.
   *
   * @param k how many go on at the most, at least 1; how many are wanted in the end, which the
   *     adaptive policy reads, is what the request keeps
   * @throws InvalidRequestException if no candidate has a score
   */
  public Session keep(int k) {
    return lock.alone(() -> select(k));
  }

  private Session select(int k) {
    RequestChecks.keep(k);
    List<Trajectory> running = run.running();
    if (running.size() <= k) {
      return this;
    }
    if (running.stream().noneMatch(this::isScored)) {
      throw new InvalidRequestException(
          request.signals().isEmpty()
              ? "no candidate has a score: "
                  + BundledProbe.missing(pipeline.manifest())
                  + "; or keep candidates by their origins"
              : "no candidate that runs has a score that is a finite number; advance them, with a"
                  + " probe or other signals, or keep candidates by their origins");
    }
    int done = running.stream().mapToInt(Trajectory::stepsDone).min().orElseThrow();
    run.selectionState()
        .select(
            request.selection().policy(),
            k,
            Math.min(k, request.selection().keep()),
            done,
            request.schedule().steps(),
            run.features());
    return decided();
  }

  private boolean isScored(Trajectory candidate) {
    Score score = run.selectionState().score(candidate.index());
    return score != null && Double.isFinite(score.value());
  }

  /**
   * Keeps these, in the order given, and drops all others.
   *
   * @throws InvalidRequestException if one of them was dropped or does not exist
   */
  public Session keep(Origin... origins) {
    List<Origin> kept = Arguments.requireAll("origins", origins);
    return lock.alone(() -> keep(kept));
  }

  private Session keep(List<Origin> origins) {
    List<Integer> chosen = origins.stream().map(this::index).distinct().toList();
    for (int index : chosen) {
      if (!run.selectionState().isRunning(index)) {
        throw new InvalidRequestException(
            run.trajectories().get(index).origin() + " was dropped; resume it first");
      }
    }
    run.selectionState().keep(chosen);
    return decided();
  }

  /**
   * Resumes dropped candidates at the step at which they were dropped.
   *
   * @throws InvalidRequestException if there is no such candidate
   */
  public Session resume(Origin... origins) {
    List<Origin> resumed = Arguments.requireAll("origins", origins);
    return lock.alone(() -> resume(resumed));
  }

  private Session resume(List<Origin> origins) {
    run.selectionState().resume(origins.stream().map(this::index).toList());
    return decided();
  }

  private Session decided() {
    publish();
    new IsolatedListener(request.listeners(), new Cancellation(deadline)).onDecision(candidates());
    return this;
  }

  /**
   * Runs the candidates to the end. The images are in the order in which the last {@code keep} left
   * the candidates, or, if the request has a metric to rescore by, in the order of that. The
   * session goes on afterwards: others can be resumed and finished too.
   *
   * @throws InvalidRequestException if no candidate runs
   */
  public GenerationResult finish() {
    return lock.alone(
        () -> {
          int running = run.selectionState().chosen().size();
          if (running == 0) {
            throw new InvalidRequestException("no candidate runs; resume one");
          }
          return computing(context -> run.finish(context, running, run::stepsDone));
        });
  }

  /**
   * Writes everything, as the last call left it, to a file, with which {@link Pipeline#openSession}
   * goes on in any process: latents, sampler state, readings, which candidates run; previews are
   * decoded again when they are asked for. It appears whole or not at all, and has checksums.
   * {@code docs/sessions.md} describes it.
   *
   * @throws IOException if it cannot be written
   */
  public void save(Path file) throws IOException {
    SessionFile.write(Arguments.require("file", file), snapshot.saved, pipeline.manifest());
  }

  /**
   * Sets the deadline of all following calls; after a passed deadline a later one lets the session
   * continue.
   */
  public void deadline(Instant deadline) {
    this.deadline = Optional.of(Arguments.require("deadline", deadline));
  }

  /** Cancels the call that computes now, if any, before its next denoiser call. */
  public void cancel() {
    Cancellation computing = current;
    if (computing != null) {
      computing.cancel("the session was cancelled");
    }
  }

  private <T> T computing(Function<Context, T> work) {
    Cancellation cancellation = new Cancellation(deadline);
    current = cancellation;
    run.stopwatch().resume();
    try {
      return pipeline
          .generations()
          .during(cancellation, () -> onDevice(model -> computed(model, cancellation, work)));
    } finally {
      current = null;
      publish();
    }
  }

  private <T> T computed(
      DiffusionModel model, Cancellation cancellation, Function<Context, T> work) {
    List<Origin> origins = run.running().stream().map(Trajectory::origin).toList();
    try (Context context = Context.open(model, request, origins, cancellation)) {
      run.stopwatch().encoded();
      return work.apply(context);
    }
  }

  private <T> T onDevice(Function<DiffusionModel, T> work) {
    return pipeline.loaded().pool().use(member, work);
  }

  private int index(Origin origin) {
    return run.trajectories().stream()
        .filter(candidate -> request.sameImage(candidate.origin(), origin))
        .findFirst()
        .orElseThrow(() -> unknown(origin))
        .index();
  }

  private static InvalidRequestException unknown(Origin origin) {
    return new InvalidRequestException("the session has no candidate with " + origin);
  }

  private void publish() {
    snapshot = snapshotOf(run);
  }

  private static Snapshot snapshotOf(Run run) {
    return new Snapshot(run.candidates(run::stepsDone), run.saved(), run.evaluations());
  }
}
