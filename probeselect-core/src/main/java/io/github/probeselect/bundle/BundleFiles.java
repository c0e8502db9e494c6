package io.github.probeselect.bundle;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the files of a bundle or a metric come from: a directory, or a folder inside a jar on the
 * class path.
 */
interface BundleFiles {

  InputStream open(String file) throws IOException;

  /** The path of a file, if it is in the file system. */
  Optional<Path> path(String file);

  String location();

  static BundleFiles directory(Path directory) {
    return new BundleFiles() {
      @Override
      public InputStream open(String file) throws IOException {
        return Files.newInputStream(directory.resolve(file));
      }

      @Override
      public Optional<Path> path(String file) {
        return Optional.of(directory.resolve(file));
      }

      @Override
      public String location() {
        return directory.toString();
      }
    };
  }

  static BundleFiles resources(ClassLoader loader, String folder) {
    return new BundleFiles() {
      @Override
      public InputStream open(String file) throws IOException {
        InputStream stream = loader.getResourceAsStream(folder + "/" + file);
        if (stream == null) {
          throw new FileNotFoundException(folder + "/" + file);
        }
        return stream;
      }

      @Override
      public Optional<Path> path(String file) {
        return Optional.empty();
      }

      @Override
      public String location() {
        return "classpath:" + folder;
      }
    };
  }
}
