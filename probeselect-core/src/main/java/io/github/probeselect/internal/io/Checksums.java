package io.github.probeselect.internal.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of files. */
public final class Checksums {

  private Checksums() {}

  /**
   * What a file holds, for comparison.
   *
   * @param sha256 in lower-case hexadecimal
   * @param bytes how many there are
   */
  public record Content(String sha256, long bytes) {}

  /**
   * Returns the lower-case hexadecimal SHA-256 of everything left in {@code stream}, which it does
   * not close.
   */
  public static String sha256(InputStream stream) throws IOException {
    return content(stream).sha256();
  }

  /** Reads everything left in {@code stream}, which it does not close. */
  public static Content content(InputStream stream) throws IOException {
    DigestInputStream digesting = new DigestInputStream(stream, newDigest());
    long bytes = digesting.transferTo(OutputStream.nullOutputStream());
    return new Content(HexFormat.of().formatHex(digesting.getMessageDigest().digest()), bytes);
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
