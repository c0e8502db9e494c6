package io.github.probeselect.internal.io;

import io.github.probeselect.error.InvalidRequestException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * An array as numpy stores it in its {@code .npy} format: a header that says data type and shape,
 * then the values. Written are version 1.0, row-major order, little-endian; read are versions 1.0
 * to 3.0, either order of axes and bytes. Arrays take less than 2 GiB.
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

    /**
     * How many values there are.
     *
     * @throws InvalidRequestException if the array would take 2 GiB or more
     */
    public int count() {
      if (!isWithinReach()) {
        throw new InvalidRequestException(
            "an array of type "
                + type.description
                + " and shape "
                + shape
                + " takes 2 GiB or more, or has a negative size");
      }
      return shape.stream().reduce(1, (count, size) -> count * size);
    }

    /** Whether no size is negative and the file of the array is smaller than 2 GiB. */
    public boolean isWithinReach() {
      BigInteger bytes = BigInteger.valueOf(type.bytes);
      for (int size : shape) {
        if (size < 0) {
          return false;
        }
        bytes = bytes.multiply(BigInteger.valueOf(size));
      }
      return bytes.compareTo(BigInteger.valueOf(LARGEST_FILE - header().length)) <= 0;
    }

    /** The bytes of the values; infinite or rounded where they are beyond any file. */
    public double bytes() {
      return shape.stream().mapToDouble(Integer::doubleValue).reduce(type.bytes, (a, b) -> a * b);
    }

    /** The header, padded such that the values begin at a multiple of 64 bytes. */
    private byte[] header() {
      String sizes = shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
      String text =
          String.format(
              Locale.ROOT,
              "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }",
              type.description,
              sizes,
              shape.size() == 1 ? "," : "");
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

  /** The longest file, which is also the longest array of bytes that Java has. */
  static final int LARGEST_FILE = Integer.MAX_VALUE - 8;

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  private final Layout layout;
  private final ByteBuffer values;

  private NpyArray(Layout layout, ByteBuffer values) {
    this.layout = layout;
    this.values = values.order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * An array of zeros.
   *
   * @throws InvalidRequestException if it would take 2 GiB or more
   */
  public static NpyArray zeros(Layout layout) {
    return new NpyArray(layout, ByteBuffer.allocate(layout.count() * layout.type.bytes));
  }

  /**
   * Reads a file that must be of the given layout, in whichever order of axes and bytes.
   *
   * @throws IOException if it is not
   */
  public static NpyArray read(byte[] file, Layout layout) throws IOException {
    NpyHeader header = NpyHeader.read(file);
    boolean same =
        header.type().equals(layout.type.description.substring(1))
            && header.shape().equals(layout.shape.stream().map(Integer::longValue).toList());
    if (!same) {
      throw new IOException(
          "it is an array of type "
              + header.type()
              + " and shape "
              + header.shape()
              + ", not of type "
              + layout.type.description
              + " and shape "
              + layout.shape);
    }
    int bytes = layout.count() * layout.type.bytes;
    if (file.length - header.begin() != bytes) {
      throw new IOException(
          "it holds "
              + (file.length - header.begin())
              + " bytes of values, and type and shape need "
              + bytes);
    }
    ByteBuffer values = ByteBuffer.wrap(file).slice(header.begin(), bytes);
    boolean plain =
        !header.fortranOrder()
            && (header.order() == ByteOrder.LITTLE_ENDIAN || layout.type.bytes == 1);
    return new NpyArray(layout, plain ? values : reordered(values, header, layout));
  }

  /** The values in row-major order, little-endian. */
  private static ByteBuffer reordered(ByteBuffer values, NpyHeader header, Layout layout) {
    int width = layout.type.bytes;
    boolean reversed = header.order() == ByteOrder.BIG_ENDIAN;
    ByteBuffer ordered = ByteBuffer.allocate(values.capacity());
    int[] index = new int[layout.shape.size()];
    for (int i = 0; i < values.capacity() / width; i++) {
      int from = header.fortranOrder() ? columnMajor(index, layout.shape) : i;
      for (int b = 0; b < width; b++) {
        ordered.put(values.get(from * width + (reversed ? width - 1 - b : b)));
      }
      for (int axis = index.length - 1; axis >= 0; axis--) {
        index[axis] = (index[axis] + 1) % layout.shape.get(axis);
        if (index[axis] > 0) {
          break;
        }
      }
    }
    return ordered.flip();
  }

  private static int columnMajor(int[] index, List<Integer> shape) {
    int place = 0;
    for (int axis = index.length - 1; axis >= 0; axis--) {
      place = place * shape.get(axis) + index[axis];
    }
    return place;
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

  /** Copies {@code count} values from index {@code index} on. */
  public float[] floats(int index, int count) {
    float[] copy = new float[count];
    values
        .slice(index * Float.BYTES, count * Float.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(copy);
    return copy;
  }

  /** Copies {@code count} bytes from index {@code index} on. */
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
