package io.github.probeselect;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.github.probeselect.noise.StartingNoise;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * The text of a PNG that image tools read: the prompt, the negative prompt if any, and a last line
 * of named settings. AUTOMATIC1111's web UI and compatible tools parse it as follows: a line that
 * begins with {@code Negative prompt:} ends the prompt, settings are separated by commas, and a
 * value in double quotes is a JSON string.
 */
final class ParametersText {

  private static final String NEGATIVE = "Negative prompt:";

  /** Characters that readers may treat as the end of a value or as quotes, or strip at its ends. */
  private static final Pattern NEEDS_QUOTES =
      Pattern.compile("[,:\"\\p{Cntrl}\\x{85}\\x{2028}\\x{2029}]|^[\\h\\v]|[\\h\\v]$");

  /** A line break in a prompt after which readers would parse the rest as the negative prompt. */
  private static final Pattern MISLEADING_BREAK =
      Pattern.compile("[\\h\\v\\x1c-\\x1f]*\\v[\\h\\v\\x1c-\\x1f]*(?=" + NEGATIVE + ")");

  private final StringBuilder text = new StringBuilder();

  private ParametersText() {}

  static String of(KeptImage kept) {
    return new ParametersText().prompts(kept.settings()).values(kept).text.toString();
  }

  private ParametersText prompts(Settings settings) {
    String prompt = joined(settings.prompt());
    boolean misleading = prompt.stripLeading().startsWith(NEGATIVE);
    text.append(misleading ? quoted(prompt) : prompt).append('\n');
    if (!settings.negativePrompt().isEmpty()) {
      text.append(NEGATIVE).append(' ').append(joined(settings.negativePrompt())).append('\n');
    }
    return this;
  }

  private ParametersText values(KeptImage kept) {
    Settings settings = kept.settings();
    text.append("Steps: ").append(settings.steps());
    value("Sampler", settings.scheduler());
    value("CFG scale", settings.guidanceScale());
    value("Seed", kept.seed());
    for (StartingNoise.Variation variation : kept.origin().noise().variations()) {
      value("Variation seed", variation.seed());
      value("Variation seed strength", variation.strength());
    }
    value("Size", settings.width() + "x" + settings.height());
    value("Model hash", settings.modelHash());
    value("Model", settings.bundle());
    value("Device", settings.device());
    score("Score", kept.score());
    score("Final score", kept.finalScore());
    value("Version", "ProbeSelect");
    return this;
  }

  private void score(String name, OptionalDouble score) {
    if (score.isPresent() && Double.isFinite(score.getAsDouble())) {
      value(name, score.getAsDouble());
    }
  }

  private void value(String name, Object value) {
    String plain = value.toString();
    text.append(", ").append(name).append(": ");
    text.append(NEEDS_QUOTES.matcher(plain).find() ? quoted(plain) : plain);
  }

  private static String quoted(String plain) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(plain)) + '"';
  }

  private static String joined(String prompt) {
    return MISLEADING_BREAK.matcher(prompt).replaceAll(" ");
  }
}
