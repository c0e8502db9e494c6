package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.djl.network.Finite;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import java.util.List;

/**
 * The VAE decoder module, or a preview decoder: decodes the latents of one candidate to an image.
 */
final class ImageDecoder {

  private final NativeArena arena;
  private final TorchModule module;
  private final int pixelsPerLatent;

  ImageDecoder(NativeArena arena, TorchModule module, int pixelsPerLatent) {
    this.arena = arena;
    this.module = module;
    this.pixelsPerLatent = pixelsPerLatent;
  }

  RgbImage decode(float[] latents, LatentShape shape) {
    if (latents.length != shape.count()) {
      throw new InvalidRequestException(
          "latents of " + shape + " have " + shape.count() + " values, got " + latents.length);
    }
    float[] planes =
        arena.call(
            1,
            "decoding an image",
            temporary -> {
              NDArray input =
                  HeapNumbers.copied(
                      latents,
                      new Shape(1, shape.channels(), shape.height(), shape.width()),
                      temporary);
              return module.call("forward", temporary, List.of(input)).get(0).toFloatArray();
            });
    RgbImage image =
        RgbImage.ofPlanes(
            shape.width() * pixelsPerLatent, shape.height() * pixelsPerLatent, planes);
    return Finite.all(latents) ? image : image.asVoid();
  }
}
