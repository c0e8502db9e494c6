package io.github.probeselect.bundle;

import io.github.probeselect.error.InvalidBundleException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** SHA-256 of bundle files. */
public final class Checksums {

  private Checksums() {}

  /**
   * Returns the lower-case hexadecimal SHA-256 of everything left in {@code stream}, which it does
   * not close.
   */
  public static String sha256(InputStream stream) throws IOException {
    DigestInputStream digesting = new DigestInputStream(stream, newDigest());
    digesting.transferTo(OutputStream.nullOutputStream());
    return HexFormat.of().formatHex(digesting.getMessageDigest().digest());
  }

  static void verify(BundleFiles files, BundleManifest manifest) {
    Map<String, BundleManifest.FileSpec> sorted = new TreeMap<>(manifest.files());
    sorted.forEach(
        (file, expected) -> {
          if (!isInside(file)) {
            throw new InvalidBundleException(
                "bundle " + files.location() + ": '" + file + "' leads out of the bundle");
          }
          String found = sha256(files, file);
          if (!found.equals(expected.sha256())) {
            throw new InvalidBundleException(
                "bundle "
                    + files.location()
                    + ": "
                    + file
                    + " is damaged: SHA-256 is "
                    + found
                    + ", the manifest says "
                    + expected.sha256()
                    + "; copy or export the bundle again");
          }
        });
  }

  private static boolean isInside(String file) {
    return !file.startsWith("/")
        && !file.contains("\\")
        && !file.contains(":")
        && java.util.List.of(file.split("/")).stream().noneMatch(".."::equals);
  }

  private static String sha256(BundleFiles files, String file) {
    try (InputStream stream = files.open(file)) {
      return sha256(stream);
    } catch (NoSuchFileException | FileNotFoundException e) {
      throw new InvalidBundleException(
          "bundle "
              + files.location()
              + " lacks "
              + file
              + ", which its manifest lists; copy or export the bundle again",
          e);
    } catch (IOException e) {
      throw new InvalidBundleException(
          "bundle " + files.location() + ": " + file + " cannot be read: " + e, e);
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
