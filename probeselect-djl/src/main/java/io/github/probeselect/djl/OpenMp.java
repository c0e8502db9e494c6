package io.github.probeselect.djl;

import ai.djl.pytorch.jni.JniUtils;
import java.util.List;

/**
 * The threads of PyTorch's OpenMP runtime. Between two parallel sections they spin while they wait,
 * by default for so long that on processors which other programs use too, a thread without a
 * processor is waited for by threads that keep the processors busy: a generation then takes many
 * times as long. A bounded spin costs nothing measurable on a quiet machine.
 */
final class OpenMp {

  /** How often an idle thread looks for work before it sleeps; about 20 microseconds. */
  static final String SPIN_COUNT = "10000";

  /** GNU's variable for it; read when the runtime is loaded. */
  static final String SPIN_VARIABLE = "GOMP_SPINCOUNT";

  /** Environment variables that determine how threads wait. */
  static final List<String> WAITING = List.of(SPIN_VARIABLE, "OMP_WAIT_POLICY", "KMP_BLOCKTIME");

  /** Environment variables that determine the number of threads. */
  static final List<String> COUNTING = List.of("OMP_NUM_THREADS", "MKL_NUM_THREADS");

  private OpenMp() {}

  /**
   * Bounds the spin, unless the environment determines how threads wait. To be called before
   * PyTorch is loaded. Only Linux builds of PyTorch have GNU's runtime; elsewhere this does
   * nothing.
   */
  static void boundSpin() {
    if (!NativeEnvironment.isSet(WAITING)) {
      NativeEnvironment.set(
          SPIN_VARIABLE, SPIN_COUNT, "beside other busy processes PyTorch is slow without it");
    }
  }

  /**
   * Lowers the number of threads to the processors that the JVM may use, which respects the CPU
   * limit of a container. To be called once PyTorch is loaded.
   */
  static void boundThreads() {
    int processors = Runtime.getRuntime().availableProcessors();
    if (!NativeEnvironment.isSet(COUNTING)
        && System.getProperty("ai.djl.pytorch.num_threads") == null
        && JniUtils.getNumThreads() > processors) {
      JniUtils.setNumThreads(processors);
    }
  }
}
