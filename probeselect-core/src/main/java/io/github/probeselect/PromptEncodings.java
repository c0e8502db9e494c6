package io.github.probeselect;

import io.github.probeselect.internal.UnreadableTextException;
import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Conditioning.Truncation;
import io.github.probeselect.model.DiffusionModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The encoded prompts of candidates, each encoded once, until closed. */
final class PromptEncodings implements AutoCloseable {

  /** What {@link DiffusionModel#encode} calls its first argument. */
  private static final String PROMPT = "prompt";

  private final DiffusionModel model;
  private final SettingsValues settings;
  private final boolean releasing;
  private final Map<String, Conditioning> encoded = new LinkedHashMap<>();

  /**
   * No prompt is encoded yet.
   *
   * @param settings those that all candidates share
   * @param releasing whether the text encoder is released whenever prompts have been encoded
   */
  PromptEncodings(DiffusionModel model, SettingsValues settings, boolean releasing) {
    this.model = model;
    this.settings = settings;
    this.releasing = releasing;
  }

  /**
   * Encodes those of the given candidates.
   *
   * @throws io.github.probeselect.error.InvalidRequestException if a text cannot be read, which is
   *     named as prompt, negative prompt or wording
   */
  PromptEncodings encode(List<Origin> origins) {
    try {
      origins.forEach(origin -> encoding(settings.of(origin).prompt()));
    } catch (RuntimeException | Error e) {
      close();
      try {
        release();
      } catch (RuntimeException failure) {
        e.addSuppressed(failure);
      }
      throw e;
    }
    release();
    return this;
  }

  Conditioning of(String prompt) {
    Conditioning known = encoded.get(prompt);
    if (known != null) {
      return known;
    }
    Conditioning late = encoding(prompt);
    release();
    return late;
  }

  private Conditioning encoding(String prompt) {
    return encoded.computeIfAbsent(
        prompt,
        text -> {
          try {
            return model.encode(text, settings.negativePrompt());
          } catch (UnreadableTextException e) {
            boolean wording = e.name().equals(PROMPT) && !text.equals(settings.prompt());
            throw wording ? e.named("wording") : e;
          }
        });
  }

  private void release() {
    if (releasing) {
      model.releaseTextEncoder();
    }
  }

  /** Truncated texts; equal truncations of several wordings once. */
  List<Truncation> truncations() {
    List<Truncation> truncations = new ArrayList<>();
    for (Conditioning conditioning : encoded.values()) {
      conditioning.truncations().stream()
          .filter(cut -> !truncations.contains(cut))
          .forEach(truncations::add);
    }
    return truncations;
  }

  @Override
  public void close() {
    encoded.values().forEach(Conditioning::close);
    encoded.clear();
  }
}
