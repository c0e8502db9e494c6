package io.github.probeselect.spring;

import io.github.probeselect.error.InvalidRequestException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.image.ImageMessage;
import org.springframework.util.StringUtils;

/** The prompt that the messages of a call make together. */
final class PromptText {

  private static final String SEPARATOR = ", ";

  private PromptText() {}

  /**
   * Joins the texts of the messages.
   *
   * @throws InvalidRequestException if there is no message, or one has no text, a weight other than
   *     1, or media
   */
  static String of(@Nullable List<? extends @Nullable ImageMessage> messages) {
    if (messages == null || messages.isEmpty()) {
      throw new InvalidRequestException(
          "the prompt has no messages; give one, which says what the image shows");
    }
    StringBuilder prompt = new StringBuilder();
    for (int i = 0; i < messages.size(); i++) {
      prompt.append(i == 0 ? "" : SEPARATOR).append(text("messages[" + i + "]", messages.get(i)));
    }
    return prompt.toString();
  }

  private static String text(String name, @Nullable ImageMessage message) {
    if (message == null) {
      throw new InvalidRequestException(name + " is null; leave it out");
    }
    String text = message.getText();
    if (!StringUtils.hasText(text)) {
      throw new InvalidRequestException(
          name + " has no text; say what the image shows, or leave the message out");
    }
    Float weight = message.getWeight();
    if (weight != null && weight != 1) {
      throw new InvalidRequestException(
          name
              + " has the weight "
              + weight
              + ", but this model does not weigh texts; leave the weight out"
              + (weight < 0 ? ", and put what to avoid into the option negativePrompt" : ""));
    }
    if (!message.getMedia().isEmpty()) {
      throw new InvalidRequestException(
          name + " has media, but this model draws from text alone; leave them out");
    }
    return text;
  }
}
