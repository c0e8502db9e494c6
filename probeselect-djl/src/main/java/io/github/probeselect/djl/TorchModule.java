package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.github.probeselect.bundle.VerifiedFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A TorchScript module. To be used on the worker only. */
final class TorchModule {

  /**
   * The weights are loaded onto the owner's device, whatever device they were saved from. (PyTorch
   * cannot do so for MPS; DJL leaves it out there.)
   */
  private static final boolean TO_THE_DEVICE = true;

  private final String file;
  private final PtSymbolBlock block;

  private TorchModule(String file, PtSymbolBlock block) {
    JniUtils.enableInferenceMode(block);
    this.file = file;
    this.block = block;
  }

  /**
   * Loads a module of a bundle or a metric.
   *
   * @param owner whose closing releases the module
   * @throws io.github.probeselect.error.ProbeSelectException as {@link VerifiedFiles#invalid} makes
   *     it, if the file holds no TorchScript that this PyTorch can read
   */
  static TorchModule load(VerifiedFiles files, String file, NDManager owner) {
    try {
      return load(files, file, (PtNDManager) owner);
    } catch (RuntimeException | IOException e) {
      throw files.invalid(
          file + " is not a TorchScript module that PyTorch can load: " + NativeArena.reason(e), e);
    }
  }

  /** Loads by path if there is one: from a stream, a module is temporarily in memory twice. */
  private static TorchModule load(VerifiedFiles files, String file, PtNDManager owner)
      throws IOException {
    Optional<Path> path = files.path(file);
    if (path.isPresent()) {
      String[] noExtraFiles = {};
      return new TorchModule(
          file,
          JniUtils.loadModule(
              owner,
              path.get(),
              TO_THE_DEVICE,
              noExtraFiles,
              noExtraFiles,
              /* trainParam= */ false));
    }
    try (InputStream stream = files.read(file)) {
      return load(file, stream, owner);
    }
  }

  /**
   * Loads a module from its content.
   *
   * @param file the name of its file, for messages
   * @param owner whose closing releases the module
   * @throws IOException if the content cannot be read
   * @throws RuntimeException if it is no TorchScript that this PyTorch can read
   */
  static TorchModule load(String file, InputStream content, NDManager owner) throws IOException {
    return new TorchModule(
        file,
        JniUtils.loadModule((PtNDManager) owner, content, TO_THE_DEVICE, /* hasSize= */ false));
  }

  /** The name of its file. */
  String file() {
    return file;
  }

  /**
   * Runs a method of the module.
   *
   * @param results the manager that will own what the method returns
   * @return the tensors that it returns, alone or in a tuple
   * @throws RuntimeException if the module fails, or returns a type that may not cross the boundary
   */
  List<NDArray> call(String method, NDManager results, List<NDArray> inputs) {
    List<IValue> arguments = new ArrayList<>();
    try {
      for (NDArray input : inputs) {
        arguments.add(IValue.from((PtNDArray) input));
      }
      try (IValue returned =
          IValueUtils.runMethod(block, method, arguments.toArray(IValue[]::new))) {
        List<NDArray> outputs = List.copyOf(returned.toNDList((PtNDManager) results));
        outputs.forEach(output -> BoundaryTypes.check(output, "what " + file + " returns"));
        return outputs;
      }
    } finally {
      arguments.forEach(IValue::close);
    }
  }
}
