package io.github.probeselect;

import io.github.probeselect.bundle.LatentShape;
import java.util.List;

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
}
