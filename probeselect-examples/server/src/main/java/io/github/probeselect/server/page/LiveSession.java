package io.github.probeselect.server.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.probeselect.Candidate;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Origin;
import io.github.probeselect.Session;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Reading;
import io.github.probeselect.server.page.SavedPage.CutStep;
import io.github.probeselect.server.page.SavedPage.Note;
import io.github.probeselect.server.page.SavedPage.Plan;
import io.github.probeselect.server.page.SavedPage.Status;
import io.github.probeselect.server.page.SavedPage.Wave;
import io.github.probeselect.server.page.SessionView.CandidateView;
import io.github.probeselect.server.page.SessionView.State;
import io.github.probeselect.server.web.BadRequestException;
import io.github.probeselect.server.work.ImageRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
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
  private static final int MOST_CANDIDATES = 256;

  private final String id;
  private final Path directory;
  private final Instant created;
  private final ImageRequest request;
  private final Plan plan;
  private final int slice;
  private final BiConsumer<String, Object> events;
  private final Session session;

  /** Held while steps are computed; what the user asks for waits until they are done. */
  private final ReentrantLock lock = new ReentrantLock(true);

  private final List<Wave> waves = new ArrayList<>();
  private final Map<Integer, Note> notes = new LinkedHashMap<>();
  private final Map<Integer, @Nullable Double> finalScores = new LinkedHashMap<>();
  private volatile Status status;
  private volatile @Nullable String failure;
  private volatile boolean stopping;
  private volatile boolean wanted;
  private volatile boolean suspended;
  private volatile SessionView view;

  /** Begins a session, or goes on with one that was saved. */
  LiveSession(
      String id,
      Path directory,
      SavedPage saved,
      Session session,
      int slice,
      BiConsumer<String, Object> events) {
    this.id = id;
    this.directory = directory;
    this.created = saved.created();
    this.request = saved.request();
    this.plan = saved.plan();
    this.slice = slice;
    this.events = events;
    this.session = session;
    this.waves.addAll(saved.waves());
    this.notes.putAll(saved.notes());
    this.finalScores.putAll(saved.finalScores());
    this.status = saved.status();
    this.failure = saved.failure();
    this.view = look();
  }

  String id() {
    return id;
  }

  Path directory() {
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
    Files.createDirectories(directory.resolve("images"));
    Files.createDirectories(directory.resolve("previews"));
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
    events.accept("started", running());
    try {
      boolean more = true;
      while (more && !stopping) {
        more = someSteps();
      }
      become(stopping ? stopped() : Status.FINISHED);
    } catch (GenerationCancelledException e) {
      become(stopped());
    } catch (IOException | RuntimeException e) {
      LOG.error("session {} failed", id, e);
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
    return running().isEmpty();
  }

  private boolean someSteps() throws IOException {
    lock.lock();
    try {
      List<Integer> running = running();
      if (running.isEmpty()) {
        return false;
      }
      List<Candidate> before = session.candidates();
      int least = running.stream().mapToInt(i -> before.get(i).stepsDone()).min().orElseThrow();
      int target = Math.min(least + slice, nextCut(least));
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

  private int nextCut(int after) {
    return waves.stream()
        .flatMap(wave -> wave.cuts().stream())
        .mapToInt(CutStep::step)
        .filter(step -> step > after)
        .min()
        .orElse(Integer.MAX_VALUE);
  }

  /** The candidates that are neither dropped nor finished. */
  private List<Integer> running() {
    List<Candidate> candidates = session.candidates();
    List<Integer> running = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      if (goesOn(candidates.get(i)) && !finalScores.containsKey(i)) {
        running.add(i);
      }
    }
    return running;
  }

  private static boolean goesOn(Candidate candidate) {
    return candidate.outcome() != Outcome.PRUNED;
  }

  /** Previews and scores of those that have advanced. */
  private void show(List<Integer> advanced) throws IOException {
    for (int index : advanced) {
      Candidate candidate = session.candidates().get(index);
      byte[] png = session.preview(candidate.origin()).toPng();
      StoredFile.write(directory.resolve("previews").resolve(index + ".png"), png);
    }
    view = look();
    List<CandidateView> shown = advanced.stream().map(view.candidates()::get).toList();
    events.accept("preview", shown);
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
    for (int w = 0; w < waves.size(); w++) {
      Wave wave = waves.get(w);
      List<Candidate> candidates = session.candidates();
      boolean there =
          wave.members().stream()
              .map(candidates::get)
              .filter(LiveSession::goesOn)
              .allMatch(candidate -> candidate.stepsDone() >= step);
      Optional<CutStep> due =
          wave.cuts().stream().filter(cut -> cut.step() == step && there).findFirst();
      if (due.isPresent()) {
        drop(wave, due.get());
        waves.set(
            w,
            new Wave(
                wave.members(),
                wave.cuts().stream().filter(cut -> !cut.equals(due.get())).toList()));
      }
    }
  }

  /** Drops all of a wave but the best; those that are pinned stay and count. */
  private void drop(Wave wave, CutStep cut) {
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
      return;
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
    view = look();
    events.accept("dropped", dropped.stream().map(view.candidates()::get).toList());
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

  private void finish() throws IOException {
    GenerationResult result = session.finish();
    List<Origin> origins = session.candidates().stream().map(Candidate::origin).toList();
    List<Integer> fresh = new ArrayList<>();
    int place = 0;
    for (KeptImage image : result.images()) {
      int index = origins.indexOf(image.origin());
      place++;
      if (finalScores.containsKey(index)) {
        continue;
      }
      byte[] png = image.toPng();
      StoredFile.write(directory.resolve("images").resolve(index + ".png"), png);
      StoredFile.write(
          directory.resolve("previews").resolve(index + ".png"), image.image().toPng());
      OptionalDouble score = image.finalScore();
      finalScores.put(
          index,
          score.isPresent() && Double.isFinite(score.getAsDouble()) ? score.getAsDouble() : null);
      if (plan.rescored() && place > request.keep() && !note(index).pinned()) {
        note(index, "finished; number " + place + " by the metric");
      }
      fresh.add(index);
    }
    view = look();
    save();
    events.accept("image", fresh.stream().map(view.candidates()::get).toList());
  }

  /** Pins a candidate: cuts leave it alone. One that was dropped is resumed. */
  void pin(int index, boolean pinned) {
    change(
        () -> {
          Note note = note(index);
          notes.put(index, new Note(pinned, note.reason()));
          if (pinned && !goesOn(candidate(index))) {
            resumed(index);
          }
        });
  }

  /** Drops a candidate. */
  void drop(int index) {
    change(
        () -> {
          Candidate candidate = candidate(index);
          if (!goesOn(candidate)) {
            return;
          }
          if (session.candidates().stream().filter(LiveSession::goesOn).count() == 1) {
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
        });
  }

  /** Resumes a candidate that was dropped, at the step at which it was. */
  void resume(int index) {
    change(() -> resumed(index));
  }

  private void resumed(int index) {
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
    change(
        () -> {
          Origin liked = candidate(index).origin();
          int first = session.candidates().size();
          if (first + number > MOST_CANDIDATES) {
            throw new BadRequestException(
                409, "a session has at most " + MOST_CANDIDATES + " candidates");
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
          waves.add(
              new Wave(members, keep < number ? List.of(new CutStep(step, keep)) : List.of()));
        });
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      save();
      view = look();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } finally {
      lock.unlock();
    }
    events.accept("state", view);
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

  private void become(Status next) {
    status = next;
    lock.lock();
    try {
      view = look();
      save();
    } catch (IOException e) {
      LOG.warn("session {} cannot be saved", id, e);
    } finally {
      lock.unlock();
    }
    events.accept("state", view);
  }

  private void save() throws IOException {
    session.save(directory.resolve(LiveSessions.STATE));
    saved().write(directory);
  }

  private SavedPage saved() {
    return new SavedPage(
        SavedPage.VERSION,
        created,
        request,
        plan,
        status,
        failure,
        List.copyOf(waves),
        new LinkedHashMap<>(notes),
        new LinkedHashMap<>(finalScores));
  }

  private SessionView look() {
    List<Candidate> candidates = session.candidates();
    List<CandidateView> views = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      views.add(view(i, candidates.get(i)));
    }
    return new SessionView(
        id,
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
        session.evaluations().spent(),
        session.evaluations().withoutSelection(),
        views);
  }

  private CandidateView view(int index, Candidate candidate) {
    OptionalDouble score = score(candidate);
    boolean finished = finalScores.containsKey(index);
    String path = "/api/sessions/" + id + "/candidates/" + index;
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
        finished ? path + "/image.png" : null);
  }

  private State state(int index, Candidate candidate) {
    if (finalScores.containsKey(index)) {
      return note(index).reason().startsWith("finished;") ? State.FINISHED : State.KEPT;
    }
    if (!goesOn(candidate)) {
      return State.DROPPED;
    }
    return candidate.stepsDone() == 0 ? State.NOISE : State.RUNNING;
  }
}
