package io.github.probeselect.djl.network;

/** Whether numbers are finite. */
public final class Finite {

  private Finite() {}

  /** Whether all values are finite. */
  public static boolean all(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }
}
