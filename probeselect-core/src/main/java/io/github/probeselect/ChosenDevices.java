package io.github.probeselect;

import io.github.probeselect.bundle.VerifiedFiles;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.Backend.Device;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the devices that a bundle or a metric is opened on. */
final class ChosenDevices {

  private static final Logger LOG = LoggerFactory.getLogger(ChosenDevices.class);

  /** What a manifest names if the modules follow their inputs. */
  private static final String ANY = "any";

  private static final String EXPORT_AGAIN =
      "; export it again: an exporter of this version or later makes one that runs on every device";

  private static final String REMEDY =
      "; 'probeselect-tools doctor' prints which natives and GPUs are found and what is missing, and"
          + " docs/gpu.md tells what each platform needs";

  private final VerifiedFiles files;
  private final String exportedFor;
  private final Backend backend;

  /**
   * Prepares the choice; nothing native is touched yet.
   *
   * @param exportedFor the device that the manifest names
   */
  ChosenDevices(VerifiedFiles files, String exportedFor, Backend backend) {
    this.files = files;
    this.exportedFor = exportedFor;
    this.backend = backend;
  }

  /**
   * The devices, each once.
   *
   * @throws BackendException if this machine lacks one
   * @throws InvalidRequestException if one is named twice
   * @throws io.github.probeselect.error.ProbeSelectException as {@link VerifiedFiles#invalid} makes
   *     it, if the modules cannot run on one
   */
  List<Device> of(List<DeviceChoice> choices) {
    List<Device> devices = new ArrayList<>();
    for (DeviceChoice choice : choices) {
      for (Device device : of(choice)) {
        if (devices.contains(device)) {
          throw new InvalidRequestException(
              "the device " + device + " is named twice; a model is loaded once for each device");
        }
        devices.add(device);
      }
    }
    return List.copyOf(devices);
  }

  private List<Device> of(DeviceChoice choice) {
    List<Device> devices =
        switch (choice.kind()) {
          case AUTOMATIC -> List.of(exportedFor.equals(ANY) ? automatic() : exported());
          case ALL_GPUS -> gpus(choice.name());
          case ONE -> List.of(present(choice.device().orElseThrow(), choice.name()));
        };
    devices.forEach(this::checkExportedFor);
    if (choice.kind() != DeviceChoice.Kind.AUTOMATIC) {
      LOG.info("{} runs on {}, as '{}' says", files.location(), devices, choice.name());
    }
    return devices;
  }

  /** The device that the modules were exported for. */
  private Device exported() {
    Device device = device(exportedFor);
    if (device.type() == Device.Type.CUDA && gpus().isEmpty()) {
      throw new BackendException(
          files.location()
              + " was exported for CUDA, but "
              + backend.name()
              + " finds no GPU"
              + REMEDY
              + "; or export it again, for every device");
    }
    present(device, exportedFor);
    LOG.info("{} runs on {}, the device that it was exported for", files.location(), device);
    return device;
  }

  /** The best device, for modules that run on every one. */
  private Device automatic() {
    List<Device> gpus = gpus();
    boolean mac = backend.devices().contains(Device.MPS);
    Device device = !gpus.isEmpty() ? gpus.get(0) : mac ? Device.MPS : Device.CPU;
    String reason =
        switch (device.type()) {
          case CUDA -> gpus.size() == 1 ? "the only GPU" : "the first of " + gpus.size() + " GPUs";
          case MPS -> "the GPU of this Mac";
          case CPU -> backend.name() + " finds no GPU";
        };
    LOG.info("{} runs on {}, chosen automatically: {}", files.location(), device, reason);
    return device;
  }

  private List<Device> gpus() {
    return backend.devices().stream()
        .filter(device -> device.type() == Device.Type.CUDA)
        .sorted((one, other) -> Integer.compare(one.index(), other.index()))
        .toList();
  }

  private List<Device> gpus(String name) {
    List<Device> gpus = gpus();
    if (gpus.isEmpty()) {
      throw absent(name, backend.name() + " finds no GPU");
    }
    return gpus;
  }

  /** Returns a device that this machine has. */
  private Device present(Device device, String name) {
    switch (device.type()) {
      case CPU -> {}
      case MPS -> {
        if (!backend.devices().contains(device)) {
          throw absent(name, backend.name() + " finds no GPU of a Mac");
        }
      }
      case CUDA -> {
        List<Device> gpus = gpus(name);
        if (!gpus.contains(device)) {
          throw absent(
              name,
              gpus.size() == 1
                  ? "there is one GPU, cuda:0"
                  : "there are "
                      + gpus.size()
                      + " GPUs, "
                      + gpus.get(0)
                      + " to "
                      + gpus.get(gpus.size() - 1));
        }
      }
    }
    return device;
  }

  private BackendException absent(String name, String found) {
    return new BackendException(
        "the device '"
            + name
            + "' was asked for, but "
            + found
            + REMEDY
            + "; or name another device, or auto");
  }

  /** Refuses a device that the modules cannot run on: tracing has fixed another in them. */
  private void checkExportedFor(Device device) {
    if (!exportedFor.equals(ANY) && !device.equals(device(exportedFor))) {
      throw files.invalid(
          "it was exported for "
              + (exportedFor.equals("cuda") ? "the first GPU" : exportedFor)
              + " alone and does not run on "
              + device
              + EXPORT_AGAIN);
    }
  }

  /** The device of the modules of a manifest that names one. */
  private static Device device(String exportedFor) {
    return DeviceChoice.of(exportedFor).device().orElseThrow();
  }
}
