package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.bundle.VerifiedFiles;
import io.github.probeselect.error.ProbeSelectException;
import java.util.List;

/** Runs modules once and compares their output with the manifest. To be used on the worker only. */
final class ModuleTrial {

  private final VerifiedFiles files;
  private final NDManager temporary;

  ModuleTrial(VerifiedFiles files, NDManager temporary) {
    this.files = files;
    this.temporary = temporary;
  }

  /**
   * Tests a metric on a black image.
   *
   * @param text the prompt
   * @throws ProbeSelectException as {@link VerifiedFiles#invalid} makes it, if the module fails, or
   *     does not return one finite score for each row
   */
  void metric(
      TorchModule module, TextTokenizer tokenizer, String text, int rows, int height, int width) {
    NDArray images = temporary.zeros(new Shape(rows, 3, height, width));
    List<NDArray> inputs = List.of(images, ids(tokenizer, text, rows));
    float[] scores = run(module, "forward", inputs, List.of(new Shape(rows))).get(0).toFloatArray();
    for (float score : scores) {
      if (!Float.isFinite(score)) {
        throw files.invalid(
            module.file()
                + ": forward returns for a black image the score "
                + score
                + "; check the weights and export it again");
      }
    }
  }

  /** The ids of a text, once for each row. */
  NDArray ids(TextTokenizer tokenizer, String text, int rows) {
    return temporary.create(tokenizer.ids(text), new Shape(1, tokenizer.length())).repeat(0, rows);
  }

  /**
   * Runs a method of a module.
   *
   * @return what it returned, float32 of the promised shapes
   * @throws ProbeSelectException as {@link VerifiedFiles#invalid} makes it, if the module fails or
   *     returns something else
   */
  List<NDArray> run(TorchModule module, String method, List<NDArray> inputs, List<Shape> promised) {
    List<NDArray> outputs;
    try {
      outputs = module.call(method, temporary, inputs);
    } catch (RuntimeException e) {
      throw files.invalid(
          module.file()
              + ": "
              + method
              + " fails on inputs of "
              + Tensors.describe(inputs)
              + ", which the manifest says it takes: "
              + NativeArena.reason(e),
          e);
    }
    boolean same = outputs.size() == promised.size();
    for (int i = 0; same && i < outputs.size(); i++) {
      same =
          outputs.get(i).getDataType() == DataType.FLOAT32
              && outputs.get(i).getShape().equals(promised.get(i));
    }
    if (!same) {
      throw files.invalid(
          module.file()
              + ": "
              + method
              + " returns "
              + Tensors.describe(outputs)
              + ", but by the manifest it is float32 "
              + String.join(", ", promised.stream().map(Tensors::describe).toList())
              + "; export it again");
    }
    return outputs;
  }
}
