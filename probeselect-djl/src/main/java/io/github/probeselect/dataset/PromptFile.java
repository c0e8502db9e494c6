package io.github.probeselect.dataset;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.internal.WritableText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Files of prompts, one a line, as ordinary editors write them: UTF-8 with or without byte order
 * mark, or UTF-16 with one; lines end with LF, CR LF or CR. White space around a prompt is dropped,
 * and so are lines that hold nothing else. What is no prompt is refused with its line. Safe for use
 * by several threads.
 *
 * <p>{@code models/probeselect_models/files/prompt_file.py} has the same rules, and both are tested
 * with the same files.
 */
public final class PromptFile {

  private static final Pattern LINE_END = Pattern.compile("\r\n|\n|\r");

  /** With the byte order mark that a file joined from several has in its middle. */
  private static final Pattern AROUND =
      Pattern.compile("^[\\p{IsWhite_Space}\uFEFF]+|[\\p{IsWhite_Space}\uFEFF]+$");

  private PromptFile() {}

  /**
   * Reads all prompts of a file.
   *
   * @return at least one, none twice, in the order of the file
   * @throws InvalidRequestException if there is no such file, it is in another encoding, a prompt
   *     occurs twice or holds a NUL, or there is none; the message names file and line
   * @throws IOException if the file cannot be read
   */
  public static List<String> read(Path file) throws IOException {
    Arguments.require("file", file);
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new InvalidRequestException("there is no file of prompts " + file, e);
    }
    return read(bytes, file.toString());
  }

  private static List<String> read(byte[] bytes, String file) {
    String[] lines = LINE_END.split(decoded(bytes, file), -1);
    Map<String, Integer> found = new LinkedHashMap<>();
    for (int i = 0; i < lines.length; i++) {
      int line = i + 1;
      String prompt = AROUND.matcher(lines[i]).replaceAll("");
      if (prompt.isEmpty()) {
        continue;
      }
      WritableText.fault(prompt)
          .ifPresent(
              fault -> {
                throw refused(file, line, "the prompt contains " + fault);
              });
      Integer before = found.putIfAbsent(prompt, line);
      if (before != null) {
        throw refused(file, line, "the same prompt as in line " + before + "; delete one");
      }
    }
    if (found.isEmpty()) {
      throw new InvalidRequestException(
          "the file of prompts " + file + " holds no prompt; write one a line");
    }
    return List.copyOf(found.keySet());
  }

  /**
   * Reads the first prompts of a file. All of it is checked.
   *
   * @param count how many at the most, at least 1
   * @throws InvalidRequestException as {@link #read(Path)} does, or if {@code count} is less than 1
   * @throws IOException if the file cannot be read
   */
  public static List<String> read(Path file, int count) throws IOException {
    checkCount(count, String.valueOf(file));
    return first(count, read(file));
  }

  /**
   * Reads the first prompts of a stream, which has to be closed by the caller. All of it is
   * checked.
   *
   * @param name what messages call it
   * @param count how many at the most, at least 1
   * @throws InvalidRequestException as {@link #read(Path, int)} does
   * @throws IOException if the stream cannot be read
   */
  public static List<String> read(InputStream stream, String name, int count) throws IOException {
    checkCount(count, name);
    return first(count, read(Arguments.require("stream", stream).readAllBytes(), name));
  }

  private static void checkCount(int count, String file) {
    if (count < 1) {
      throw new InvalidRequestException(
          count + " prompts of " + file + "; at least one prompt is needed");
    }
  }

  private static List<String> first(int count, List<String> prompts) {
    return prompts.subList(0, Math.min(count, prompts.size()));
  }

  private static String decoded(byte[] bytes, String file) {
    if (begins(bytes, 0xff, 0xfe, 0, 0) || begins(bytes, 0, 0, 0xfe, 0xff)) {
      throw refused(file, 1, "a byte order mark of UTF-32; save the file as UTF-8");
    }
    if (begins(bytes, 0xff, 0xfe)) {
      return decoded(bytes, 2, StandardCharsets.UTF_16LE, file);
    }
    if (begins(bytes, 0xfe, 0xff)) {
      return decoded(bytes, 2, StandardCharsets.UTF_16BE, file);
    }
    return decoded(bytes, begins(bytes, 0xef, 0xbb, 0xbf) ? 3 : 0, StandardCharsets.UTF_8, file);
  }

  private static boolean begins(byte[] bytes, int... mark) {
    if (bytes.length < mark.length) {
      return false;
    }
    for (int i = 0; i < mark.length; i++) {
      if ((bytes[i] & 0xff) != mark[i]) {
        return false;
      }
    }
    return true;
  }

  private static String decoded(byte[] bytes, int from, Charset charset, String file) {
    ByteBuffer content = ByteBuffer.wrap(bytes, from, bytes.length - from);
    CharBuffer text = CharBuffer.allocate(bytes.length);
    CoderResult result = charset.newDecoder().decode(content, text, true);
    text.flip();
    if (result.isError()) {
      int line = LINE_END.split(text, -1).length;
      String found =
          content.hasRemaining()
              ? String.format(Locale.ROOT, "the byte 0x%02X", content.get(content.position()))
              : "the end";
      throw refused(file, line, found + " is not " + charset.name() + "; save the file as UTF-8");
    }
    return text.toString();
  }

  private static InvalidRequestException refused(String file, int line, String what) {
    return new InvalidRequestException("file of prompts " + file + ", line " + line + ": " + what);
  }
}
