package io.github.probeselect;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * The threads on which a pipeline's started generations run: a bounded number at once, the others
 * queued first in, first out. A generation that is started in a callback is put into another queue
 * than the generation of the callback, so that it can run even if all threads of that queue wait
 * for such generations. Thread-safe.
 */
final class GenerationThreads {

  /** How many generations of each queue run at once per device, on which they take turns. */
  static final int AT_ONCE = 8;

  /**
   * One queue for each depth of nesting: outside callbacks, in callbacks, in callbacks of those,
   * and deeper.
   */
  private static final int LINES = 4;

  private static final long IDLE_SECONDS = 30;

  private final List<ThreadPoolExecutor> lines;
  private final ScheduledThreadPoolExecutor clock = clock();

  /** Creates the threads for a number of devices. */
  GenerationThreads(int devices) {
    this.lines = IntStream.range(0, LINES).mapToObj(line -> line(line, devices * AT_ONCE)).toList();
  }

  /** A daemon thread that ends after a long idle time. */
  private static final class Daemon extends Thread {
    private final int line;

    private Daemon(Runnable work, String name, int line) {
      // The thread inherits nothing from the thread that starts it: neither thread locals nor
      // the context class loader.
      super(null, work, name, 0, false);
      this.line = line;
      setContextClassLoader(GenerationThreads.class.getClassLoader());
      setDaemon(true);
    }
  }

  /** A queued generation. */
  private record Waiting(Generation generation) implements Runnable {
    @Override
    public void run() {
      WaitGraph.beginWork();
      try {
        generation.run();
      } finally {
        WaitGraph.endWork();
      }
    }
  }

  private static ThreadPoolExecutor line(int number, int atOnce) {
    ThreadPoolExecutor line =
        new ThreadPoolExecutor(
            atOnce,
            atOnce,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> new Daemon(work, "probeselect-generation", number));
    line.allowCoreThreadTimeOut(true);
    return line;
  }

  private static ScheduledThreadPoolExecutor clock() {
    ScheduledThreadPoolExecutor clock =
        new ScheduledThreadPoolExecutor(1, work -> new Daemon(work, "probeselect-deadlines", 0));
    clock.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    clock.allowCoreThreadTimeOut(true);
    clock.setRemoveOnCancelPolicy(true);
    clock.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return clock;
  }

  /**
   * Queues a generation.
   *
   * @throws RejectedExecutionException if this is closed
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage only tidies up
  void start(Generation generation) {
    ThreadPoolExecutor line = lines.get(Math.min(line(), LINES - 1));
    Waiting waiting = new Waiting(generation);
    Optional<Future<?>> alarm =
        generation.cancellation().deadline().map(deadline -> alarm(generation, deadline));
    generation
        .turn()
        .thenAccept(
            comes -> {
              alarm.ifPresent(set -> set.cancel(false));
              if (!comes) {
                line.remove(waiting);
              }
            });
    line.execute(waiting);
  }

  private static int line() {
    if (Thread.currentThread() instanceof Daemon daemon) {
      return daemon.line + 1;
    }
    return WaitGraph.worksHere() ? 1 : 0;
  }

  private Future<?> alarm(Generation generation, Instant deadline) {
    return clock.schedule(
        () -> generation.giveUp(generation.cancellation().late()),
        TimeUnit.NANOSECONDS.convert(Duration.between(Instant.now(), deadline)),
        TimeUnit.NANOSECONDS);
  }

  /** Fails the generations that wait; those that run go on. */
  void close() {
    clock.shutdown();
    List<Runnable> waiting = new ArrayList<>();
    for (ThreadPoolExecutor line : lines) {
      line.shutdown();
      line.getQueue().drainTo(waiting);
    }
    waiting.forEach(one -> ((Waiting) one).generation.cancel(Lifecycle.WAS_CLOSED));
  }
}
