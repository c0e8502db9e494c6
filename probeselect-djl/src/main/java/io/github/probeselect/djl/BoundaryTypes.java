package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Set;

/**
 * The data types that may cross the border between Java and PyTorch: 32-bit floats and 64-bit integers.
 *
 * <p>This is the one place that knows why: an array of type {@link DataType#BFLOAT16} ends the Java process without an
 * exception as soon as DJL creates, copies or converts it. Whatever comes from outside, a module's output or a file of
 * tensors, is therefore checked here before DJL touches its values. Other types would be harmless but have no use.
 */
final class BoundaryTypes {

  private static final Set<DataType> ARRAYS = Set.of(DataType.FLOAT32, DataType.INT64);
  private static final Set<String> SAFETENSORS = Set.of("F32", "I64");
  private static final int HEADER_LENGTH_BYTES = 8;

  private BoundaryTypes() {}

  /**
   * Returns {@code array} if it may cross.
   *
   * @throws IllegalArgumentException naming {@code what} if it may not
   */
  static NDArray checked(NDArray array, String what) {
    if (!ARRAYS.contains(array.getDataType())) {
      throw new IllegalArgumentException(
          what + " is of type " + array.getDataType() + ", but only FLOAT32 and INT64 can be used");
    }
    return array;
  }

  /**
   * Returns {@code file} if every tensor in it may cross.
   *
   * @param file the whole content of a safetensors file: the length of the header (64 bits, little-endian), the header
   *     in JSON with the {@code dtype} of every tensor, the values
   * @throws IllegalArgumentException if one may not, or the file is not a safetensors file
   */
  static byte[] checkedSafetensors(byte[] file) {
    header(file)
        .properties()
        .forEach(
            tensor -> {
              String type = tensor.getValue().path("dtype").asText("missing");
              if (!tensor.getKey().equals("__metadata__") && !SAFETENSORS.contains(type)) {
                throw new IllegalArgumentException(
                    "the tensor " + tensor.getKey() + " is of type " + type + "; save it as F32");
              }
            });
    return file;
  }

  private static JsonNode header(byte[] file) {
    long length =
        file.length < HEADER_LENGTH_BYTES
            ? -1
            : ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > file.length - HEADER_LENGTH_BYTES) {
      throw new IllegalArgumentException("it is not a safetensors file: its header is cut");
    }
    byte[] header =
        Arrays.copyOfRange(file, HEADER_LENGTH_BYTES, HEADER_LENGTH_BYTES + Math.toIntExact(length));
    try {
      return JsonMapper.builder().build().readTree(header);
    } catch (IOException e) {
      throw new IllegalArgumentException("it is not a safetensors file: its header is no JSON", e);
    }
  }
}
