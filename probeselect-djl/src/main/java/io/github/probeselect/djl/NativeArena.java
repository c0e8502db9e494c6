package io.github.probeselect.djl;

import ai.djl.ndarray.NDManager;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.DeviceMemoryException;
import io.github.probeselect.error.ProbeSelectException;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns all native resources of one model or metric, and submits its work to the {@link
 * DeviceWorker}. Closing it releases all of them, including those that a caller did not close.
 * Thread-safe.
 */
final class NativeArena implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NativeArena.class);

  private final String holder;
  private final DeviceWorker worker;
  private final NDManager manager;
  private volatile BooleanSupplier relief = () -> false;

  private NativeArena(String holder, DeviceWorker worker, NDManager manager) {
    this.holder = holder;
    this.worker = worker;
    this.manager = manager;
  }

  /**
   * Opens an arena on the worker's device.
   *
   * @param holder the name of the model or metric in messages: {@code "the model"}
   * @throws BackendException if the engine cannot be loaded
   */
  static NativeArena open(String holder, DeviceWorker worker) {
    return worker.call(() -> new NativeArena(holder, worker, worker.newManager()));
  }

  /**
   * Runs {@code work} on the worker, with a manager for temporary arrays that is closed afterwards.
   *
   * @param doing the operation in messages: a phrase such as {@code "decoding an image"}
   * @throws io.github.probeselect.error.DeviceMemoryException if the device's memory is exhausted
   * @throws BackendException if the arena is closed, or the engine fails
   */
  <T> T call(String doing, Work<T> work) {
    try {
      return worker.call(
          () -> {
            if (!manager.isOpen()) {
              throw new BackendException(holder + " is closed; open it again");
            }
            try (NDManager temporary = manager.newSubManager()) {
              return work.with(temporary);
            }
          });
    } catch (ProbeSelectException e) {
      throw e;
    } catch (RuntimeException e) {
      throw OutOfMemory.of(e, worker.name(), doing)
          .<BackendException>map(exhausted -> exhausted)
          .orElseGet(() -> failure(doing, e));
    }
  }

  private BackendException failure(String doing, RuntimeException e) {
    return new BackendException(
        "PyTorch failed while " + doing + " on " + worker.name() + ": " + reason(e), e);
  }

  /**
   * Runs work on some rows as {@link #call(String, Work)} does. If the memory is exhausted by a
   * single row, releases what can be released and runs it again.
   *
   * @param rows how many rows it evaluates: the caller does more than one again with fewer
   * @throws io.github.probeselect.error.DeviceMemoryException if the device's memory is exhausted
   * @throws BackendException if the arena is closed, or the engine fails
   */
  <T> T call(int rows, String doing, Work<T> work) {
    try {
      return call(doing, work);
    } catch (DeviceMemoryException e) {
      if (rows > 1 || !worker.call(relief::getAsBoolean)) {
        throw e;
      }
      LOG.warn("the text encoder is released until it is needed again: {}", e.getMessage());
      return call(doing, work);
    }
  }

  /**
   * Sets what releases memory when it is exhausted.
   *
   * @param relief releases some; returns false if there is none to release
   */
  void reliefBy(BooleanSupplier relief) {
    this.relief = relief;
  }

  /** The free memory of the device, in bytes; empty for the CPU. */
  OptionalLong freeMemory() {
    return worker.freeMemory();
  }

  /**
   * Opens a manager for arrays that outlive the call; their holder closes it. To be called by work.
   */
  NDManager newOwner() {
    return manager.newSubManager();
  }

  /** Closes {@code resource} when the arena is closed. To be called by work. */
  <T extends AutoCloseable> T own(T resource) {
    manager.attachInternal(NDManager.nextUid(), resource);
    return resource;
  }

  /**
   * Releases everything, after the work that is already queued. Closing twice has no further
   * effect.
   */
  @Override
  public void close() {
    release(manager);
  }

  /**
   * Closes a manager got from {@link #newOwner}, on the worker. Closing twice has no further
   * effect.
   */
  void release(NDManager owner) {
    worker.run(owner::close);
  }

  /** The line of the message with the error; PyTorch puts it below the module's traceback. */
  static String reason(Throwable failure) {
    String message = String.valueOf(failure.getMessage()).strip();
    return message
        .lines()
        .filter(line -> line.startsWith("RuntimeError: "))
        .reduce((first, last) -> last)
        .orElseGet(() -> message.lines().findFirst().orElse(failure.toString()));
  }

  /**
   * Work on the worker's thread.
   *
   * @param <T> the type of its result
   */
  @FunctionalInterface
  interface Work<T> {
    T with(NDManager temporary);
  }
}
