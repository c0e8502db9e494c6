package io.github.probeselect.djl;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.model.Backend;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The PyTorch engine, loaded when it is first needed. To be used on a {@link DeviceWorker} only.
 */
final class PyTorch {

  private static final ThreadLocal<Engine> ENGINE = ThreadLocal.withInitial(PyTorch::load);

  /** The GPU of a Mac, which has no index. */
  static final Device MPS = Device.of("mps", -1);

  private static final Logger LOG = LoggerFactory.getLogger(PyTorch.class);

  private PyTorch() {}

  /**
   * The engine, set up for the calling thread.
   *
   * @throws BackendException if its native libraries are missing or cannot be loaded
   */
  static Engine engine() {
    return ENGINE.get();
  }

  /** The devices of this machine, the CPU first. */
  static List<Backend.Device> devices() {
    List<Backend.Device> devices = new ArrayList<>(List.of(Backend.Device.CPU));
    int gpus = gpus();
    for (int gpu = 0; gpu < gpus; gpu++) {
      devices.add(Backend.Device.cuda(gpu));
    }
    if (System.getProperty("os.name").startsWith("Mac") && works(MPS)) {
      devices.add(Backend.Device.MPS);
    }
    return List.copyOf(devices);
  }

  /**
   * The number of GPUs. DJL counts them with CUDA's runtime library, which it looks for in the
   * system's library path, where an installed PyTorch does not have it: they are tried then.
   */
  private static int gpus() {
    if (!engine().hasCapability(StandardCapabilities.CUDA)) {
      return 0;
    }
    int gpus = engine().getGpuCount();
    if (gpus == 0) {
      while (works(Device.gpu(gpus))) {
        gpus++;
      }
    }
    return gpus;
  }

  private static boolean works(Device device) {
    try (NDManager manager = engine().newBaseManager(device)) {
      return manager.zeros(new Shape(1)).toFloatArray()[0] == 0;
    } catch (RuntimeException e) {
      LOG.debug("{} cannot be used", device, e);
      return false;
    }
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
