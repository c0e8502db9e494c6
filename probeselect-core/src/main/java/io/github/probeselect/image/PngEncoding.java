package io.github.probeselect.image;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.WritableText;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * PNG with text: each text is a chunk of its own before the pixels, where image tools look for it.
 * Texts in Latin-1 are {@code tEXt} chunks, all others {@code iTXt} chunks in UTF-8, neither
 * compressed (PNG specification, third edition, section 11.3.3). Safe for use by several threads.
 */
final class PngEncoding {

  private static final String FORMAT = "javax_imageio_png_1.0";

  private PngEncoding() {}

  static byte[] encode(BufferedImage pixels, Map<String, String> textChunks) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    var content = new ByteArrayOutputStream();
    try (var output = new MemoryCacheImageOutputStream(content)) {
      IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(pixels), null);
      metadata.mergeTree(FORMAT, textNodes(textChunks));
      writer.setOutput(output);
      writer.write(new IIOImage(pixels, null, metadata));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
