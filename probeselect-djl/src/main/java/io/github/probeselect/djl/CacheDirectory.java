package io.github.probeselect.djl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The directory to which native libraries are extracted and from which they are loaded. */
record CacheDirectory(Path path) {

  /** What PyTorch and the tokenizers take on Linux x86-64, in bytes. */
  static final long EXTRACTED_BYTES = 466_000_000;

  /** Why a file cannot be written, having tried; the directory is created if it does not exist. */
  Optional<String> obstacle() {
    try {
      Files.createDirectories(path);
      Files.delete(Files.createTempFile(path, "probeselect", ".tmp"));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.toString());
    }
  }

  /**
   * Whether the file system forbids to execute its files (mounted {@code noexec}), having tried; it
   * does not load libraries then.
   */
  boolean forbidsExecution() throws IOException, InterruptedException {
    if (!Files.getFileStore(path).supportsFileAttributeView(PosixFileAttributeView.class)) {
      return false;
    }
    Path script =
        Files.createTempFile(
            path,
            "probeselect",
            ".sh",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try {
      Files.writeString(script, "#!/bin/sh\nexit 0\n");
      new ProcessBuilder(script.toString()).start().waitFor();
      return false;
    } catch (IOException e) {
      // Without a shell it is error 2; only 13, EACCES, comes from the mount.
      return String.valueOf(e.getMessage()).contains("error=13");
    } finally {
      Files.deleteIfExists(script);
    }
  }

  /** The bytes that this process may still write there. */
  long freeBytes() throws IOException {
    return Files.getFileStore(nearest()).getUsableSpace();
  }

  /** The directory or the nearest one above it that exists. */
  private Path nearest() {
    @Nullable Path place = path.toAbsolutePath();
    while (place != null && !Files.exists(place)) {
      place = place.getParent();
    }
    return place == null ? path : place;
  }
}
