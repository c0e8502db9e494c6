package io.github.probeselect.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.util.cuda.CudaUtils;
import io.github.probeselect.error.BackendException;
import java.lang.management.MemoryUsage;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread on which all work on a device runs. Callers on any thread submit a task and wait
 * for it; tasks run one at a time in the order of submission, so that several generations take
 * turns at every denoiser call.
 *
 * <p>There is only one thread because PyTorch keeps buffers and a pool for every thread that ever
 * called it and never releases them. PyTorch parallelises inside an operation instead, over all
 * cores; the system property {@code ai.djl.pytorch.num_threads} changes their number.
 *
 * <p>Thread-safe. The thread is a daemon and lives as long as the program.
 */
public final class DeviceWorker {

  /**
   * The stack size, that of native threads; the compiler passes of TorchScript recurse over the
   * module.
   */
  private static final long STACK_BYTES = 16L << 20;

  /** How long the shutdown of the JVM waits for the running task. */
  private static final int PATIENCE_SECONDS = 10;

  private static final Map<Device, DeviceWorker> WORKERS = new ConcurrentHashMap<>();

  private static final Logger LOG = LoggerFactory.getLogger(DeviceWorker.class);

  private final Device device;
  private final ThreadPoolExecutor executor;
  private volatile @Nullable Thread thread;
  private volatile boolean ending;

  private DeviceWorker(Device device) {
    this.device = device;
    this.executor =
        new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::newThread);
    Runtime.getRuntime().addShutdownHook(libraryThread(this::end, "probeselect-end"));
  }

  /**
   * Lets the running task finish before the JVM ends. The native libraries are unloaded then, and a
   * thread that still runs in them would crash the process.
   */
  private void end() {
    ending = true;
    executor.shutdown();
    try {
      executor.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The worker of the CPU. */
  public static DeviceWorker cpu() {
    return of(Device.cpu());
  }

  /** The worker of {@code device}. */
  public static DeviceWorker of(Device device) {
    return WORKERS.computeIfAbsent(device, DeviceWorker::new);
  }

  /** The device that this worker serves. */
  public Device device() {
    return device;
  }

  /** The name of the device as callers give it: {@code cpu}, {@code cuda:0}, {@code mps}. */
  String name() {
    return device.isGpu() ? "cuda:" + device.getDeviceId() : device.getDeviceType();
  }

  /**
   * Runs {@code task} on the worker and waits for it. Called on the worker itself, it runs the task
   * at once.
   *
   * <p>Interrupting the caller does not interrupt the task: it runs to its end, and the caller
   * returns its result with the interrupt flag set.
   *
   * @param <T> what the task returns
   * @param <E> the checked exception that the task may throw
   * @throws E if the task throws it
   * @throws BackendException if the program is ending
   */
  public <T, E extends Exception> T call(Task<T, E> task) throws E {
    try {
      return await(task);
    } catch (RejectedExecutionException e) {
      throw new BackendException("the program is ending; nothing new runs on " + name(), e);
    }
  }

  /**
   * Runs {@code task} as {@link #call} does, but skips it when the program is ending: for tasks
   * that release resources, which the end of the process releases too.
   */
  public void run(Runnable task) {
    try {
      await(
          () -> {
            task.run();
            return true;
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("left out, as the program is ending", e);
    }
  }

  private <T, E extends Exception> T await(Task<T, E> task) throws E {
    if (Thread.currentThread() == thread) {
      return task.run();
    }
    ClassLoader caller = Thread.currentThread().getContextClassLoader();
    FutureTask<T> future =
        new FutureTask<>(
            () -> {
              if (ending) {
                throw new RejectedExecutionException();
              }
              return under(NativeLibraries.contextFor(caller), task);
            });
    executor.execute(future);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      @SuppressWarnings("unchecked") // a task throws nothing else
      E thrown = (E) Objects.requireNonNull(e.getCause());
      throw thrown;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Runs a task with a context class loader, and resets the loader afterwards. */
  private static <T, E extends Exception> T under(ClassLoader context, Task<T, E> task) throws E {
    Thread.currentThread().setContextClassLoader(context);
    try {
      return task.run();
    } finally {
      Thread.currentThread().setContextClassLoader(DeviceWorker.class.getClassLoader());
    }
  }

  /**
   * Opens a manager of native arrays on the device. To be called on the worker, by a task that
   * closes it or transfers it to an owner.
   *
   * @throws BackendException if the engine cannot be loaded
   */
  public NDManager newManager() {
    return PyTorch.engine().newBaseManager(device);
  }

  /** The free memory of the device, in bytes; empty for the CPU, or if the driver does not tell. */
  OptionalLong freeMemory() {
    if (!device.isGpu()) {
      return OptionalLong.empty();
    }
    return call(
        () -> {
          try {
            MemoryUsage memory = CudaUtils.getGpuMemory(device);
            return OptionalLong.of(memory.getMax() - memory.getUsed());
          } catch (RuntimeException | LinkageError e) {
            LOG.debug("the free memory of {} is unknown", device, e);
            return OptionalLong.empty();
          }
        });
  }

  private Thread newThread(Runnable work) {
    Thread created = libraryThread(work, "probeselect-" + name());
    thread = created;
    return created;
  }

  /** A thread that inherits nothing from the thread that creates it. */
  private static Thread libraryThread(Runnable work, String name) {
    boolean inheritThreadLocals = false;
    Thread created = new Thread(null, work, name, STACK_BYTES, inheritThreadLocals);
    created.setContextClassLoader(DeviceWorker.class.getClassLoader());
    created.setDaemon(true);
    return created;
  }

  /**
   * Work that touches the device.
   *
   * @param <T> what it returns
   * @param <E> the checked exception that it may throw
   */
  @FunctionalInterface
  public interface Task<T, E extends Exception> {
    /**
     * Does the work.
     *
     * @throws E if it fails
     */
    T run() throws E;
  }
}
