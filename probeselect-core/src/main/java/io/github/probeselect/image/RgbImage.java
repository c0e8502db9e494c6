package io.github.probeselect.image;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An immutable 8-bit RGB image. Rows run from top to bottom, pixels from left to right, three bytes
 * each in the order red, green, blue.
 */
public final class RgbImage {

  private final int width;
  private final int height;
  private final byte[] rgb;
  private final boolean isVoid;

  private RgbImage(int width, int height, byte[] rgb, boolean isVoid) {
    this.width = width;
    this.height = height;
    this.rgb = rgb;
    this.isVoid = isVoid;
  }

  /**
   * Returns an image of the given size in pixels.
   *
   * @param rgb {@code height * width * 3} bytes, copied
   * @throws InvalidRequestException if the size is not positive or the array has another length
   */
  public static RgbImage of(int width, int height, byte[] rgb) {
    Arguments.require("rgb", rgb);
    if (width < 1 || height < 1 || rgb.length % 3 != 0 || rgb.length / 3 != (long) width * height) {
      throw new InvalidRequestException(
          "an image of "
              + width
              + "x"
              + height
              + " pixels needs a positive size and width * height * 3 bytes, got "
              + rgb.length);
    }
    return new RgbImage(width, height, rgb.clone(), false);
  }

  /**
   * Quantises a picture in planes to 8 bits: {@code round(255 * clamp(v, 0, 1))}, halves to even,
   * which is what diffusers does with the output of its image decoder. If a value is infinite or
   * NaN, which becomes black, the image is {@linkplain #isVoid() void}.
   *
   * @param planes red, green, blue planes one after the other, {@code 3 * height * width} values in
   *     [0, 1]
   * @throws InvalidRequestException if the size is not positive or the array has another length
   */
  public static RgbImage ofPlanes(int width, int height, float[] planes) {
    Arguments.require("planes", planes);
    if (width < 1
        || height < 1
        || planes.length % 3 != 0
        || planes.length / 3 != (long) width * height) {
      throw new InvalidRequestException(
          "planes of "
              + width
              + "x"
              + height
              + " pixels need a positive size and 3 * height * width values, got "
              + planes.length);
    }
    int area = width * height;
    byte[] rgb = new byte[3 * area];
    boolean isFinite = true;
    for (int pixel = 0; pixel < area; pixel++) {
      for (int channel = 0; channel < 3; channel++) {
        float made = planes[channel * area + pixel];
        isFinite &= Float.isFinite(made);
        float value = Math.min(1f, Math.max(0f, made));
        rgb[3 * pixel + channel] = (byte) (int) Math.rint(255f * value);
      }
    }
    return new RgbImage(width, height, rgb, !isFinite);
  }

  /**
   * Returns the image as this class holds it; transparency is dropped.
   *
   * @throws InvalidRequestException if it has more pixels than an array can hold
   */
  public static RgbImage of(BufferedImage image) {
    Arguments.require("image", image);
    if ((long) image.getWidth() * image.getHeight() > Integer.MAX_VALUE / 3) {
      throw new InvalidRequestException(
          "an image of "
              + image.getWidth()
              + "x"
              + image.getHeight()
              + " pixels takes more than 2 GiB; scale it down");
    }
    byte[] rgb = new byte[image.getWidth() * image.getHeight() * 3];
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int pixel = image.getRGB(x, y);
        rgb[at++] = (byte) (pixel >> 16);
        rgb[at++] = (byte) (pixel >> 8);
        rgb[at++] = (byte) pixel;
      }
    }
    return new RgbImage(image.getWidth(), image.getHeight(), rgb, false);
  }

  /**
   * Whether a value that the image was made from was not finite, for instance because a decoder
   * overflows in half precision. The pixels of a void image are meaningless, and it is not passed
   * to metrics.
   */
  public boolean isVoid() {
    return isVoid;
  }

  /** The same pixels, marked as void. */
  public RgbImage asVoid() {
    return isVoid ? this : new RgbImage(width, height, rgb, true);
  }

  /** The width in pixels. */
  public int width() {
    return width;
  }

  /** The height in pixels. */
  public int height() {
    return height;
  }

  /** The red value at column {@code x} and row {@code y}, 0 to 255. */
  public int red(int x, int y) {
    return component(x, y, 0);
  }

  /** The green value at column {@code x} and row {@code y}, 0 to 255. */
  public int green(int x, int y) {
    return component(x, y, 1);
  }

  /** The blue value at column {@code x} and row {@code y}, 0 to 255. */
  public int blue(int x, int y) {
    return component(x, y, 2);
  }

  private int component(int x, int y, int channel) {
    return rgb[3 * (y * width + x) + channel] & 0xff;
  }

  /** A copy of the bytes: {@code height * width * 3}, row by row, red, green, blue. */
  public byte[] toBytes() {
    return rgb.clone();
  }

  /** The image as planes of values in [0, 1]: all red, then all green, then all blue. */
  public float[] toPlanes() {
    int area = width * height;
    float[] planes = new float[3 * area];
    for (int pixel = 0; pixel < area; pixel++) {
      for (int channel = 0; channel < 3; channel++) {
        planes[channel * area + pixel] = (rgb[3 * pixel + channel] & 0xff) / 255f;
      }
    }
    return planes;
  }

  /** The image for Java's own imaging and Swing, of type {@link BufferedImage#TYPE_INT_RGB}. */
  public BufferedImage toBufferedImage() {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, red(x, y) << 16 | green(x, y) << 8 | blue(x, y));
      }
    }
    return image;
  }

  /**
   * The image as a PNG. That of a void image has a text chunk {@code Warning} that tells so.
   * Jackson writes an image as these bytes, in base64.
   *
   * @return the content of a PNG file, a new array
   */
  @JsonValue
  public byte[] toPng() {
    return toPng(Map.of());
  }

  /**
   * The image as a PNG with texts. That of a void image has a text chunk {@code Warning} too.
   *
   * @param textChunks texts by keyword, written in the order of the map, before the pixels; a
   *     keyword has 1 to 79 Latin-1 characters without control characters and without spaces at its
   *     ends or in a row, a text is any that contains no NUL and no half of a surrogate pair
   * @return the content of a PNG file, a new array
   * @throws InvalidRequestException if a keyword or a text is not of that form
   */
  public byte[] toPng(Map<String, String> textChunks) {
    Map<String, String> texts = new LinkedHashMap<>(Arguments.require("textChunks", textChunks));
    if (isVoid) {
      texts.putIfAbsent("Warning", "this image is void: it is not made of finite numbers");
    }
    return PngEncoding.encode(toBufferedImage(), texts);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RgbImage image
        && width == image.width
        && height == image.height
        && isVoid == image.isVoid
        && Arrays.equals(rgb, image.rgb);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(rgb);
  }

  @Override
  public String toString() {
    return "RgbImage[" + width + "x" + height + (isVoid ? ", void]" : "]");
  }
}
