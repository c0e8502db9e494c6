package io.github.probeselect.internal.io;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.Arguments;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.w3c.dom.NodeList;

/**
 * PNG files with text, in the form of {@link RgbImage#toPng(Map)}. Safe for use by several threads.
 */
public final class PngFile {

  private static final String FORMAT = "javax_imageio_png_1.0";

  private PngFile() {}

  /**
   * Writes an image. The file appears at once and complete, or not at all: it is written beside its
   * place under another name and then moved, replacing a file that was there. Missing directories
   * are created.
   *
   * @param file where to
   * @param image the pixels
   * @param textChunks texts by keyword, written in the order of the map; a keyword has 1 to 79
   *     Latin-1 characters without control characters and without spaces at its ends or in a row, a
   *     text is any that contains no NUL and no half of a surrogate pair
   * @throws InvalidRequestException if a keyword or a text is not of that form
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, RgbImage image, Map<String, String> textChunks)
      throws IOException {
    Arguments.require("file", file);
    Arguments.require("image", image);
    Arguments.require("textChunks", textChunks);
    WholeFile.write(file, image.toPng(textChunks));
  }

  /**
   * Reads the texts of a PNG file, also compressed ones, by keyword. Of several texts with the same
   * keyword the first counts.
   *
   * @param file a PNG file, by whichever program
   * @return an unmodifiable map, empty if there are no texts
   * @throws IOException if the file cannot be read or is not a PNG file
   */
  public static Map<String, String> readText(Path file) throws IOException {
    byte[] content = Files.readAllBytes(Arguments.require("file", file));
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (var input = new MemoryCacheImageInputStream(new ByteArrayInputStream(content))) {
      reader.setInput(input);
      var root = (IIOMetadataNode) reader.getImageMetadata(0).getAsTree(FORMAT);
      Map<String, String> texts = new LinkedHashMap<>();
      collect(root.getElementsByTagName("tEXtEntry"), "value", texts);
      collect(root.getElementsByTagName("zTXtEntry"), "text", texts);
      collect(root.getElementsByTagName("iTXtEntry"), "text", texts);
      return Collections.unmodifiableMap(texts);
    } catch (IOException | RuntimeException e) {
      throw new IOException("cannot read " + file + " as a PNG file: " + e.getMessage(), e);
    } finally {
      reader.dispose();
    }
  }

  private static void collect(NodeList entries, String attribute, Map<String, String> texts) {
    for (int i = 0; i < entries.getLength(); i++) {
      var entry = (IIOMetadataNode) entries.item(i);
      texts.putIfAbsent(entry.getAttribute("keyword"), entry.getAttribute(attribute));
    }
  }
}
