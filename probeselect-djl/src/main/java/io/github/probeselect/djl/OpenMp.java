package io.github.probeselect.djl;

import ai.djl.pytorch.jni.JniUtils;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger LOG = LoggerFactory.getLogger(OpenMp.class);

  private OpenMp() {}

  /**
   * Bounds the spin, unless the environment determines how threads wait. To be called before
   * PyTorch is loaded. Only Linux builds of PyTorch have GNU's runtime; elsewhere this does
   * nothing.
   */
  static void boundSpin() {
    if (!Platform.isLinux() || isSet(WAITING)) {
      return;
    }
    if (!Files.isDirectory(Path.of(System.getProperty("java.io.tmpdir")))) {
      // Where JNA would extract its library to, and complain at length.
      leftUnset("there is no temporary directory " + System.getProperty("java.io.tmpdir"));
      return;
    }
    try {
      int overwrite = 0;
      NativeLibrary.getProcess()
          .getFunction("setenv")
          .invokeInt(new Object[] {SPIN_VARIABLE, SPIN_COUNT, overwrite});
    } catch (RuntimeException | LinkageError e) {
      leftUnset(e.toString());
    }
  }

  private static void leftUnset(String reason) {
    LOG.info(
        "{}={} could not be set ({}); beside other busy processes PyTorch is slow without it, so"
            + " set it in the environment",
        SPIN_VARIABLE,
        SPIN_COUNT,
        reason);
  }

  /**
   * Lowers the number of threads to the processors that the JVM may use, which respects the CPU
   * limit of a container. To be called once PyTorch is loaded.
   */
  static void boundThreads() {
    int processors = Runtime.getRuntime().availableProcessors();
    if (!isSet(COUNTING)
        && System.getProperty("ai.djl.pytorch.num_threads") == null
        && JniUtils.getNumThreads() > processors) {
      JniUtils.setNumThreads(processors);
    }
  }

  private static boolean isSet(List<String> variables) {
    return variables.stream().anyMatch(variable -> System.getenv(variable) != null);
  }
}
