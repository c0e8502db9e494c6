package io.github.probeselect.bundle;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** SHA-256 of files. */
public final class Checksums {

  private Checksums() {}

  /**
   * Returns the lower-case hexadecimal SHA-256 of everything left in {@code stream}, which it does
   * not close.
   */
  public static String sha256(InputStream stream) throws IOException {
    return content(stream).sha256();
  }

  /** Refuses files that are absent, or are not those that are listed. */
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

  private static BundleManifest.FileSpec content(InputStream stream) throws IOException {
    DigestInputStream digesting = new DigestInputStream(stream, newDigest());
    long bytes = digesting.transferTo(OutputStream.nullOutputStream());
    String sha256 = HexFormat.of().formatHex(digesting.getMessageDigest().digest());
    return new BundleManifest.FileSpec(sha256, bytes);
  }

  private static BundleManifest.FileSpec content(
      DirectoryKind kind, BundleFiles files, String file) {
    String place = kind.noun() + " " + files.location();
    try (InputStream stream = files.open(file)) {
      return content(stream);
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

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
