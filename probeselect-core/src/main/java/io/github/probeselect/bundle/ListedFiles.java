package io.github.probeselect.bundle;

import io.github.probeselect.internal.io.Checksums;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Compares the files that a manifest lists with the files present. */
final class ListedFiles {

  private ListedFiles() {}

  /** Refuses files that are absent or differ from the list. */
  static void verify(
      DirectoryKind kind, BundleFiles files, Map<String, BundleManifest.FileSpec> listed) {
    String place = kind.noun() + " " + files.location();
    new TreeMap<>(listed)
        .forEach(
            (file, expected) -> {
              if (!isInside(file)) {
                throw kind.invalid(place + ": '" + file + "' leads out of the " + kind.noun());
              }
              BundleManifest.FileSpec found = content(kind, files, file);
              if (!found.equals(expected)) {
                throw kind.invalid(
                    place
                        + ": "
                        + file
                        + " is damaged: it has "
                        + found.bytes()
                        + " bytes and SHA-256 "
                        + found.sha256()
                        + ", "
                        + kind.manifest()
                        + " says "
                        + expected.bytes()
                        + " bytes and "
                        + expected.sha256()
                        + "; copy or export the "
                        + kind.noun()
                        + " again");
              }
            });
  }

  private static boolean isInside(String file) {
    return !file.startsWith("/")
        && !file.contains("\\")
        && !file.contains(":")
        && List.of(file.split("/")).stream().noneMatch(".."::equals);
  }

  private static BundleManifest.FileSpec content(
      DirectoryKind kind, BundleFiles files, String file) {
    String place = kind.noun() + " " + files.location();
    try (InputStream stream = files.open(file)) {
      Checksums.Content found = Checksums.content(stream);
      return new ManifestValues.FileValues(found.sha256(), found.bytes());
    } catch (NoSuchFileException | FileNotFoundException e) {
      throw kind.invalid(
          place
              + " lacks "
              + file
              + ", which "
              + kind.manifest()
              + " lists; copy or export the "
              + kind.noun()
              + " again",
          e);
    } catch (IOException e) {
      throw kind.invalid(place + ": " + file + " cannot be read: " + e, e);
    }
  }
}
