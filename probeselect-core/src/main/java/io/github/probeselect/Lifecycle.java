package io.github.probeselect;

import io.github.probeselect.error.BackendException;
import java.util.HashMap;
import java.util.Map;

/** Lets generations in until it is closed, and releases the model when the last one has left. */
final class Lifecycle {

  static final String CLOSED = "the pipeline is closed; open it again to generate";

  private final Runnable release;
  private final Map<Cancellation, Thread> running = new HashMap<>();
  private boolean closed;
  private boolean released;

  Lifecycle(Runnable release) {
    this.release = release;
  }

  synchronized void checkOpen() {
    if (closed) {
      throw new BackendException(CLOSED);
    }
  }

  synchronized void enter(Cancellation cancellation) {
    checkOpen();
    running.put(cancellation, Thread.currentThread());
  }

  synchronized void leave(Cancellation cancellation) {
    running.remove(cancellation);
    notifyAll();
    releaseIfIdle();
  }

  synchronized void close() {
    closed = true;
    running.keySet().forEach(cancellation -> cancellation.cancel("the pipeline was closed"));
    boolean interrupted = false;
    while (!running.isEmpty() && !running.containsValue(Thread.currentThread())) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    releaseIfIdle();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void releaseIfIdle() {
    if (closed && !released && running.isEmpty()) {
      released = true;
      release.run();
    }
  }
}
