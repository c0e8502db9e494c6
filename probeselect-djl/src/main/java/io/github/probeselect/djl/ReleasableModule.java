package io.github.probeselect.djl;

import ai.djl.ndarray.NDManager;
import io.github.probeselect.bundle.VerifiedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A module whose memory on the device can be released: it is loaded again when it is needed next,
 * from its file, which the operating system keeps in the computer's memory while that suffices. To
 * be used on the worker only.
 */
final class ReleasableModule {

  private final VerifiedFiles files;
  private final String file;
  private final NativeArena arena;
  private final Optional<FileTime> verified;
  private @Nullable Loaded loaded;

  private record Loaded(TorchModule module, NDManager owner) {}

  /**
   * Loads the module.
   *
   * @throws io.github.probeselect.error.ProbeSelectException as {@link VerifiedFiles#invalid} makes
   *     it, if the file holds no TorchScript that this PyTorch can read
   */
  ReleasableModule(VerifiedFiles files, String file, NativeArena arena) {
    this.files = files;
    this.file = file;
    this.arena = arena;
    this.verified = modified();
    this.loaded = load();
  }

  String file() {
    return file;
  }

  /**
   * The module, loaded again if it was released.
   *
   * @throws io.github.probeselect.error.ProbeSelectException as {@link VerifiedFiles#invalid} makes
   *     it, if the file has changed meanwhile
   */
  TorchModule module() {
    Loaded present = loaded;
    if (present == null) {
      if (!modified().equals(verified)) {
        throw files.invalid(file + " has changed since it was opened; open it again");
      }
      present = load();
      loaded = present;
    }
    return present.module;
  }

  /** Releases the module; returns false if it is released already. */
  boolean release() {
    Loaded present = loaded;
    if (present == null) {
      return false;
    }
    loaded = null;
    present.owner.close();
    return true;
  }

  private Loaded load() {
    NDManager owner = arena.newOwner();
    try {
      return new Loaded(TorchModule.load(files, file, owner), owner);
    } catch (RuntimeException | Error e) {
      owner.close();
      throw e;
    }
  }

  /** When the file was written; empty in a jar. */
  private Optional<FileTime> modified() {
    Optional<Path> path = files.path(file);
    if (path.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.getLastModifiedTime(path.get()));
    } catch (IOException e) {
      throw files.invalid(file + " cannot be read: " + e, e);
    }
  }
}
