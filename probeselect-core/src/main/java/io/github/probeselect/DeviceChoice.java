package io.github.probeselect;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.model.Backend.Device;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A device, or devices, as a caller names them.
 *
 * @param name the name
 * @param kind what it asks for
 * @param device the device, if one is named
 */
record DeviceChoice(String name, Kind kind, Optional<Device> device) {

  static final DeviceChoice AUTO = new DeviceChoice("auto", Kind.AUTOMATIC, Optional.empty());

  private static final DeviceChoice ALL_GPUS =
      new DeviceChoice("cuda:*", Kind.ALL_GPUS, Optional.empty());

  /** An index of more digits is that of no machine, and might not fit an int. */
  private static final Pattern GPU = Pattern.compile("cuda:(0|[1-9][0-9]{0,8})");

  private static final List<String> KNOWN =
      List.of("auto", "cpu", "cuda (the first GPU)", "cuda:0, cuda:1, ...", "cuda:* (all)", "mps");

  /** What a name asks for. */
  enum Kind {
    /** Whatever suits best. */
    AUTOMATIC,
    /** One device. */
    ONE,
    /** All of NVIDIA's GPUs. */
    ALL_GPUS
  }

  /**
   * Reads a name.
   *
   * @throws InvalidRequestException if it is none
   */
  static DeviceChoice of(String name) {
    return switch (Arguments.require("device", name)) {
      case "auto" -> AUTO;
      case "cuda:*" -> ALL_GPUS;
      case "cpu" -> one(name, Device.CPU);
      case "mps" -> one(name, Device.MPS);
      case "cuda" -> one(name, Device.cuda(0));
      default -> one(name, numbered(name));
    };
  }

  private static DeviceChoice one(String name, Device device) {
    return new DeviceChoice(name, Kind.ONE, Optional.of(device));
  }

  private static Device numbered(String name) {
    Matcher matcher = GPU.matcher(name);
    if (!matcher.matches()) {
      throw new InvalidRequestException(
          "unknown device '" + name + "'; known are " + String.join(", ", KNOWN));
    }
    return Device.cuda(Integer.parseInt(matcher.group(1)));
  }
}
