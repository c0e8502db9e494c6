package io.github.probeselect.server.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.probeselect.Candidate;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Origin;
import io.github.probeselect.Session;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.server.page.SavedPage.Plan;
import io.github.probeselect.server.page.SavedPage.Status;
import io.github.probeselect.server.page.SavedPage.Wave;
import io.github.probeselect.server.page.SessionView.CandidateView;
import io.github.probeselect.server.work.ImageRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session that runs a few steps at a time. Between them it shows previews and scores, makes the
 * cuts that are due, does what the user has asked for, and is saved. Thread-safe.
 */
final class LiveSession {

  private static final Logger LOG = LoggerFactory.getLogger(LiveSession.class);

  private final SessionDirectory directory;
  private final Instant created;
  private final ImageRequest request;
  private final Plan plan;
  private final int slice;
  private final BiConsumer<String, Object> events;
  private final Session session;
  private final Candidates candidates;

  /** Held while steps are computed; what the user asks for waits until they are done. */
  private final ReentrantLock lock = new ReentrantLock(true);

  private volatile Status status;
  private volatile @Nullable String failure;
  private volatile boolean stopping;
  private volatile boolean wanted;
  private volatile boolean suspended;
  private volatile SessionView view;
  private long revision;

  /** Begins a session, or goes on with one that was saved. */
  LiveSession(
      SessionDirectory directory,
      SavedPage saved,
      Session session,
      int slice,
      BiConsumer<String, Object> events) {
    this.directory = directory;
    this.created = saved.created();
    this.request = saved.request();
    this.plan = saved.plan();
    this.slice = slice;
    this.events = events;
    this.session = session;
    this.candidates = new Candidates(session, saved);
    this.status = saved.status();
    this.failure = saved.failure();
    this.view = look();
  }

  String id() {
    return directory.id();
  }

  SessionDirectory directory() {
    return directory;
  }

  Status status() {
    return status;
  }

  /** How it is now, or was after the last steps. */
  SessionView view() {
    return view;
  }

  /** Saves it for the first time. */
  void begin() throws IOException {
    directory.create();
    save();
  }

  /**
   * Says that it is to run.
   *
   * @param waits whether it has yet to wait for its turn
   */
  void want(boolean waits) {
    stopping = false;
    wanted = true;
    if (waits) {
      become(Status.WAITING);
    }
  }

  /** Whether it is to run and has not begun to. */
  boolean isWanted() {
    return wanted && !stopping && !isComplete();
  }

  /** Runs until all candidates that are not dropped are finished, or it is stopped. */
  void run() {
    wanted = false;
    if (stopping) {
      become(stopped());
      return;
    }
    become(Status.RUNNING);
    events.accept("started", candidates.running());
    try {
      boolean more = true;
      while (more && !stopping) {
        more = someSteps();
      }
      become(stopping ? stopped() : Status.FINISHED);
    } catch (GenerationCancelledException e) {
      become(stopped());
    } catch (IOException | RuntimeException e) {
      LOG.error("session {} failed", id(), e);
      failure = "the generation failed; the log of the server has the cause";
      become(Status.FAILED);
    }
  }

  /** Stops it before the next denoiser call; it can go on later. */
  void pause() {
    stopping = true;
    session.cancel();
    if (status == Status.WAITING) {
      become(Status.PAUSED);
    }
  }

  /** Stops it for the end of the server, after whose restart it goes on by itself. */
  void suspend() {
    suspended = true;
    stopping = true;
    session.cancel();
  }

  private Status stopped() {
    return suspended ? Status.WAITING : Status.PAUSED;
  }

  /** Whether all that is not dropped is finished. */
  boolean isComplete() {
    return candidates.running().isEmpty();
  }

