package io.github.probeselect;

import io.github.probeselect.model.Conditioning;
import io.github.probeselect.model.Conditioning.Truncation;
import io.github.probeselect.model.DiffusionModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The encoded prompts of candidates, each encoded once, until closed. */
final class PromptEncodings implements AutoCloseable {

  private final DiffusionModel model;
  private final String negativePrompt;
  private final Map<String, Conditioning> encoded = new LinkedHashMap<>();

  PromptEncodings(DiffusionModel model, String negativePrompt) {
    this.model = model;
    this.negativePrompt = negativePrompt;
  }

  /** Encodes those of the given candidates. */
  PromptEncodings encode(List<Origin> origins, SettingsValues settings) {
    try {
      origins.forEach(origin -> of(settings.of(origin).prompt()));
      return this;
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  Conditioning of(String prompt) {
    return encoded.computeIfAbsent(prompt, text -> model.encode(text, negativePrompt));
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
