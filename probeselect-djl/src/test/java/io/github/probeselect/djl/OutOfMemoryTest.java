package io.github.probeselect.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.EngineException;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import io.github.probeselect.GenerationListener;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.djl.JavaProcess.Finished;
import io.github.probeselect.error.DeviceMemoryException;
import io.github.probeselect.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How PyTorch's exhausted memory is recognised, and what happens then. */
class OutOfMemoryTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 79.11 GiB of which 1.2 GiB is free. | 2684354560",
        "CUDA out of memory. Tried to allocate 20.00 MiB (GPU 1; 10.76 GiB total capacity) | 20971520",
        "MPS backend out of memory (MPS allocated: 17.9 GB, other allocations: 80 MB, max allowed: 18.1 GB). Tried to allocate 256.00 MB on private pool. | 268435456",
        "[enforce fail at alloc_cpu.cpp:119] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 4294967296 bytes. Error code 12 (Cannot allocate memory) | 4294967296",
        "[enforce fail at alloc_cpu.cpp:115] data. DefaultCPUAllocator: not enough memory: you tried to allocate 68719476736 bytes. | 68719476736",
        "CUDA error: out of memory | ",
        "could not create a primitive | ",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle) | ",
      })
  void namesWhatWasAskedFor(String message, Long bytes) {
    DeviceMemoryException exception =
        OutOfMemory.of(new EngineException(message), "cuda:1", "denoising").orElseThrow();

    assertThat(exception.requestedBytes())
        .isEqualTo(bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes));
    assertThat(exception).hasMessageContainingAll("cuda:1", "denoising", "smaller images", message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CUDA error: device-side assert triggered",
        "The size of tensor a (77) must match the size of tensor b (64) at non-singleton dimension 1",
      })
  void otherFailuresAreOthers(String message) {
    assertThat(OutOfMemory.of(new EngineException(message), "cpu", "denoising")).isEmpty();
  }

  /**
   * Generates with four candidates in a call, then, in a process that may take a little more memory
   * only, with all of them in a call. Prints the most candidates of a call, and how much the images
   * differ.
   */
  static final class MemoryLimited {
    private static final int RLIMIT_AS = 9;
    private static final int CANDIDATES = 32;

    public static void main(String[] arguments) throws IOException {
      try (Pipeline pipeline = new Pipeline(DefaultModel.open())) {
        List<RgbImage> few = generate(pipeline, 4);
        limit(virtualBytes() + (Long.parseLong(arguments[0]) << 20));
        List<RgbImage> many = generate(pipeline, CANDIDATES);
        System.out.println("difference " + difference(few, many));
      }
    }

    private static List<RgbImage> generate(Pipeline pipeline, int microBatchSize) {
      AtomicLong before = new AtomicLong();
      AtomicLong most = new AtomicLong();
      GenerationResult result =
          pipeline
              .request(DefaultModel.PROMPT)
              .candidates(CANDIDATES)
              .keep(2)
              .steps(4)
              .size(128, 128)
              .microBatchSize(microBatchSize)
              .listener(
                  new GenerationListener() {
                    @Override
                    public void onProgress(Progress progress) {
                      long now = progress.evaluations();
                      most.accumulateAndGet(now - before.getAndSet(now), Math::max);
                    }
                  })
              .generate();
      System.out.println("candidates in a call " + most);
      return result.images().stream().map(KeptImage::image).toList();
    }

    /** The largest difference of two pixels' values. */
    private static int difference(List<RgbImage> some, List<RgbImage> others) {
      int most = 0;
      for (int image = 0; image < some.size(); image++) {
        byte[] one = some.get(image).toBytes();
        byte[] other = others.get(image).toBytes();
        for (int i = 0; i < one.length; i++) {
          most = Math.max(most, Math.abs((one[i] & 0xFF) - (other[i] & 0xFF)));
        }
      }
      return most;
    }

    private static void limit(long bytes) {
      long[] both = {bytes, bytes};
      int failed =
          NativeLibrary.getProcess()
              .getFunction("setrlimit")
              .invokeInt(new Object[] {RLIMIT_AS, both});
      if (failed != 0) {
        throw new IllegalStateException("setrlimit failed");
      }
    }

    private static long virtualBytes() throws IOException {
      try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
        return 1024
            * lines
                .filter(line -> line.startsWith("VmSize:"))
                .map(line -> line.replaceAll("\\D", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
      }
    }
  }

  @Test
  void fewerCandidatesAreEvaluatedTogetherWhereMemoryIsShort() throws Exception {
    assumeTrue(Platform.isLinux(), "limits a process in Linux's way");
    Finished finished =
        JavaProcess.in(directory).withOptions("-Xmx256m").run(MemoryLimited.class, "60");

    assertThat(finished.exit()).as(finished.output()).isZero();
    assertThat(number(finished, "candidates in a call", 0)).isEqualTo(4);
    assertThat(number(finished, "candidates in a call", 1)).isBetween(1, 16);
    assertThat(number(finished, "difference", 0)).as("of a pixel's value").isBetween(0, 2);
  }

  /** The number in a line that begins with a text; the JVM may print lines of its own. */
  private static int number(Finished finished, String text, int place) {
    return finished
        .output()
        .lines()
        .filter(line -> line.startsWith(text))
        .skip(place)
        .map(line -> Integer.parseInt(line.substring(text.length() + 1)))
        .findFirst()
        .orElseThrow();
  }
}
