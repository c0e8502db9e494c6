package io.github.probeselect.djl;

import io.github.probeselect.error.DeviceMemoryException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PyTorch's exceptions that mean that the memory of a device is exhausted. */
final class OutOfMemory {

  /**
   * What PyTorch's allocators write: that of CUDA {@code CUDA out of memory. Tried to allocate 2.00
   * GiB}, that of Apple's GPUs {@code MPS backend out of memory}, and that of the CPU {@code
   * DefaultCPUAllocator: can't allocate memory: you tried to allocate 4294967296 bytes} on Linux
   * and {@code not enough memory} on Windows. cuBLAS and cuDNN have words of their own; oneDNN, on
   * the CPU, gives no reason for a {@code primitive} that it could not create, which works with
   * fewer rows where memory is the reason.
   */
  private static final Pattern MESSAGE =
      Pattern.compile(
          "out of memory|can't allocate memory|not enough memory|ALLOC_FAILED"
              + "|could not create a primitive",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern REQUESTED =
      Pattern.compile(
          "tried to allocate ([0-9]+(?:\\.[0-9]+)?) ?(bytes|KiB|KB|MiB|MB|GiB|GB)",
          Pattern.CASE_INSENSITIVE);

  private OutOfMemory() {}

  /**
   * The exception to throw for a failure, if that means that the memory is exhausted.
   *
   * @param doing the operation that failed: a phrase such as {@code "decoding an image"}
   */
  static Optional<DeviceMemoryException> of(RuntimeException failure, String device, String doing) {
    String message = String.valueOf(failure.getMessage());
    if (!MESSAGE.matcher(message).find()) {
      return Optional.empty();
    }
    OptionalLong requested = requested(message);
    return Optional.of(
        new DeviceMemoryException(
            String.format(
                Locale.ROOT,
                "the memory of %s is exhausted while %s%s; generate smaller images, close other models, or export the model with --dtype bfloat16 or float16 (%s)",
                device,
                doing,
                requested.isPresent()
                    ? ", which needs " + megabytes(requested.getAsLong()) + " MB more"
                    : "",
                NativeArena.reason(failure)),
            requested,
            failure));
  }

  private static OptionalLong requested(String message) {
    Matcher matcher = REQUESTED.matcher(message);
    if (!matcher.find()) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        (long) Math.scalb(Double.parseDouble(matcher.group(1)), order(matcher.group(2))));
  }

  /** The power of two of a unit; Apple's allocator writes MB and means 2^20 bytes. */
  private static int order(String unit) {
    return switch (unit.toLowerCase(Locale.ROOT).charAt(0)) {
      case 'k' -> 10;
      case 'm' -> 20;
      case 'g' -> 30;
      default -> 0;
    };
  }

  private static long megabytes(long bytes) {
    return Math.max(1, Math.round(bytes / 1e6));
  }
}
