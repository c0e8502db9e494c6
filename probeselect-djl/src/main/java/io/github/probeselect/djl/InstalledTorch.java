package io.github.probeselect.djl;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A libtorch that is installed on this machine: that of a Python package, of PyTorch's archive for
 * C++, or one that DJL has extracted.
 *
 * @param directory where {@code libtorch.so} lies
 */
record InstalledTorch(Path directory) {

  private static final String LIBRARY = System.mapLibraryName("torch");

  private static final Pattern SEPARATOR = Pattern.compile(Pattern.quote(File.pathSeparator));

  private static final String NUMBERS = "(\\d+\\.\\d+\\.\\d+)[^\"'\\s]*";

  /** Files beside the directory that name the version, and what the line looks like. */
  private static final Map<String, Pattern> VERSION_FILES =
      Map.of(
          "version.py", Pattern.compile("__version__\\s*=\\s*['\"]" + NUMBERS + "['\"]"),
          "build-version", Pattern.compile("^\\s*" + NUMBERS),
          "share/cmake/Torch/TorchConfigVersion.cmake",
              Pattern.compile("PACKAGE_VERSION\\s+\"" + NUMBERS + "\""));

  /** A directory of DJL's cache, such as {@code 2.7.1-20250812-cpu-linux-x86_64}. */
  private static final Pattern EXTRACTED = Pattern.compile("^(\\d+\\.\\d+\\.\\d+)-.*");

  /**
   * The first libtorch on a path of directories, or of files with its name, as DJL looks for it.
   */
  static Optional<InstalledTorch> on(String path) {
    return SEPARATOR.splitAsStream(path).flatMap(entry -> in(entry).stream()).findFirst();
  }

  private static Optional<InstalledTorch> in(String entry) {
    try {
      Path place = Path.of(entry).toAbsolutePath();
      if (place.endsWith(LIBRARY) && Files.isRegularFile(place)) {
        return Optional.ofNullable(place.getParent()).map(InstalledTorch::new);
      }
      return Files.isRegularFile(place.resolve(LIBRARY))
          ? Optional.of(new InstalledTorch(place))
          : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** The version without what follows its three numbers, if a file or the directory names it. */
  Optional<String> version() {
    for (Path place : places()) {
      for (var file : VERSION_FILES.entrySet()) {
        Optional<String> version = find(file.getValue(), place.resolveSibling(file.getKey()));
        if (version.isPresent()) {
          return version;
        }
      }
      Matcher name = EXTRACTED.matcher(String.valueOf(place.getFileName()));
      if (name.matches()) {
        return Optional.of(name.group(1));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> find(Pattern line, Path file) {
    try {
      // Bytes that are no text cannot be part of a version.
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      return line.matcher(text).results().map(found -> found.group(1)).findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The directory as it was named and, behind symbolic links, as it is. */
  private List<Path> places() {
    List<Path> places = new ArrayList<>(List.of(directory.normalize()));
    try {
      places.add(directory.resolve(LIBRARY).toRealPath().resolveSibling("").normalize());
    } catch (IOException e) {
      // The named directory alone, then.
    }
    return places;
  }

  /** Whether this is a build for CUDA. */
  boolean isCuda() {
    return Files.exists(directory.resolve(System.mapLibraryName("torch_cuda")));
  }

  /** Whether DJL's library for it lies beside it: whoever built that has matched the versions. */
  boolean hasOwnJni(String djl) {
    String name = System.mapLibraryName("djl_torch");
    return Stream.of(djl + "-" + name, name)
        .anyMatch(file -> Files.exists(directory.resolve(file)));
  }

  /**
   * The directories that may hold the CUDA runtime beside this libtorch: its own and those of the
   * packages that pip installs with it ({@code nvidia/cuda_runtime/lib} and the like).
   */
  List<Path> cudaRuntime() {
    List<Path> found = new ArrayList<>();
    for (Path place : places()) {
      if (hasCudaRuntime(place)) {
        found.add(place);
      }
      Path packages = place.resolve("..").resolve("..").resolve("nvidia").normalize();
      try (DirectoryStream<Path> parts = Files.newDirectoryStream(packages)) {
        for (Path part : parts) {
          for (String folder : List.of("lib", "bin")) {
            if (hasCudaRuntime(part.resolve(folder))) {
              found.add(part.resolve(folder));
            }
          }
        }
      } catch (IOException e) {
        // Not installed by pip.
      }
    }
    return found.stream().distinct().toList();
  }

  private static boolean hasCudaRuntime(Path directory) {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, "{libcudart.so*,cudart64_*.dll}")) {
      return files.iterator().hasNext();
    } catch (IOException e) {
      return false;
    }
  }
}
