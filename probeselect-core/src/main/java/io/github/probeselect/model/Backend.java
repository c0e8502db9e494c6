package io.github.probeselect.model;

import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.MetricDirectory;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import java.util.List;

/**
 * A tensor engine that can load bundles and metrics. Found by {@link java.util.ServiceLoader}: an
 * implementation names itself under {@code META-INF/services/io.github.probeselect.model.Backend}.
 */
public interface Backend {

  /** The engine's name, for messages. */
  String name();

  /** The devices that the engine can use on this machine, the CPU among them. */
  List<Device> devices();

  /**
   * Loads the model of a bundle whose manifest and checksums have been verified onto a device. The
   * caller closes it.
   *
   * @param device one of {@link #devices}
   * @throws io.github.probeselect.error.InvalidBundleException if a file of the bundle cannot be
   *     used
   * @throws io.github.probeselect.error.BackendException if the engine is missing or fails
   */
  DiffusionModel open(Bundle bundle, Device device);

  /**
   * Loads the metric of a directory whose description and checksums have been verified onto a
   * device. The caller closes it.
   *
   * @param device one of {@link #devices}
   * @throws io.github.probeselect.error.InvalidMetricException if a file of the directory cannot be
   *     used
   * @throws io.github.probeselect.error.BackendException if the engine is missing or fails
   */
  LearnedMetric openMetric(MetricDirectory directory, Device device);

  /**
   * A device of this machine.
   *
   * @param type its type
   * @param index which of the GPUs, from 0; 0 for the other types
   */
  record Device(Type type, int index) {

    /** The CPU. */
    public static final Device CPU = new Device(Type.CPU, 0);

    /** The GPU of a Mac. */
    public static final Device MPS = new Device(Type.MPS, 0);

    /** The types of devices. */
    public enum Type {
      /** The CPU. */
      CPU,
      /** A GPU of NVIDIA. */
      CUDA,
      /** The GPU of a Mac, by Apple's Metal Performance Shaders. */
      MPS
    }

    /**
     * Checks the index.
     *
     * @throws InvalidRequestException if there is no such device on any machine
     */
    public Device {
      Arguments.require("type", type);
      if (index < 0 || (index > 0 && type != Type.CUDA)) {
        throw new InvalidRequestException(
            "no machine has a device " + type + " with the index " + index);
      }
    }

    /**
     * A GPU of NVIDIA.
     *
     * @param index from 0
     * @throws InvalidRequestException if it is negative
     */
    public static Device cuda(int index) {
      return new Device(Type.CUDA, index);
    }

    /** Its name: {@code cpu}, {@code cuda:0}, {@code mps}. */
    public String name() {
      return switch (type) {
        case CPU -> "cpu";
        case CUDA -> "cuda:" + index;
        case MPS -> "mps";
      };
    }

    /** Its name. */
    @Override
    public String toString() {
      return name();
    }
  }
}
