package io.github.probeselect.djl.training;

import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.internal.io.Checksums;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where a training writes its checkpoints and which one it goes on from.
 *
 * @param file the file of the checkpoints, if any are written
 * @param from the checkpoint to go on from, if there is one
 * @param settings what the training depends on
 */
record Resumption(
    Optional<Path> file, Optional<TrainingCheckpoint> from, Map<String, String> settings) {

  /** A training without checkpoints. */
  static final Resumption NONE = new Resumption(Optional.empty(), Optional.empty(), Map.of());

  /** Reads the checkpoint in a file, if it exists; it must be one of the same training. */
  static Resumption of(Path file, Map<String, String> settings) {
    return new Resumption(Optional.of(file), TrainingCheckpoint.read(file, settings), settings);
  }

  /** Whether the part was over when the checkpoint was written. */
  boolean isPast(Part part) {
    return from.isPresent() && Part.of(from.get().position().part()).compareTo(part) > 0;
  }

  /** The checkpoint, if it was written within the part. */
  Optional<TrainingCheckpoint> within(Part part) {
    return from.filter(found -> found.position().part().equals(part.title));
  }

  /** The SHA-256 of a probe to begin with. */
  static String checksum(Path probe) {
    try (InputStream json = Files.newInputStream(probe)) {
      return Checksums.sha256(json);
    } catch (IOException e) {
      throw new InvalidProbeException("probe " + probe + " cannot be read: " + e, e);
    }
  }

  /** Writes a checkpoint into a file. */
  static void write(Path file, TrainingCheckpoint checkpoint) {
    try {
      checkpoint.write(file);
    } catch (IOException e) {
      throw new UncheckedIOException("the checkpoint " + file + " cannot be written", e);
    }
  }
}