  private boolean someSteps() throws IOException {
    lock.lock();
    try {
      List<Integer> running = candidates.running();
      if (running.isEmpty()) {
        return false;
      }
      List<Candidate> before = session.candidates();
      int least = running.stream().mapToInt(i -> before.get(i).stepsDone()).min().orElseThrow();
      int target = Math.min(least + slice, candidates.nextCut(least));
      if (target >= steps()) {
        finish();
        return false;
      }
      session.advance(DecisionPoint.step(target));
      show(running.stream().filter(i -> before.get(i).stepsDone() < target).toList());
      cut(target);
      save();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private int steps() {
    return session.settings().scheduleSteps();
  }

  /** Previews and scores of those that have advanced. */
  private void show(List<Integer> advanced) throws IOException {
    List<Candidate> now = session.candidates();
    for (int index : advanced) {
      byte[] png = session.preview(now.get(index).origin()).toPng();
      StoredFile.write(directory.preview(index), png);
    }
    view = look();
    events.accept("preview", seen(advanced));
    events.accept("scores", view.candidates().stream().map(Scored::of).toList());
    events.accept("progress", Map.of("evaluations", view.evaluations(), "steps", steps()));
  }

  /**
   * The score of a candidate.
   *
   * @param index the candidate
   * @param score its score
   * @param rank its place among all candidates
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Scored(int index, @Nullable Double score, @Nullable Integer rank) {
    static Scored of(CandidateView view) {
      return new Scored(view.index(), view.score(), view.rank());
    }
  }

  private void cut(int step) {
    for (Wave wave : candidates.due(step)) {
      List<Integer> dropped = candidates.cut(wave, step);
      if (!dropped.isEmpty()) {
        view = look();
        events.accept("dropped", seen(dropped));
      }
    }
  }

  private void finish() throws IOException {
    GenerationResult result = session.finish();
    List<Origin> origins = session.candidates().stream().map(Candidate::origin).toList();
    List<Integer> fresh = new ArrayList<>();
    int place = 0;
    for (KeptImage image : result.images()) {
      int index = origins.indexOf(image.origin());
      place++;
      if (candidates.isFinished(index)) {
        continue;
      }
      byte[] png = image.toPng();
      StoredFile.write(directory.image(index), png);
      StoredFile.write(directory.preview(index), image.image().toPng());
      candidates.finished(index, image.finalScore(), place);
      fresh.add(index);
    }
    view = look();
    save();
    events.accept("image", seen(fresh));
  }

  private List<CandidateView> seen(List<Integer> indexes) {
    return indexes.stream().map(view.candidates()::get).toList();
  }

  /** Pins a candidate: cuts leave it alone. One that was dropped is resumed. */
  void pin(int index, boolean pinned) {
    change(() -> candidates.pin(index, pinned));
  }

  /** Drops a candidate. */
  void drop(int index) {
    change(() -> candidates.drop(index));
  }

  /** Resumes a candidate that was dropped, at the step at which it was. */
  void resume(int index) {
    change(() -> candidates.resume(index));
  }

  /** Starts candidates from noise near that of another one; the best of them are kept. */
  void vary(int index, int number, int keep, double strength, long firstSeed) {
    change(() -> candidates.vary(index, number, keep, strength, firstSeed));
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      save();
      view = look();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lock.unlock();
    }
    events.accept("state", view);
  }

  private void become(Status next) {
    status = next;
    lock.lock();
    try {
      view = look();
      save();
    } catch (IOException e) {
      LOG.warn("session {} cannot be saved", id(), e);
    } finally {
      lock.unlock();
    }
    events.accept("state", view);
  }

  private void save() throws IOException {
    directory.save(session, saved());
  }

  private SavedPage saved() {
    return new SavedPage(
        SavedPage.VERSION,
        created,
        request,
        plan,
        status,
        failure,
        candidates.waves(),
        candidates.notes(),
        candidates.finalScores());
  }

  /** To be called with the lock, so that what is newer has the higher number. */
  private SessionView look() {
    return new SessionView(
        id(),
        created,
        request.prompt(),
        request.negativePrompt(),
        status,
        failure,
        steps(),
        request.width(),
        request.height(),
        request.guidanceScale(),
        request.keep(),
        request.reproducible(),
        request.budget().isPresent() ? request.budget().getAsDouble() : null,
        plan.cuts(),
        ++revision,
        session.evaluations().spent(),
        session.evaluations().withoutSelection(),
        candidates.views("/api/sessions/" + id() + "/candidates"));
  }
}
