package io.github.probeselect.internal;

import io.github.probeselect.error.DeviceMemoryException;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The maximum number of rows in one call of a module. It shrinks when the device runs out of
 * memory, and stays at what was possible then. Thread-safe.
 */
public final class BatchLimit {

  /** The size of automatic batches on a device of unknown memory. */
  private static final int UNMEASURED = 4;

  /** The size of automatic batches at the most; larger ones gain nothing on any device. */
  private static final int LARGEST = 64;

  /** The share of the free memory that a batch may take; the allocator needs room of its own. */
  private static final double SHARE = 0.8;

  private static final Logger LOG = LoggerFactory.getLogger(BatchLimit.class);

  /** 0 until the memory of the first row is measured. */
  private final AtomicInteger rows;

  private final Supplier<OptionalLong> freeMemory;

  private BatchLimit(int rows, Supplier<OptionalLong> freeMemory) {
    this.rows = new AtomicInteger(rows);
    this.freeMemory = freeMemory;
  }

  /** A limit of {@code rows} rows, at least 1. */
  public static BatchLimit of(int rows) {
    return new BatchLimit(rows, OptionalLong::empty);
  }

  /**
   * A limit that the first call determines: it evaluates one row, and as many rows are evaluated
   * after that as fit into the memory that is left.
   *
   * @param freeMemory the free memory of the device, in bytes; if it is empty, the limit is 4
   */
  public static BatchLimit automatic(Supplier<OptionalLong> freeMemory) {
    return new BatchLimit(0, freeMemory);
  }

  /** Evaluates consecutive rows. */
  @FunctionalInterface
  public interface Batch {
    /**
     * Evaluates the rows from {@code from} to {@code to}, exclusive. Has no effect if it throws.
     */
    void evaluate(int from, int to);
  }

  /**
   * Evaluates {@code count} rows in calls of at most the limit. A call that runs out of memory is
   * done again with half as many rows.
   *
   * @throws DeviceMemoryException if a single row does not fit
   */
  public void evaluate(int count, Batch batch) {
    for (int from = 0, to; from < count; from = to) {
      to = Math.min(count, from + rows());
      try {
        evaluate(batch, from, to);
      } catch (DeviceMemoryException e) {
        if (to - from == 1) {
          throw e;
        }
        shrink(to - from, e);
        to = from;
      }
    }
  }

  private void evaluate(Batch batch, int from, int to) {
    if (rows.get() > 0) {
      batch.evaluate(from, to);
      return;
    }
    OptionalLong before = freeMemory.get();
    batch.evaluate(from, to);
    rows.compareAndSet(0, fitting(before, freeMemory.get()));
  }

  /** The number of rows in the next call at the most. */
  private int rows() {
    int now = rows.get();
    if (now > 0) {
      return now;
    }
    return freeMemory.get().isPresent() ? 1 : UNMEASURED;
  }

  /** The rows that fit into the free memory, if one row took the difference. */
  private static int fitting(OptionalLong before, OptionalLong after) {
    if (before.isEmpty() || after.isEmpty()) {
      return UNMEASURED;
    }
    long row = before.getAsLong() - after.getAsLong();
    if (row <= 0) {
      return UNMEASURED;
    }
    long more = (long) (SHARE * after.getAsLong() / row);
    int fitting = (int) Math.min(LARGEST, 1 + more);
    LOG.info(
        "one candidate takes {} MB of the device's memory and {} MB are free: {} in a call",
        row >> 20,
        after.getAsLong() >> 20,
        fitting);
    return fitting;
  }

  private void shrink(int failed, DeviceMemoryException e) {
    int half = failed / 2;
    rows.accumulateAndGet(half, (now, shrunk) -> now == 0 ? shrunk : Math.min(now, shrunk));
    LOG.warn("{} in a call are too many, from now on at most {}: {}", failed, half, e.getMessage());
  }
}
