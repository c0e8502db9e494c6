package io.github.probeselect;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.internal.io.JsonFields;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings that, with a seed, determine an image. Two runs with equal settings and equal seed
 * give the same image, however many other candidates run beside it.
 */
public sealed interface Settings permits SettingsValues {

  /** The name of the model. */
  String bundle();

  /** The first ten digits of the SHA-256 of its denoiser. */
  String modelHash();

  /** The prompt. */
  String prompt();

  /** The prompt of the unconditional branch, empty by default. */
  String negativePrompt();

  /** The name of the scheduler. */
  String scheduler();

  /** Denoising steps asked for. */
  int steps();

  /**
   * Steps of the schedule, each one denoiser evaluation: as many as asked for, except that PLMS
   * evaluates once more.
   */
  int scheduleSteps();

  /** After how many steps of the schedule candidates may be dropped, rising. */
  List<Integer> decisionSteps();

  /** The guidance scale. */
  double guidanceScale();

  /** In pixels. */
  int width();

  /** In pixels. */
  int height();

  /** The shape of the latents. */
  LatentShape latentShape();

  /**
   * The device that the model ran on: {@code cpu}, {@code cuda:0}, {@code mps}. Devices of
   * different types, or models of a GPU, differ in rounding.
   */
  String device();

  /** Whether results are the same bit for bit whatever runs beside. */
  boolean reproducible();

  /**
   * The fields of its JSON form by name, in the form that {@code docs/integrations.md} describes;
   * Jackson writes the value so. Unmodifiable.
   */
  @JsonValue
  default Map<String, @Nullable Object> toMap() {
    return new JsonFields()
        .with("bundle", bundle())
        .with("modelHash", modelHash())
        .with("prompt", prompt())
        .with("negativePrompt", negativePrompt())
        .with("scheduler", scheduler())
        .with("steps", steps())
        .with("scheduleSteps", scheduleSteps())
        .with("decisionSteps", decisionSteps())
        .number("guidanceScale", guidanceScale())
        .with("width", width())
        .with("height", height())
        .with(
            "latentShape",
            new JsonFields()
                .with("channels", latentShape().channels())
                .with("height", latentShape().height())
                .with("width", latentShape().width())
                .toMap())
        .with("device", device())
        .with("reproducible", reproducible())
        .toMap();
  }
}
