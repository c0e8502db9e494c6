package io.github.probeselect.djl;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import io.github.probeselect.error.BackendException;
import org.jspecify.annotations.Nullable;

/**
 * The PyTorch engine, loaded when it is first needed. To be used on a {@link DeviceWorker} only.
 */
final class PyTorch {

  private static final ThreadLocal<Engine> ENGINE = ThreadLocal.withInitial(PyTorch::load);

  private PyTorch() {}

  /**
   * The engine, set up for the calling thread.
   *
   * @throws BackendException if its native libraries are missing or cannot be loaded
   */
  static Engine engine() {
    return ENGINE.get();
  }

  private static Engine load() {
    stayOffline();
    try {
      Engine engine = Engine.getEngine("PyTorch");
      // The optimiser specialises a module again for every batch size that it meets. Its switch
      // belongs to the thread.
      JniUtils.setGraphExecutorOptimize(Boolean.getBoolean("ai.djl.pytorch.graph_optimizer"));
      return engine;
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw new BackendException(
          NativeLibraries.advice()
              .map(advice -> advice + " (" + rootMessage(e) + ")")
              .orElseGet(() -> "PyTorch's native libraries cannot be loaded: " + rootMessage(e)),
          e);
    }
  }

  /**
   * Keeps DJL from fetching native libraries from the internet where they are missing, and from
   * looking for a CUDA build of the tokenizers, which is not published. Whoever has set these
   * options knows better.
   */
  static void stayOffline() {
    setUnlessSet("ai.djl.offline", "DJL_OFFLINE", "true");
    setUnlessSet("RUST_FLAVOR", "RUST_FLAVOR", "cpu");
  }

  private static void setUnlessSet(String property, String variable, String value) {
    if (System.getProperty(property) == null && System.getenv(variable) == null) {
      System.setProperty(property, value);
    }
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      root = cause;
    }
    return root.toString();
  }
}
