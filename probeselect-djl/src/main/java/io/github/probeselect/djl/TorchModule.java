package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.error.InvalidBundleException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A TorchScript module of a bundle. To be used on the worker only. */
final class TorchModule {

  private final String file;
  private final PtSymbolBlock block;

  private TorchModule(String file, PtSymbolBlock block) {
    this.file = file;
    this.block = block;
  }

  /**
   * Loads a module.
   *
   * @param owner whose closing releases the module
   * @throws InvalidBundleException if the file holds no TorchScript that this PyTorch can read
   */
  static TorchModule load(Bundle bundle, String file, NDManager owner) {
    try {
      PtSymbolBlock block = load(bundle, file, (PtNDManager) owner);
      JniUtils.enableInferenceMode(block);
      return new TorchModule(file, block);
    } catch (RuntimeException | IOException e) {
      throw new InvalidBundleException(
          "bundle "
              + bundle.location()
              + ": "
              + file
              + " is not a TorchScript module that PyTorch can load: "
              + NativeArena.reason(e),
          e);
    }
  }

  /** By its path where it has one: read from a stream, a module is in memory twice for a while. */
  private static PtSymbolBlock load(Bundle bundle, String file, PtNDManager owner)
      throws IOException {
    Optional<Path> path = bundle.path(file);
    if (path.isPresent()) {
      String[] noExtraFiles = {};
      return JniUtils.loadModule(
          owner, path.get(), false, noExtraFiles, noExtraFiles, /* trainParam= */ false);
    }
    try (InputStream stream = bundle.read(file)) {
      return JniUtils.loadModule(owner, stream, false, false);
    }
  }

  /** Its file in the bundle. */
  String file() {
    return file;
  }

  /**
   * Runs a method of the module.
   *
   * @param results the manager that will own what the method returns
   * @return the tensors that it returns, alone or in a tuple
   * @throws RuntimeException if the module fails, or returns what may not cross the border
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
