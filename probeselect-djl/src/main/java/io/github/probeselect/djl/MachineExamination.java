package io.github.probeselect.djl;

import ai.djl.pytorch.engine.PtEngine;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import io.github.probeselect.djl.Diagnosis.Finding;
import io.github.probeselect.error.BackendException;
import java.lang.module.ModuleDescriptor.Version;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the machine and the JVM give. */
final class MachineExamination {

  private MachineExamination() {}

  static List<Finding> platform() {
    String platform = LoadingFailure.platform();
    String text =
        platform
            + " ("
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + ")";
    return List.of(
        LoadingFailure.PUBLISHED.contains(platform)
            ? Finding.ok("platform", text)
            : Finding.note(
                "platform",
                text + ": PyTorch's natives are not published for it",
                "use a machine of one of " + LoadingFailure.published()));
  }

  static List<Finding> cLibrary() {
    if (!Platform.isLinux()) {
      return List.of();
    }
    try {
      LoadingFailure.refuseMusl();
    } catch (BackendException e) {
      return List.of(
          Finding.fault(
              "C library",
              "musl, but PyTorch's native libraries are built for glibc",
              "use an image based on Debian, Ubuntu, Red Hat or another distribution with glibc"));
    }
    try {
      String version =
          NativeLibrary.getProcess()
              .getFunction("gnu_get_libc_version")
              .invokeString(new Object[0], false);
      return List.of(glibc(version));
    } catch (LinkageError e) {
      return List.of(
          Finding.note(
              "C library",
              "glibc; JNA, by which its version is read and GPUs are counted, cannot be loaded: "
                  + e,
              "set the system property jna.tmpdir to a directory that can be written and executed"
                  + " from"));
    }
  }

  static Finding glibc(String version) {
    boolean recent =
        Version.parse(version).compareTo(Version.parse(LoadingFailure.OLDEST_GLIBC)) >= 0;
    return recent
        ? Finding.ok("C library", "glibc " + version)
        : Finding.note(
            "C library",
            "glibc " + version + ", but the natives need " + LoadingFailure.OLDEST_GLIBC,
            "use a newer distribution, such as Debian 12, Ubuntu 22.04 or Red Hat 9");
  }

  static List<Finding> java() {
    return List.of(java(nativeAccess()));
  }

  /** Whether native code may be loaded; empty on a JDK that does not ask. */
  static Finding java(Optional<Boolean> nativeAccess) {
    String text =
        Runtime.version() + " (" + System.getProperty("java.vendor") + "), native access ";
    if (nativeAccess.isEmpty()) {
      return Finding.ok("Java", text + "needs no option");
    }
    return nativeAccess.get()
        ? Finding.ok("Java", text + "is enabled")
        : Finding.note(
            "Java",
            text + "is not enabled, which a later JDK will refuse",
            "start Java with " + LoadingFailure.NATIVE_ACCESS);
  }

  private static Optional<Boolean> nativeAccess() {
    try {
      // Since JDK 22.
      Method query = Module.class.getMethod("isNativeAccessEnabled");
      return Optional.of((Boolean) query.invoke(PtEngine.class.getModule()));
    } catch (ReflectiveOperationException e) {
      return Optional.empty();
    }
  }

  static List<Finding> processors() {
    String variables =
        Stream.concat(OpenMp.COUNTING.stream(), OpenMp.WAITING.stream())
            .filter(name -> System.getenv(name) != null)
            .map(name -> name + "=" + System.getenv(name))
            .reduce((first, second) -> first + ", " + second)
            .orElse("OpenMP as the library sets it");
    return List.of(
        Finding.ok("processors", Runtime.getRuntime().availableProcessors() + ", " + variables));
  }
}
