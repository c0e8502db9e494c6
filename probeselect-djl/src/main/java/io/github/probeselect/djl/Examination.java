package io.github.probeselect.djl;

import io.github.probeselect.djl.Diagnosis.Finding;
import java.util.ArrayList;
import java.util.List;

/** Examines one subject. Each runs by itself: the failure of one does not keep another from it. */
@FunctionalInterface
interface Examination {

  /** What was found. */
  List<Finding> examine() throws Exception;

  /** All examinations; the engine is the last, as loading it changes the process. */
  static List<Finding> all() {
    Thread thread = Thread.currentThread();
    ClassLoader context = thread.getContextClassLoader();
    thread.setContextClassLoader(NativeLibraries.withResourcesOf(context));
    try {
      return inOrder();
    } finally {
      thread.setContextClassLoader(context);
    }
  }

  private static List<Finding> inOrder() {
    List<Finding> findings = new ArrayList<>();
    findings.addAll(alone("platform", MachineExamination::platform));
    // Before native code is loaded, which enables native access where the JVM only warns.
    findings.addAll(alone("Java", MachineExamination::java));
    findings.addAll(alone("C library", MachineExamination::cLibrary));
    findings.addAll(alone("processors", MachineExamination::processors));
    findings.addAll(alone("CUDA runtime", NativesExamination::cudaRuntime));
    findings.addAll(alone("DJL", NativesExamination::jars));
    findings.addAll(alone("settings", NativesExamination::settings));
    findings.addAll(alone("natives", NativesExamination::choice));
    findings.addAll(alone("cache directory", NativesExamination::cache));
    findings.addAll(alone("GPU", GpuExamination::driver));
    findings.addAll(alone("engine", EngineExamination::load));
    return findings;
  }

  /** What an examination finds, or a note that it failed. */
  private static List<Finding> alone(String subject, Examination examination) {
    try {
      return examination.examine();
    } catch (Exception | LinkageError | AssertionError e) {
      return List.of(Finding.note(subject, "could not be examined: " + e));
    }
  }
}
