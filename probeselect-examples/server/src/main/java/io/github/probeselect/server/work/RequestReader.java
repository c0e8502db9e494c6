package io.github.probeselect.server.work;

import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.server.ServerProperties;
import io.github.probeselect.server.ServerProperties.Limits;
import io.github.probeselect.server.web.Fields;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** Reads the fields that a request has in every API, under the names that this API gives them. */
@Component
public final class RequestReader {

  /** The highest seed; the noise of higher ones is that of a lower one. */
  public static final long MAX_SEED = 0xFFFF_FFFFL;

  private static final int CANDIDATES_PER_IMAGE = 4;
  private static final double DECIDE_AT = 0.2;
  private static final Pattern SIZE = Pattern.compile("(\\d{1,6})[xX](\\d{1,6})");

  private final Pipeline pipeline;
  private final Limits limits;

  RequestReader(Pipeline pipeline, ServerProperties properties) {
    this.pipeline = pipeline;
    this.limits = properties.limits();
  }

  /**
   * What an API calls the fields.
   *
   * @param keep the number of images
   * @param seed the first seed
   * @param steps the denoising steps
   * @param guidanceScale the guidance scale
   * @param negativePrompt the negative prompt
   */
  public record Names(
      String keep, String seed, String steps, String guidanceScale, String negativePrompt) {}

  /**
   * Width and height of an image.
   *
   * @param width in pixels
   * @param height in pixels
   */
  public record Size(int width, int height) {}

  /** The limits of this server. */
  public Limits limits() {
    return limits;
  }

  /** Reads a request; wrong fields are noted in {@code fields}, and thrown. */
  public ImageRequest read(Fields fields, Names names, Size size, int keep) {
    BundleManifest.Defaults defaults = manifest().defaults();
    String prompt = fields.prompt("prompt", limits.promptLength());
    String negativePrompt = fields.text(names.negativePrompt, "", limits.promptLength());
    if (!negativePrompt.isEmpty() && manifest().guidance() != Guidance.CLASSIFIER_FREE) {
      fields.wrong(
          names.negativePrompt,
          "has no effect in this model, whose guidance is built in; leave it out");
    }
    boolean withBudget = fields.has("budget");
    OptionalDouble budget =
        withBudget
            ? OptionalDouble.of(fields.number("budget", keep, keep, limits.candidates()))
            : OptionalDouble.empty();
    if (withBudget && pipeline.calibration().isEmpty()) {
      fields.wrong("budget", "needs a model with a calibration; give 'candidates' instead");
    }
    if (withBudget && fields.has("candidates")) {
      fields.wrong("candidates", "is chosen by the plan for the budget; give one of the two");
    }
    int steps = fields.whole(names.steps, defaults.steps(), 1, limits.steps());
    if (withBudget && pipeline.calibration().isPresent() && steps != defaults.steps()) {
      int calibrated = pipeline.calibration().get().readings().steps();
      if (steps != calibrated) {
        fields.wrong(
            names.steps,
            "must be left out with a budget; the model was calibrated for " + calibrated);
      }
    }
    int candidates =
        fields.whole(
            "candidates",
            Math.max(keep, Math.min(CANDIDATES_PER_IMAGE * keep, limits.candidates())),
            keep,
            Math.max(keep, limits.candidates()));
    long seed = fields.whole(names.seed, -1, -1, MAX_SEED);
    ImageRequest request =
        new ImageRequest(
            prompt,
            negativePrompt,
            candidates,
            keep,
            seed < 0 ? OptionalLong.empty() : OptionalLong.of(seed),
            steps,
            fields.number(names.guidanceScale, defaults.guidanceScale(), 0, 1000),
            size.width,
            size.height,
            fields.number("decide_at", DECIDE_AT, 0.01, 1),
            budget,
            fields.flag("reproducible", false));
    fields.check();
    return request;
  }

  /** Reads how many images are wanted. */
  public int keep(Fields fields, String name) {
    return fields.whole(name, 1, 1, limits.images());
  }

  /** Reads a size as OpenAI writes it, {@code 64x64}; the model's own if it is absent or auto. */
  public Size size(Fields fields, String name) {
    String text = fields.text(name).orElse("auto");
    if (text.equals("auto")) {
      return defaultSize();
    }
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      fields.wrong(name, "must be WIDTHxHEIGHT in pixels, or auto; " + possible());
      return defaultSize();
    }
    Size size = new Size(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    return checked(fields, name, name, size);
  }

  /** Reads a size as two fields. */
  public Size size(Fields fields, String width, String height) {
    Size size =
        new Size(
            fields.whole(width, manifest().defaults().width(), 1, 999_999),
            fields.whole(height, manifest().defaults().height(), 1, 999_999));
    return checked(fields, width, height, size);
  }

  private Size checked(Fields fields, String width, String height, Size size) {
    BundleManifest.SizeRule rule = manifest().size();
    boolean possible = true;
    if (!fits(rule, size.width)) {
      fields.wrong(width, "a width of " + size.width + " is not possible; " + possible());
      possible = false;
    }
    if (!fits(rule, size.height)) {
      fields.wrong(height, "a height of " + size.height + " is not possible; " + possible());
      possible = false;
    }
    if ((long) size.width * size.height > limits.pixels()) {
      fields.wrong(
          width, "width times height is more than the " + limits.pixels() + " pixels allowed here");
      possible = false;
    }
    if (possible) {
      try {
        manifest().latentShape(size.width, size.height);
      } catch (InvalidRequestException e) {
        fields.wrong(width, String.valueOf(e.getMessage()));
        possible = false;
      }
    }
    return possible ? size : defaultSize();
  }

  private static boolean fits(BundleManifest.SizeRule rule, int pixels) {
    return pixels >= rule.min() && pixels <= rule.max() && pixels % rule.multipleOf() == 0;
  }

  private Size defaultSize() {
    return new Size(manifest().defaults().width(), manifest().defaults().height());
  }

  private String possible() {
    BundleManifest.SizeRule rule = manifest().size();
    return String.format(
        Locale.ROOT,
        "this model makes widths and heights that are multiples of %d from %d to %d; its own size is %dx%d",
        rule.multipleOf(),
        rule.min(),
        rule.max(),
        manifest().defaults().width(),
        manifest().defaults().height());
  }

  private BundleManifest manifest() {
    return pipeline.manifest();
  }
}
