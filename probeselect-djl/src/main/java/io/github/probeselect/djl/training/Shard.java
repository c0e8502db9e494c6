package io.github.probeselect.djl.training;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * A few recordings in one file: magic, version, key of the collection, the recordings, CRC-32 of
 * everything before it. Written under a temporary name and renamed, so that a shard is whole or
 * absent.
 */
final class Shard {

  private static final int MAGIC = 0x50535344;
  private static final int VERSION = 1;

  private Shard() {}

  static void write(Path file, String key, List<Recording> recordings) throws IOException {
    Path partial = file.resolveSibling(file.getFileName() + ".tmp");
    CRC32 crc = new CRC32();
    try (DataOutputStream out =
        new DataOutputStream(
            new CheckedOutputStream(
                new BufferedOutputStream(Files.newOutputStream(partial), 1 << 16), crc))) {
      out.writeInt(MAGIC);
      out.writeInt(VERSION);
      out.writeUTF(key);
      out.writeInt(recordings.size());
      for (Recording recording : recordings) {
        out.writeUTF(recording.prompt());
        out.writeInt(recording.candidates().size());
        for (Recording.Seed seed : recording.candidates()) {
          out.writeLong(seed.seed());
          out.writeInt(seed.grid().length);
          for (float value : seed.grid()) {
            out.writeFloat(value);
          }
          out.writeInt(seed.image().width());
          out.writeInt(seed.image().height());
          out.write(seed.image().toBytes());
        }
      }
      out.writeLong(crc.getValue());
    }
    Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
  }

  static List<Recording> read(Path file, String key) throws IOException {
    CRC32 crc = new CRC32();
    try (DataInputStream in =
        new DataInputStream(
            new CheckedInputStream(
                new BufferedInputStream(Files.newInputStream(file), 1 << 16), crc))) {
      if (in.readInt() != MAGIC || in.readInt() != VERSION) {
        throw new InvalidRequestException(
            file + " is not a shard of version " + VERSION + "; collect it again");
      }
      String found = in.readUTF();
      if (!found.equals(key)) {
        throw new InvalidRequestException(
            file
                + " was collected as '"
                + found
                + "', wanted is '"
                + key
                + "'; use another directory, or delete it");
      }
      List<Recording> recordings = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        recordings.add(recording(in));
      }
      long expected = crc.getValue();
      if (in.readLong() != expected) {
        throw new IOException("the checksum does not match");
      }
      return recordings;
    } catch (IOException | NegativeArraySizeException e) {
      throw new InvalidRequestException(
          file + " is damaged (" + e + "); delete it and collect it again", e);
    }
  }

  private static Recording recording(DataInputStream in) throws IOException {
    String prompt = in.readUTF();
    List<Recording.Seed> seeds = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      long seed = in.readLong();
      float[] grid = new float[in.readInt()];
      for (int i = 0; i < grid.length; i++) {
        grid[i] = in.readFloat();
      }
      int width = in.readInt();
      int height = in.readInt();
      byte[] rgb = new byte[3 * width * height];
      in.readFully(rgb);
      seeds.add(new Recording.Seed(seed, grid, RgbImage.of(width, height, rgb)));
    }
    return new Recording(prompt, seeds);
  }
}
