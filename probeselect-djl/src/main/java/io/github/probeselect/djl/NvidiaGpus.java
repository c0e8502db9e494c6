package io.github.probeselect.djl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The NVIDIA GPUs of this machine as its driver reports them, without PyTorch.
 *
 * @param driver the version of the driver
 * @param names a line for each GPU
 */
record NvidiaGpus(String driver, List<String> names) {

  private static final List<String> QUERY =
      List.of(
          "nvidia-smi",
          "--query-gpu=driver_version,index,name,memory.total,memory.free",
          "--format=csv,noheader,nounits");

  private static final int PATIENCE_SECONDS = 20;

  private static final Path PROC = Path.of("/proc/driver/nvidia");

  private static final Pattern KERNEL_MODULE = Pattern.compile("Kernel Module\\D*([\\d.]+)");

  private static final Pattern MODEL = Pattern.compile("(?m)^Model:\\s*(.+)$");

  /** What the driver's command reports, or else its files; empty without a driver. */
  static Optional<NvidiaGpus> found() throws InterruptedException {
    return reported().or(() -> listed(PROC));
  }

  private static Optional<NvidiaGpus> reported() throws InterruptedException {
    try {
      Path output = Files.createTempFile("probeselect", ".csv");
      try {
        Process command =
            new ProcessBuilder(QUERY)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!command.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          command.destroyForcibly();
          return Optional.empty();
        }
        return command.exitValue() == 0
            ? parse(Files.readAllLines(output, StandardCharsets.ISO_8859_1))
            : Optional.empty();
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      // There is no such command.
      return Optional.empty();
    }
  }

  /** Reads the lines that the command prints; sizes are in MiB. */
  static Optional<NvidiaGpus> parse(List<String> lines) {
    String driver = "";
    List<String> names = new ArrayList<>();
    for (String line : lines) {
      String[] columns = line.split(",\\s*", -1);
      if (columns.length == 5) {
        driver = columns[0].strip();
        names.add(
            String.format(
                Locale.ROOT,
                "cuda:%s %s, %s MiB, %s MiB free",
                columns[1],
                columns[2],
                columns[3],
                columns[4].strip()));
      }
    }
    return names.isEmpty() ? Optional.empty() : Optional.of(new NvidiaGpus(driver, names));
  }

  /** Reads the directory that the kernel module keeps; it has no sizes. */
  static Optional<NvidiaGpus> listed(Path directory) {
    try {
      Matcher module = KERNEL_MODULE.matcher(Files.readString(directory.resolve("version")));
      String driver = module.find() ? module.group(1) : "unknown";
      List<String> names = new ArrayList<>();
      Path gpus = directory.resolve("gpus");
      if (Files.isDirectory(gpus)) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(gpus)) {
          for (Path gpu : entries) {
            Matcher model = MODEL.matcher(Files.readString(gpu.resolve("information")));
            names.add(model.find() ? model.group(1).strip() : gpu.getFileName().toString());
          }
        }
      }
      return Optional.of(new NvidiaGpus(driver, List.copyOf(names)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
