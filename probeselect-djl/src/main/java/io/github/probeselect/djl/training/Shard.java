package io.github.probeselect.djl.training;

import io.github.probeselect.error.InvalidRequestException;
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
 * A few examples in one file: magic, version, key of the collection, the examples, CRC-32 of
 * everything before it. Written under a temporary name and renamed, so that a shard is whole or
 * absent.
 */
final class Shard {

  private static final int MAGIC = 0x50535344;
  private static final int VERSION = 1;

  private Shard() {}

  static void write(Path file, String key, List<Example> examples) throws IOException {
    Path partial = file.resolveSibling(file.getFileName() + ".tmp");
    CRC32 crc = new CRC32();
    try (DataOutputStream out =
        new DataOutputStream(
            new CheckedOutputStream(
                new BufferedOutputStream(Files.newOutputStream(partial), 1 << 16), crc))) {
      out.writeInt(MAGIC);
      out.writeInt(VERSION);
      out.writeUTF(key);
      out.writeInt(examples.size());
      for (Example example : examples) {
        out.writeUTF(example.prompt());
        write(out, example.embedding());
        out.writeInt(example.candidates().size());
        for (Example.Seed seed : example.candidates()) {
          out.writeLong(seed.seed());
          write(out, seed.grid());
          write(out, seed.target());
          write(out, seed.rewards());
        }
      }
      out.writeLong(crc.getValue());
    }
    Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
  }

  static List<Example> read(Path file, String key) throws IOException {
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
      int count = in.readInt();
      List<Example> examples = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String prompt = in.readUTF();
        float[] embedding = readFloats(in);
        List<Example.Seed> seeds = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
          seeds.add(
              new Example.Seed(in.readLong(), readFloats(in), readFloats(in), readFloats(in)));
        }
        examples.add(new Example(prompt, embedding, seeds));
      }
      long expected = crc.getValue();
      if (in.readLong() != expected) {
        throw new InvalidRequestException(file + " is damaged; delete it and collect it again");
      }
      return examples;
    }
  }

  private static void write(DataOutputStream out, float[] values) throws IOException {
    out.writeInt(values.length);
    for (float value : values) {
      out.writeFloat(value);
    }
  }

  private static float[] readFloats(DataInputStream in) throws IOException {
    float[] values = new float[in.readInt()];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readFloat();
    }
    return values;
  }
}
