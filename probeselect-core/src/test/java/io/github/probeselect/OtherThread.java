package io.github.probeselect;

import io.github.probeselect.error.ProbeSelectException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

/** Waiting for other threads in ways that the library cannot see. */
final class OtherThread {

  private OtherThread() {}

  static Thread daemon(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    return thread;
  }

  /** Does something on another thread and waits for that in a way that nobody can see. */
  static void run(Runnable work) {
    CompletableFuture.runAsync(work, task -> daemon(task).start()).join();
  }

  static void await(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new ProbeSelectException("not everyone came", e);
    }
  }
}
