package io.github.probeselect.internal.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes files atomically: to a temporary file in the same directory, which is then renamed,
 * replacing an existing file. Safe for use by several threads and processes, also for the same
 * file; the last write wins.
 */
public final class WholeFile {

  private static final String SUFFIX = ".tmp";

  private WholeFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {

    /** Writes it; the stream is closed by the caller. */
    void writeTo(OutputStream stream) throws IOException;
  }

  /**
   * Writes a file. Missing directories are created.
   *
   * @throws IOException if it cannot be written; what was there before is there still
   */
  public static void write(Path file, Content content) throws IOException {
    Path target = file.toAbsolutePath();
    Path directory = directory(target);
    Files.createDirectories(directory);
    Path unfinished = directory.resolve(prefix(target) + UUID.randomUUID() + SUFFIX);
    try {
      try (OutputStream stream =
          new BufferedOutputStream(
              Files.newOutputStream(unfinished, StandardOpenOption.CREATE_NEW))) {
        content.writeTo(stream);
      }
      move(unfinished, target);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /**
   * Writes a file. Missing directories are created.
   *
   * @throws IOException if it cannot be written; what was there before is there still
   */
  public static void write(Path file, byte[] content) throws IOException {
    write(file, stream -> stream.write(content));
  }

  /**
   * Deletes temporary files of processes that were killed while they wrote this file. No process
   * may be writing it during the call.
   *
   * @throws IOException if that fails
   */
  public static void sweep(Path file) throws IOException {
    Path target = file.toAbsolutePath();
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(
            directory(target), path -> isUnfinished(path.getFileName().toString(), target))) {
      for (Path unfinished : left) {
        Files.deleteIfExists(unfinished);
      }
    }
  }

  private static boolean isUnfinished(String name, Path target) {
    return name.startsWith(prefix(target)) && name.endsWith(SUFFIX);
  }

  private static String prefix(Path target) {
    return "." + target.getFileName() + ".";
  }

  private static Path directory(Path target) throws IOException {
    Path directory = target.getParent();
    if (directory == null) {
      throw new IOException("cannot write " + target + ": it is a root directory");
    }
    return directory;
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
