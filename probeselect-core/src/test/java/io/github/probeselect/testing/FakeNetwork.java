package io.github.probeselect.testing;

import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.LatentShape;
import java.util.Arrays;

/** The arithmetic of the fake model: each value depends on its arguments alone. */
final class FakeNetwork {

  private FakeNetwork() {}

  static float[] embedding(String prompt, int length) {
    float[] embedding = new float[length];
    for (int i = 0; i < length; i++) {
      embedding[i] = (float) Math.sin(prompt.hashCode() + i);
    }
    return embedding;
  }

  static float[] predict(float[] latents, double timestep, String prompt, double scale) {
    double phase = prompt.hashCode() % 1000 + timestep / 1000 + scale;
    float[] prediction = new float[latents.length];
    for (int i = 0; i < latents.length; i++) {
      float neighbour = latents[(i + 1) % latents.length];
      prediction[i] = (float) (0.7 * latents[i] + 0.3 * Math.sin(neighbour + phase + i));
    }
    return prediction;
  }

  static float[] activation(Tap tap, float[] prediction, boolean blind) {
    float[] activation = blind ? nan(tap.count()) : new float[tap.count()];
    for (int i = 0; i < prediction.length; i++) {
      activation[i % activation.length] += prediction[i] * activation.length / prediction.length;
    }
    return activation;
  }

  static float[] nan(int length) {
    float[] values = new float[length];
    Arrays.fill(values, Float.NaN);
    return values;
  }

  /**
   * The colour planes of an image: every plane is one latent channel, each latent a block of
   * pixels.
   */
  static float[] planes(float[] latents, LatentShape shape, int block) {
    int width = shape.width() * block;
    int height = shape.height() * block;
    float[] planes = new float[3 * width * height];
    for (int i = 0; i < planes.length; i++) {
      int channel = i / (width * height) % shape.channels();
      int y = i / width % height / block;
      int x = i % width / block;
      float latent = latents[(channel * shape.height() + y) * shape.width() + x];
      planes[i] = (float) (0.5 + 0.5 * Math.sin(latent));
    }
    return planes;
  }
}
