package io.github.probeselect.djl;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.LibUtils;
import ai.djl.util.cuda.CudaUtils;
import io.github.probeselect.djl.Diagnosis.Finding;
import io.github.probeselect.error.BackendException;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Loads PyTorch and the tokenizers, unless DJL would have to download them. */
final class EngineExamination {

  private static final String SUBJECT = "engine";

  private static final String FIRST = "mend first what the other lines name";

  private EngineExamination() {}

  static List<Finding> load() {
    Optional<Finding> obstacle = obstacle();
    if (obstacle.isPresent()) {
      return List.of(obstacle.get());
    }
    try {
      return DeviceWorker.cpu().call(EngineExamination::loaded);
    } catch (BackendException e) {
      return List.of(Finding.fault(SUBJECT, "cannot be loaded: ", e));
    } catch (RuntimeException | LinkageError | AssertionError e) {
      return List.of(Finding.fault(SUBJECT, "cannot be loaded: " + e, FIRST));
    }
  }

  /** Why loading would fail or download; then nothing is tried. */
  private static Optional<Finding> obstacle() {
    if (NativeLibraries.areLoaded()) {
      return Optional.empty();
    }
    NativeSettings settings = NativeSettings.current();
    NativeJars jars = NativeJars.found();
    NativeChoice choice;
    try {
      LoadingFailure.refuseMusl();
      choice = NativeChoice.of(settings, jars, LoadingFailure.platform());
    } catch (BackendException e) {
      return Optional.of(notTried("the lines above name what contradicts it"));
    }
    boolean local =
        switch (choice.source()) {
          case INSTALLED, JAR, CACHE -> true;
          case DOWNLOAD, NOWHERE -> false;
        };
    if (!local) {
      return Optional.of(notTried("there are no natives"));
    }
    // The variable has precedence over the property, which is all that this process can set.
    boolean downloads = !Boolean.parseBoolean(System.getenv().getOrDefault("DJL_OFFLINE", "true"));
    String rust = System.getenv().getOrDefault("RUST_FLAVOR", "cpu");
    if (downloads
        && (!jars.goTogether()
            || jars.jni().isEmpty()
            || !jars.jniFlavours().contains(choice.flavour())
            || rust.startsWith("cu"))) {
      return Optional.of(notTried("DJL_OFFLINE=false lets DJL download what is missing"));
    }
    return Optional.empty();
  }

  private static Finding notTried(String reason) {
    return Finding.fault(SUBJECT, "not loaded, since " + reason, FIRST);
  }

  /** To be run on the worker. */
  private static List<Finding> loaded() {
    Engine engine = NativeLibraries.loadLocal();
    PyTorch.engine();
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.ok(
            SUBJECT,
            String.format(
                Locale.ROOT,
                "PyTorch %s and the tokenizers are loaded, %d threads",
                engine.getVersion(),
                JniUtils.getNumThreads())));
    if (engine.hasCapability("CUDA")) {
      findings.add(cuda(engine.getGpuCount()));
    } else if (Files.exists(
        Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cuda")))) {
      findings.add(
          Finding.note(
              "CUDA",
              "PyTorch is built for CUDA, but can use no GPU; generation runs on the CPU",
              "start a container with --gpus all, check CUDA_VISIBLE_DEVICES, or update the driver to"
                  + " one for CUDA 12.6 or later"));
    }
    return findings;
  }

  private static Finding cuda(int count) {
    if (count == 0) {
      return Finding.note(
          "CUDA",
          "PyTorch is built for CUDA, but DJL counts no GPU",
          "install the driver or start a container with --gpus all; if nvidia-smi shows a GPU, give"
              + " Java the directory of libcudart.so with -Djna.library.path=DIR");
    }
    List<String> devices = new ArrayList<>();
    for (int index = 0; index < count; index++) {
      MemoryUsage memory = CudaUtils.getGpuMemory(Device.gpu(index));
      devices.add(
          String.format(
              Locale.ROOT,
              "cuda:%d with %,d of %,d MB free",
              index,
              (memory.getMax() - memory.getUsed()) / 1_000_000,
              memory.getMax() / 1_000_000));
    }
    return Finding.ok("CUDA", "PyTorch uses " + String.join("; ", devices));
  }
}
