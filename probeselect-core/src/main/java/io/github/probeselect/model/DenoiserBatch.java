package io.github.probeselect.model;

import io.github.probeselect.bundle.LatentShape;
import java.util.List;

/**
 * The input of one denoiser call. Row {@code i} of every output belongs to row {@code i} of {@link
 * #latents}.
 *
 * @param shape the shape of each row
 * @param latents one array of {@code shape.count()} values per candidate; not modified and not kept
 *     by the callee
 * @param timestep the timestep of all rows, in the unit of the model's schedule
 * @param conditioning the encoded prompt
 * @param guidanceScale the guidance scale, read only by denoisers with embedded guidance
 * @param unconditional whether the unconditional branch is evaluated too (classifier-free guidance)
 */
public record DenoiserBatch(
    LatentShape shape,
    List<float[]> latents,
    double timestep,
    Conditioning conditioning,
    double guidanceScale,
    boolean unconditional) {

  /** Creates a batch of at least one row. */
  public DenoiserBatch {
    latents = List.copyOf(latents);
  }

  /** The number of candidates in this call. */
  public int size() {
    return latents.size();
  }
}
