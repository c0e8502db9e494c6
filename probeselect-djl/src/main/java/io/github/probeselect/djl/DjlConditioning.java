package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Conditioning;
import java.util.ArrayList;
import java.util.List;

/** The outputs of the text encoder for one prompt, on the device until closed. */
final class DjlConditioning implements Conditioning {

  private final NativeArena arena;
  private final NDManager owner;
  private final List<NDArray> conditional;
  private final List<NDArray> unconditional;
  private final int promptEmbedding;
  private final List<Truncation> truncations;

  /**
   * Takes ownership of {@code owner}, which holds the arrays.
   *
   * @param conditional what the text encoder returned for the prompt, each {@code [1, ...]}
   * @param unconditional the same for the prompt of the unconditional branch; empty where the model
   *     has no such branch
   * @param promptEmbedding which of the outputs probes read
   */
  DjlConditioning(
      NativeArena arena,
      NDManager owner,
      List<NDArray> conditional,
      List<NDArray> unconditional,
      int promptEmbedding,
      List<Truncation> truncations) {
    this.arena = arena;
    this.owner = owner;
    this.conditional = conditional;
    this.unconditional = unconditional;
    this.promptEmbedding = promptEmbedding;
    this.truncations = truncations;
  }

  /**
   * Casts {@code conditioning} to this backend's type.
   *
   * @throws InvalidRequestException if another model encoded it
   */
  static DjlConditioning of(Conditioning conditioning, NativeArena arena) {
    if (conditioning instanceof DjlConditioning here && here.arena == arena) {
      return here;
    }
    throw new InvalidRequestException(
        "the prompt was encoded by another model; encode it with the model that denoises");
  }

  /**
   * The text encoder's outputs as the denoiser takes them: {@code rows} rows, or under guidance
   * twice as many, the unconditional ones first. To be called on the worker.
   */
  List<NDArray> repeated(int rows, boolean guided, NDManager temporary) {
    checkOpen();
    List<NDArray> inputs = new ArrayList<>();
    for (int output = 0; output < conditional.size(); output++) {
      NDArray prompted = repeat(conditional.get(output), rows, temporary);
      inputs.add(
          guided
              ? NDArrays.concat(
                  new NDList(repeat(unconditional.get(output), rows, temporary), prompted))
              : prompted);
    }
    return inputs;
  }

  private static NDArray repeat(NDArray row, int rows, NDManager temporary) {
    NDArray repeated = row.repeat(0, rows);
    repeated.attach(temporary);
    return repeated;
  }

  @Override
  public float[] promptEmbedding() {
    return arena.call(
        "reading the prompt embedding",
        temporary -> {
          checkOpen();
          return conditional.get(promptEmbedding).toFloatArray();
        });
  }

  @Override
  public List<Truncation> truncations() {
    return truncations;
  }

  @Override
  public void close() {
    arena.release(owner);
  }

  private void checkOpen() {
    if (!owner.isOpen()) {
      throw new BackendException("the encoded prompt is closed; encode it again");
    }
  }
}
