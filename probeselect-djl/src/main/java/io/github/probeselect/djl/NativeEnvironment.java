package io.github.probeselect.djl;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Environment variables that native libraries read when they are loaded. */
final class NativeEnvironment {

  private static final Logger LOG = LoggerFactory.getLogger(NativeEnvironment.class);

  private NativeEnvironment() {}

  /** Whether the environment of the process has one of these variables. */
  static boolean isSet(List<String> variables) {
    return variables.stream().anyMatch(variable -> System.getenv(variable) != null);
  }

  /**
   * Sets a variable for the libraries that are loaded later, unless the environment has it. Does
   * nothing but on Linux.
   *
   * @param otherwise what it is like without the variable, for the log
   */
  static void set(String variable, String value, String otherwise) {
    if (!Platform.isLinux()) {
      return;
    }
    if (!Files.isDirectory(Path.of(System.getProperty("java.io.tmpdir")))) {
      // Where JNA would extract its library to, and complain at length.
      leftUnset(
          variable,
          value,
          otherwise,
          "there is no temporary directory " + System.getProperty("java.io.tmpdir"));
      return;
    }
    try {
      int overwrite = 0;
      NativeLibrary.getProcess()
          .getFunction("setenv")
          .invokeInt(new Object[] {variable, value, overwrite});
    } catch (RuntimeException | LinkageError e) {
      leftUnset(variable, value, otherwise, e.toString());
    }
  }

  private static void leftUnset(String variable, String value, String otherwise, String reason) {
    LOG.info(
        "{}={} could not be set ({}); {}, so set it in the environment",
        variable,
        value,
        reason,
        otherwise);
  }
}
