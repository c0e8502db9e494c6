package io.github.probeselect.internal.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Named pieces in one file, as {@code numpy.load} reads them: a zip archive. Nothing is compressed
 * and every time stamp is the same, so that equal content makes equal files. Every piece has a
 * checksum.
 */
public final class NpzFile implements AutoCloseable {

  /** The earliest time stamp of a zip archive. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final ZipFile zip;

  private NpzFile(ZipFile zip) {
    this.zip = zip;
  }

  /**
   * Writes a file atomically.
   *
   * @param pieces by name, in the order in which they are written
   * @throws IOException if that fails
   */
  public static void write(Path file, Map<String, byte[]> pieces) throws IOException {
    WholeFile.write(file, stream -> write(stream, pieces));
  }

  private static void write(OutputStream stream, Map<String, byte[]> pieces) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(stream)) {
      zip.setMethod(ZipOutputStream.STORED);
      for (Map.Entry<String, byte[]> piece : pieces.entrySet()) {
        CRC32 crc = new CRC32();
        crc.update(piece.getValue());
        ZipEntry entry = new ZipEntry(piece.getKey());
        entry.setTimeLocal(TIME);
        entry.setSize(piece.getValue().length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(piece.getValue());
        zip.closeEntry();
      }
    }
  }

  /**
   * Opens a file for reading.
   *
   * @throws IOException if it is no zip archive
   */
  public static NpzFile open(Path file) throws IOException {
    return new NpzFile(new ZipFile(file.toFile()));
  }

  /** Whether there is a piece of that name. */
  public boolean contains(String name) {
    return zip.getEntry(name) != null;
  }

  /**
   * Reads a piece.
   *
   * @throws IOException if it is not there or does not match its checksum
   */
  public byte[] read(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new IOException("there is no " + name + " in it");
    }
    if (entry.getSize() > NpyArray.LARGEST_FILE) {
      throw new IOException(
          name + " has " + entry.getSize() + " bytes; only pieces of less than 2 GiB are read");
    }
    byte[] piece;
    try (InputStream stream = zip.getInputStream(entry)) {
      piece = stream.readNBytes((int) entry.getSize() + 1);
    }
    if (piece.length != entry.getSize()) {
      throw new IOException(name + " has another length than its entry states");
    }
    CRC32 crc = new CRC32();
    crc.update(piece);
    if (crc.getValue() != entry.getCrc()) {
      throw new IOException("the checksum of " + name + " does not match");
    }
    return piece;
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
