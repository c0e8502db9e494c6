package io.github.probeselect.djl;

import com.sun.jna.Platform;
import io.github.probeselect.djl.Diagnosis.Finding;
import io.github.probeselect.error.BackendException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The GPUs, without loading PyTorch. */
final class GpuExamination {

  private GpuExamination() {}

  static List<Finding> driver() throws InterruptedException {
    Optional<NvidiaGpus> gpus = NvidiaGpus.found();
    if (gpus.isPresent()) {
      return nvidia(gpus.get(), takesCuda());
    }
    if (Platform.isMac()) {
      return List.of(
          Finding.note("GPU", "Apple's GPU is not examined; PyTorch reaches it as device mps"));
    }
    return List.of(
        takesCuda()
            ? Finding.note(
                "GPU",
                "no NVIDIA driver is found, but the natives are for CUDA",
                "install the driver, or start a container with --gpus all")
            : Finding.ok("GPU", "no NVIDIA driver is found; generation runs on the CPU"));
  }

  static List<Finding> nvidia(NvidiaGpus gpus, boolean cuda) {
    List<Finding> findings = new ArrayList<>();
    findings.add(Finding.ok("NVIDIA driver", gpus.driver()));
    for (String name : gpus.names()) {
      findings.add(
          cuda
              ? Finding.ok("GPU", name)
              : Finding.note(
                  "GPU",
                  name + ": not used, as the natives are for the CPU",
                  "follow docs/gpu.md: install PyTorch "
                      + NativeJars.found().pyTorch()
                      + " with CUDA and set PYTORCH_LIBRARY_PATH to its directory torch/lib"));
    }
    if (gpus.names().isEmpty()) {
      findings.add(
          Finding.note(
              "GPU",
              "the driver reports no GPU to this process",
              "start a container with --gpus all; check CUDA_VISIBLE_DEVICES"));
    }
    return findings;
  }

  private static boolean takesCuda() {
    try {
      return NativeChoice.of(
              NativeSettings.current(), NativeJars.found(), LoadingFailure.platform())
          .flavour()
          .startsWith("cu");
    } catch (BackendException e) {
      return NativeSettings.current().flavour().orElse("cpu").startsWith("cu");
    }
  }
}
