package io.github.probeselect.djl;

import io.github.probeselect.djl.Diagnosis.Finding;
import io.github.probeselect.error.BackendException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Which native libraries there are, and which of them DJL takes. */
final class NativesExamination {

  private NativesExamination() {}

  /** To be called before DJL first looks for GPUs, as the next examinations make it do. */
  static List<Finding> cudaRuntime() {
    NativeLibraries.findCudaRuntime();
    return List.of();
  }

  static List<Finding> jars() {
    NativeJars jars = NativeJars.found();
    List<Finding> findings = new ArrayList<>();
    findings.add(versions(jars));
    String platform = LoadingFailure.platform();
    Optional<String> missing = LoadingFailure.missing(NativeSettings.current(), jars, platform);
    String natives =
        jars.natives().isEmpty()
            ? "no natives of PyTorch"
            : String.join("; ", jars.natives().stream().map(Object::toString).toList());
    findings.add(
        missing
            .map(message -> Finding.note("class path", natives, Finding.remedyIn(message)))
            .orElseGet(() -> Finding.ok("class path", natives)));
    return findings;
  }

  static Finding versions(NativeJars jars) {
    return jars.goTogether()
        ? Finding.ok("DJL", jars.versions())
        : Finding.note(
            "DJL",
            jars.versions() + ": these versions do not go together",
            LoadingFailure.ONE_VERSION);
  }

  static List<Finding> settings() {
    List<String> names =
        List.of(
            NativeSettings.LIBRARY_PATH,
            NativeSettings.VERSION,
            NativeSettings.FLAVOUR,
            "RUST_FLAVOR",
            "DJL_CACHE_DIR",
            "ENGINE_CACHE_DIR",
            "DJL_OFFLINE",
            "ai.djl.offline");
    List<String> set = new ArrayList<>();
    for (String name : names) {
      Stream.of(System.getenv(name), System.getProperty(name))
          .filter(Objects::nonNull)
          .findFirst()
          .ifPresent(value -> set.add(name + "=" + value));
    }
    return List.of(
        Finding.ok("settings", set.isEmpty() ? "none of DJL's" : String.join(", ", set)));
  }

  static List<Finding> choice() {
    NativeSettings settings = NativeSettings.current();
    NativeJars jars = NativeJars.found();
    try {
      return List.of(
          described(NativeChoice.of(settings, jars, LoadingFailure.platform()), settings, jars));
    } catch (BackendException e) {
      return List.of(Finding.fault("natives", "", e));
    }
  }

  private static Finding described(NativeChoice choice, NativeSettings settings, NativeJars jars) {
    String libraries = "PyTorch " + choice.version() + ", flavour " + choice.flavour();
    return switch (choice.source()) {
      case INSTALLED -> Finding.ok("natives", libraries + ", installed in " + choice.directory());
      case JAR -> Finding.ok("natives", libraries + ", from the class path");
      case CACHE -> Finding.ok("natives", libraries + ", from " + choice.directory());
      case DOWNLOAD ->
          Finding.fault(
              "natives",
              libraries + " would be downloaded, as ai.djl.offline=false allows it",
              "open a pipeline once, which downloads them; this examination downloads nothing");
      case NOWHERE ->
          Finding.fault(
              "natives",
              "there are none",
              LoadingFailure.missing(settings, jars, LoadingFailure.platform())
                  .map(Finding::remedyIn)
                  .orElse("add the natives of this platform to the class path"));
    };
  }

  static List<Finding> cache() throws IOException, InterruptedException {
    CacheDirectory cache = new CacheDirectory(NativeSettings.current().cache());
    boolean extracted = isExtracted();
    Optional<String> obstacle = cache.obstacle();
    if (obstacle.isPresent()) {
      return List.of(
          Finding.note(
              "cache directory",
              cache.path()
                  + (extracted ? " holds the natives, but" : "")
                  + " cannot be written: "
                  + obstacle.get(),
              LoadingFailure.REMEDY));
    }
    if (cache.forbidsExecution()) {
      return List.of(
          Finding.note(
              "cache directory",
              cache.path() + " can be written, but is mounted noexec: nothing is loaded from it",
              LoadingFailure.REMEDY));
    }
    return List.of(space(cache, cache.freeBytes(), extracted));
  }

  static Finding space(CacheDirectory cache, long free, boolean extracted) {
    String text =
        String.format(
            Locale.ROOT,
            "%s can be written and executed from, %,d MB free, natives %s",
            cache.path(),
            free / 1_000_000,
            extracted ? "extracted" : "not extracted yet");
    return extracted || free >= CacheDirectory.EXTRACTED_BYTES
        ? Finding.ok("cache directory", text)
        : Finding.note(
            "cache directory",
            text,
            "make room for 466 MB, or set DJL_CACHE_DIR to a directory that has it");
  }

  private static boolean isExtracted() {
    try {
      return NativeChoice.of(
              NativeSettings.current(), NativeJars.found(), LoadingFailure.platform())
          .isExtracted();
    } catch (BackendException e) {
      return false;
    }
  }
}
