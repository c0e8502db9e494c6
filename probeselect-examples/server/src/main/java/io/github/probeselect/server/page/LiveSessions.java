package io.github.probeselect.server.page;

import io.github.probeselect.GenerationRequest;
import io.github.probeselect.Pipeline;
import io.github.probeselect.Session;
import io.github.probeselect.error.ProbeSelectException;
import io.github.probeselect.server.ServerProperties;
import io.github.probeselect.server.page.SavedPage.Status;
import io.github.probeselect.server.page.SavedPage.Wave;
import io.github.probeselect.server.web.BadRequestException;
import io.github.probeselect.server.work.ImageRequest;
import io.github.probeselect.server.work.QueueFullException;
import io.github.probeselect.server.work.WorkQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** The sessions of the page, each in a directory of its own. */
@Component
final class LiveSessions {

  private static final Logger LOG = LoggerFactory.getLogger(LiveSessions.class);

  private final Pipeline pipeline;
  private final WorkQueue queue;
  private final Subscribers subscribers;
  private final Path root;
  private final int slice;
  private final int most;
  private final Map<String, LiveSession> sessions = new ConcurrentHashMap<>();
  private final Map<String, WorkQueue.Place> places = new ConcurrentHashMap<>();
  private final List<SessionDirectory> planned = new ArrayList<>();
  private final SecureRandom random = new SecureRandom();

  LiveSessions(
      Pipeline pipeline, WorkQueue queue, Subscribers subscribers, ServerProperties properties)
      throws IOException {
    this.pipeline = pipeline;
    this.queue = queue;
    this.subscribers = subscribers;
    this.root = properties.dataDirectory().toAbsolutePath().normalize().resolve("sessions");
    this.slice = properties.previewEvery();
    this.most = properties.limits().sessions();
    Files.createDirectories(root);
    readAll();
  }

  /**
   * Sessions that were running when the server ended go on. Those whose plan has to be made again,
   * which takes some seconds, are read only now, when the server answers already.
   */
  @EventListener(ApplicationReadyEvent.class)
  void goOn() {
    planned.forEach(this::read);
    for (LiveSession session : all()) {
      if (session.status() == Status.RUNNING || session.status() == Status.WAITING) {
        try {
          run(session);
          LOG.info("session {} goes on", session.id());
        } catch (QueueFullException e) {
          LOG.warn("session {} is paused, as all places are taken", session.id());
        }
      }
    }
  }

  private void readAll() throws IOException {
    try (Stream<Path> directories = Files.list(root)) {
      directories
          .sorted()
          .map(SessionDirectory::new)
          .filter(SessionDirectory::isNamed)
          .forEach(
              directory -> {
                if (isPlannedAgain(directory)) {
                  planned.add(directory);
                } else {
                  read(directory);
                }
              });
    }
  }

  private static boolean isPlannedAgain(SessionDirectory directory) {
    try {
      return Selection.isPlannedAgain(SavedPage.read(directory.path()));
    } catch (IOException e) {
      return false;
    }
  }

  /** Reads a session; a damaged one, or one of another model, is left out and stays on disk. */
  private void read(SessionDirectory directory) {
    try {
      SavedPage saved = SavedPage.read(directory.path());
      Session session =
          pipeline.openSession(
              directory.state(),
              request -> Selection.again(pipeline, saved).scored(request, pipeline));
      sessions.put(directory.id(), live(directory, saved, session));
    } catch (IOException | ProbeSelectException e) {
      LOG.warn("session {} is left out: {}", directory.path(), e.getMessage());
    }
  }

  private LiveSession live(SessionDirectory directory, SavedPage saved, Session session) {
    return new LiveSession(
        directory,
        saved,
        session,
        slice,
        (event, data) -> subscribers.publish(directory.id(), event, data));
  }

  /** Starts a session. */
  LiveSession start(ImageRequest asked) throws IOException {
    if (sessions.size() >= most) {
      throw new BadRequestException(
          409, "there are " + sessions.size() + " sessions, as many as are kept; delete some");
    }
    Selection selection = Selection.of(pipeline, asked);
    ImageRequest request = asked.withCandidates(selection.candidates());
    GenerationRequest scored = selection.scored(request.on(pipeline), pipeline);
    String id = HexFormat.of().toHexDigits(random.nextLong());
    SavedPage saved =
        new SavedPage(
            SavedPage.VERSION,
            Instant.now(),
            request,
            selection.plan(),
            Status.WAITING,
            null,
            List.of(
                new Wave(
                    IntStream.range(0, request.candidates()).boxed().toList(),
                    selection.plan().cuts())),
            Map.of(),
            Map.of());
    LiveSession session = live(new SessionDirectory(root.resolve(id)), saved, scored.open());
    session.begin();
    try {
      synchronized (session) {
        places.put(id, queue.submit(() -> runNow(session)));
        sessions.put(id, session);
      }
    } catch (QueueFullException e) {
      erase(session);
      throw e;
    }
    return session;
  }

  private void runNow(LiveSession session) {
    boolean again = true;
    while (again) {
      session.run();
      synchronized (session) {
        again = session.isWanted();
        if (!again) {
          places.remove(session.id());
        }
      }
    }
  }

  /** Gives a session a place in the queue unless it has one or there is nothing to do. */
  void run(LiveSession session) {
    synchronized (session) {
      if (session.isComplete()) {
        return;
      }
      boolean waits = !places.containsKey(session.id());
      session.want(waits);
      if (waits) {
        try {
          places.put(session.id(), queue.submit(() -> runNow(session)));
        } catch (QueueFullException e) {
          session.pause();
          throw e;
        }
      }
    }
  }

  /** Stops a session, which can go on later. */
  void pause(LiveSession session) {
    synchronized (session) {
      WorkQueue.Place place = places.get(session.id());
      if (place != null && place.leave()) {
        places.remove(session.id());
      }
    }
    session.pause();
  }

  /**
   * The session of that name.
   *
   * @throws BadRequestException if there is none
   */
  LiveSession get(String id) {
    LiveSession session = sessions.get(id);
    if (session == null) {
      throw new BadRequestException(404, "there is no such session");
    }
    return session;
  }

  /** All of them, the latest first. */
  List<LiveSession> all() {
    return sessions.values().stream()
        .sorted(Comparator.comparing((LiveSession one) -> one.view().created()).reversed())
        .toList();
  }

  /** Deletes a session with its images. */
  void delete(String id) {
    LiveSession session = get(id);
    if (session.status() == Status.RUNNING || session.status() == Status.WAITING) {
      throw new BadRequestException(409, "the session runs; pause it first");
    }
    sessions.remove(id);
    erase(session);
  }

  private static void erase(LiveSession session) {
    try {
      session.directory().delete();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** At the beginning of the shutdown, so that sessions are saved before the model is closed. */
  @EventListener(ContextClosedEvent.class)
  void close() {
    sessions.values().forEach(LiveSession::suspend);
  }
}
