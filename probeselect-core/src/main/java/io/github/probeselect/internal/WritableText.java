package io.github.probeselect.internal;

import io.github.probeselect.error.InvalidRequestException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which texts can be written into every file of this library: PNG texts, JSON and the names of
 * arrays. All can but those with a NUL, which ends a text in a PNG file, and those with half a
 * surrogate pair, which is no character and has no form in UTF-8. A text is checked when it is
 * given, so that no generation ends without its files. Safe for use by several threads.
 */
public final class WritableText {

  private WritableText() {}

  /**
   * Returns the text if it can be written.
   *
   * @param what what to call the text in the message, such as {@code the prompt}
   * @throws InvalidRequestException if it cannot, or is {@code null}; the message says which
   *     character is at which index
   */
  public static String require(String what, @Nullable String text) {
    String given = Arguments.require(what, text);
    fault(given)
        .ifPresent(
            fault -> {
              throw new InvalidRequestException(what + " contains " + fault);
            });
    return given;
  }

  /**
   * Describes why a text cannot be written: which character is at which index, and how to fix it.
   *
   * @return empty if it can be written
   */
  public static Optional<String> fault(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return Optional.of(
            "a NUL (U+0000) at index " + i + ", which ends a text in files; remove it");
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return Optional.of(
            String.format(
                Locale.ROOT,
                "half a surrogate pair (U+%04X) at index %d, which is no character; complete the pair or remove it",
                (int) c,
                i));
      }
    }
    return Optional.empty();
  }
}
