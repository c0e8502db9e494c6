package io.github.probeselect.djl;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import io.github.probeselect.error.BackendException;

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
    Engine engine = NativeLibraries.load();
    // The optimiser specialises a module again for every batch size that it meets. Its switch
    // belongs to the thread.
    JniUtils.setGraphExecutorOptimize(Boolean.getBoolean("ai.djl.pytorch.graph_optimizer"));
    OpenMp.boundThreads();
    return engine;
  }
}
