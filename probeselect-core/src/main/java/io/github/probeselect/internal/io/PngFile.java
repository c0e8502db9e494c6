package io.github.probeselect.internal.io;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.internal.WritableText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.w3c.dom.NodeList;

/**
 * PNG files with text: each text is a chunk of its own before the pixels, where image tools look
 * for it. Texts in Latin-1 are {@code tEXt} chunks, all others {@code iTXt} chunks in UTF-8,
 * neither compressed (PNG specification, third edition, section 11.3.3). Safe for use by several
 * threads.
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
    WholeFile.write(file, encode(image, textChunks));
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

  private static byte[] encode(RgbImage image, Map<String, String> textChunks) throws IOException {
    var pixels = image.toBufferedImage();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    var content = new ByteArrayOutputStream();
    try (var output = new MemoryCacheImageOutputStream(content)) {
      IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(pixels), null);
      metadata.mergeTree(FORMAT, textNodes(textChunks));
      writer.setOutput(output);
      writer.write(new IIOImage(pixels, null, metadata));
    } finally {
      writer.dispose();
    }
    return content.toByteArray();
  }

  private static IIOMetadataNode textNodes(Map<String, String> textChunks) {
    var latin = new IIOMetadataNode("tEXt");
    var international = new IIOMetadataNode("iTXt");
    textChunks.forEach(
        (keyword, text) -> {
          requireKeyword(keyword);
          WritableText.require("the PNG text '" + keyword + "'", text);
          if (StandardCharsets.ISO_8859_1.newEncoder().canEncode(text)) {
            var entry = new IIOMetadataNode("tEXtEntry");
            entry.setAttribute("keyword", keyword);
            entry.setAttribute("value", text);
            latin.appendChild(entry);
          } else {
            var entry = new IIOMetadataNode("iTXtEntry");
            entry.setAttribute("keyword", keyword);
            entry.setAttribute("compressionFlag", "FALSE");
            entry.setAttribute("compressionMethod", "0");
            entry.setAttribute("languageTag", "");
            entry.setAttribute("translatedKeyword", "");
            entry.setAttribute("text", text);
            international.appendChild(entry);
          }
        });
    var root = new IIOMetadataNode(FORMAT);
    for (IIOMetadataNode chunks : new IIOMetadataNode[] {latin, international}) {
      if (chunks.hasChildNodes()) {
        root.appendChild(chunks);
      }
    }
    return root;
  }

  private static void requireKeyword(String keyword) {
    boolean printable =
        keyword.chars().allMatch(c -> (c >= 0x20 && c <= 0x7e) || (c >= 0xa1 && c <= 0xff));
    boolean spaced = keyword.equals(keyword.strip()) && !keyword.contains("  ");
    if (!printable || !spaced || keyword.isEmpty() || keyword.length() > 79) {
      throw new InvalidRequestException(
          "'"
              + keyword
              + "' cannot be the keyword of a PNG text; use 1 to 79 printable Latin-1 characters");
    }
  }
}
