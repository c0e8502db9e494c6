package io.github.probeselect.npz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An array as numpy stores it in version 1.0 of its {@code .npy} format: a header that says data
 * type and shape, then the values in row-major order, little-endian.
 */
public final class NpyArray {

  /** A data type, by numpy's name for it. */
  public enum Type {
    /** Single precision. */
    FLOAT32("<f4", Float.BYTES),
    /** Double precision. */
    FLOAT64("<f8", Double.BYTES),
    /** Whole numbers of 64 bits. */
    INT64("<i8", Long.BYTES),
    /** Bytes without sign. */
    UINT8("|u1", 1);

    private final String description;
    private final int bytes;

    Type(String description, int bytes) {
      this.description = description;
      this.bytes = bytes;
    }
  }

  /**
   * Data type and shape.
   *
   * @param type the data type
   * @param shape the size along every axis
   */
  public record Layout(Type type, List<Integer> shape) {

    /** Copies the list. */
    public Layout {
      shape = List.copyOf(shape);
    }

    /** A layout of the given sizes. */
    public static Layout of(Type type, Integer... shape) {
      return new Layout(type, List.of(shape));
    }

    /** How many values there are. */
    public int count() {
      return shape.stream().reduce(1, Math::multiplyExact);
    }

    /** The header, padded such that the values begin at a multiple of 64 bytes. */
    private byte[] header() {
      String sizes = shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
      String text =
          "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }"
              .formatted(type.description, sizes, shape.size() == 1 ? "," : "");
      int length = (MAGIC.length + Short.BYTES + text.length() + 1 + 63) / 64 * 64;
      ByteBuffer header = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
      header.put(MAGIC).putShort((short) (length - MAGIC.length - Short.BYTES));
      header.put(text.getBytes(StandardCharsets.US_ASCII));
      while (header.position() < length - 1) {
        header.put((byte) ' ');
      }
      return header.put((byte) '\n').array();
    }
  }

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  private final Layout layout;
  private final ByteBuffer values;

  private NpyArray(Layout layout, ByteBuffer values) {
    this.layout = layout;
    this.values = values.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** An array of zeros. */
  public static NpyArray zeros(Layout layout) {
    int bytes = Math.multiplyExact(layout.count(), layout.type.bytes);
    return new NpyArray(layout, ByteBuffer.allocate(bytes));
  }

  /**
   * Reads a file that must be of the given layout.
   *
   * @throws IOException if it is not
   */
  public static NpyArray read(byte[] file, Layout layout) throws IOException {
    byte[] header = layout.header();
    long length = header.length + (long) layout.count() * layout.type.bytes;
    ByteBuffer found = ByteBuffer.wrap(file);
    if (file.length != length || !found.slice(0, header.length).equals(ByteBuffer.wrap(header))) {
      throw new IOException(
          "it is not an array of type " + layout.type.description + " and shape " + layout.shape);
    }
    return new NpyArray(layout, found.slice(header.length, file.length - header.length));
  }

  /** The file. */
  public byte[] toBytes() {
    byte[] header = layout.header();
    return ByteBuffer.allocate(header.length + values.capacity())
        .put(header)
        .put(values.duplicate().clear())
        .array();
  }

  /** Puts values one after the other, from the given one on. */
  public void put(int index, float[] given) {
    values
        .slice(index * Float.BYTES, given.length * Float.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .put(given);
  }

  /** Puts bytes one after the other, from the given one on. */
  public void put(int index, byte[] given) {
    values.put(index, given);
  }

  /** Puts one value. */
  public void put(int index, double given) {
    values.putDouble(index * Double.BYTES, given);
  }

  /** Puts one value. */
  public void put(int index, long given) {
    values.putLong(index * Long.BYTES, given);
  }

  /** Copies so many values, from the given one on. */
  public float[] floats(int index, int count) {
    float[] copy = new float[count];
    values
        .slice(index * Float.BYTES, count * Float.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(copy);
    return copy;
  }

  /** Copies so many bytes, from the given one on. */
  public byte[] bytes(int index, int count) {
    byte[] copy = new byte[count];
    values.get(index, copy);
    return copy;
  }

  /** Returns one value. */
  public double float64(int index) {
    return values.getDouble(index * Double.BYTES);
  }

  /** Returns one value. */
  public long int64(int index) {
    return values.getLong(index * Long.BYTES);
  }
}
