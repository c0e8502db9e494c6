package io.github.probeselect.server.page;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * The pages that watch sessions. A page that does not read fast enough is let go; it connects again
 * and begins with the whole state.
 */
@Component
final class Subscribers {

  private static final int MOST = 64;
  private static final int MOST_UNREAD = 512;
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  private final List<Subscriber> all = new CopyOnWriteArrayList<>();
  private final ExecutorService senders =
      Executors.newCachedThreadPool(work -> daemon("events", work));
  private final ScheduledExecutorService heartbeat =
      Executors.newSingleThreadScheduledExecutor(work -> daemon("heartbeat", work));

  @SuppressWarnings("FutureReturnValueIgnored")
  Subscribers() {
    heartbeat.scheduleAtFixedRate(
        () -> all.forEach(subscriber -> subscriber.send(SseEmitter.event().comment("alive"))),
        HEARTBEAT.toSeconds(),
        HEARTBEAT.toSeconds(),
        TimeUnit.SECONDS);
  }

  private static Thread daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** A page that watches a session. */
  private final class Subscriber {

    private final String session;
    private final SseEmitter emitter = new SseEmitter(0L);
    private final Deque<SseEmitter.SseEventBuilder> unread = new ArrayDeque<>();
    private boolean sending;
    private boolean closed;

    private Subscriber(String session) {
      this.session = session;
    }

    private void send(SseEmitter.SseEventBuilder event) {
      synchronized (unread) {
        if (closed) {
          return;
        }
        if (unread.size() == MOST_UNREAD) {
          close();
          return;
        }
        unread.add(event);
        if (!sending) {
          sending = true;
          senders.execute(this::drain);
        }
      }
    }

    private void drain() {
      while (true) {
        SseEmitter.SseEventBuilder next;
        synchronized (unread) {
          next = unread.poll();
          if (next == null) {
            sending = false;
            return;
          }
        }
        try {
          emitter.send(next);
        } catch (IOException | IllegalStateException e) {
          close();
          return;
        }
      }
    }

    private void close() {
      synchronized (unread) {
        closed = true;
        unread.clear();
      }
      all.remove(this);
      try {
        emitter.complete();
      } catch (IllegalStateException e) {
        // It is complete already.
      }
    }
  }

  /** Whether another page may watch. */
  boolean isFull() {
    return all.size() >= MOST;
  }

  /**
   * Begins to watch a session, with its whole state.
   *
   * @param now the state, asked for once events are received, so that none is lost between
   */
  SseEmitter add(String session, Supplier<SessionView> now) {
    Subscriber subscriber = new Subscriber(session);
    subscriber.emitter.onCompletion(subscriber::close);
    subscriber.emitter.onError(error -> subscriber.close());
    subscriber.emitter.onTimeout(subscriber::close);
    all.add(subscriber);
    subscriber.send(SseEmitter.event().name("state").data(now.get()));
    return subscriber.emitter;
  }

  /** Tells the pages that watch a session. */
  void publish(String session, String event, Object data) {
    for (Subscriber subscriber : all) {
      if (subscriber.session.equals(session)) {
        subscriber.send(SseEmitter.event().name(event).data(data));
      }
    }
  }

  /** At the beginning of the shutdown, which waits for requests that are still answered. */
  @EventListener(ContextClosedEvent.class)
  void close() {
    heartbeat.shutdownNow();
    all.forEach(Subscriber::close);
    senders.shutdownNow();
  }
}
