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
 * Writes files that appear at once and complete, or not at all: beside their place under a name of
 * their own, and then moved, replacing a file that was there. Safe for use by several threads and
 * processes, also for the same file; the last one stays.
 */
public final class WholeFile {

  private static final String SUFFIX = ".tmp";

  private WholeFile() {}

  /** Writes what a file shall hold. */
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
   * Deletes what processes left that were killed while they wrote this file. Nobody may be writing
   * it now.
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
