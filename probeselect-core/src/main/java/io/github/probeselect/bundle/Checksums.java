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
import java.util.List;
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
    return content(stream).sha256();
  }

  static void verify(BundleFiles files, BundleManifest manifest) {
    Map<String, BundleManifest.FileSpec> sorted = new TreeMap<>(manifest.files());
    sorted.forEach(
        (file, expected) -> {
          if (!isInside(file)) {
            throw new InvalidBundleException(
                "bundle " + files.location() + ": '" + file + "' leads out of the bundle");
          }
          BundleManifest.FileSpec found = content(files, file);
          if (!found.equals(expected)) {
            throw new InvalidBundleException(
                "bundle "
                    + files.location()
                    + ": "
                    + file
                    + " is damaged: it has "
                    + found.bytes()
                    + " bytes and SHA-256 "
                    + found.sha256()
                    + ", the manifest says "
                    + expected.bytes()
                    + " bytes and "
                    + expected.sha256()
                    + "; copy or export the bundle again");
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

  private static BundleManifest.FileSpec content(BundleFiles files, String file) {
    try (InputStream stream = files.open(file)) {
      return content(stream);
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
