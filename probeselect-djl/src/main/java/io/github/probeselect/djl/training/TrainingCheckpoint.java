package io.github.probeselect.djl.training;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.io.NpyArray;
import io.github.probeselect.internal.io.NpyArray.Layout;
import io.github.probeselect.internal.io.NpzFile;
import io.github.probeselect.internal.io.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The state of a training after an epoch, from which it goes on as if it had not been interrupted.
 *
 * @param position where the training is
 * @param arrays weights and moments, by group and name
 */
record TrainingCheckpoint(Position position, Map<String, float[]> arrays) {

  private static final int FORMAT_VERSION = 1;
  private static final String POSITION = "position.json";

  private static final JsonMapper JSON =
      StrictJson.builder()
          .enable(
              DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
              DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  /**
   * Where a training is.
   *
   * @param formatVersion the version of the file
   * @param settings what the training depends on, by name: data, shape, settings
   * @param part the title of the part
   * @param epoch the epochs of that part that are done
   * @param withoutImprovement how many of the last epochs gave no better weights
   * @param spearman the best within-prompt Spearman so far, in the form of {@link Double#toString}
   * @param drawn how many random bits were drawn
   * @param updates updates of the weights in this part
   */
  record Position(
      int formatVersion,
      Map<String, String> settings,
      String part,
      int epoch,
      int withoutImprovement,
      String spearman,
      long drawn,
      int updates) {

    static Position of(
        Map<String, String> settings,
        Part part,
        int epoch,
        int withoutImprovement,
        double spearman,
        long drawn,
        int updates) {
      return new Position(
          FORMAT_VERSION,
          settings,
          part.title,
          epoch,
          withoutImprovement,
          Double.toString(spearman),
          drawn,
          updates);
    }
  }

  /** Adds copies of arrays to a checkpoint's. */
  static void copy(String group, Map<String, NDArray> from, Map<String, float[]> to) {
    from.forEach((name, array) -> to.put(group + "/" + name, array.toFloatArray()));
  }

  /**
   * Sets arrays to what the checkpoint has of them.
   *
   * @throws InvalidProbeException if it lacks one, or has one of another size
   */
  void restore(String group, Map<String, NDArray> to) {
    to.forEach(
        (name, array) -> {
          float[] values = arrays.get(group + "/" + name);
          if (values == null || values.length != array.getShape().size()) {
            throw damaged("the checkpoint", "it lacks " + group + "/" + name + " of this probe");
          }
          array.set(values);
        });
  }

  /** Writes the file atomically. */
  void write(Path file) throws IOException {
    Map<String, byte[]> pieces = new LinkedHashMap<>();
    pieces.put(POSITION, JSON.writeValueAsBytes(position));
    Map<String, Integer> sizes = new TreeMap<>();
    arrays.forEach((name, values) -> sizes.put(name, values.length));
    pieces.put("sizes.json", JSON.writeValueAsBytes(sizes));
    arrays.forEach(
        (name, values) -> {
          NpyArray array = NpyArray.zeros(Layout.of(NpyArray.Type.FLOAT32, values.length));
          array.put(0, values);
          pieces.put(name + ".npy", array.toBytes());
        });
    NpzFile.write(file, pieces);
  }

  /**
   * Reads the checkpoint of a training, if there is one.
   *
   * @param settings what that training depends on
   * @throws InvalidRequestException if it is that of another training
   * @throws InvalidProbeException if it is damaged
   */
  static Optional<TrainingCheckpoint> read(Path file, Map<String, String> settings) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (NpzFile pieces = NpzFile.open(file)) {
      Position position = JSON.readValue(pieces.read(POSITION), Position.class);
      if (position.formatVersion != FORMAT_VERSION) {
        throw damaged("the checkpoint " + file, "its format version is " + position.formatVersion);
      }
      check(file, position.settings, settings);
      Map<String, float[]> arrays = new LinkedHashMap<>();
      Sizes sizes = JSON.readValue(pieces.read("sizes.json"), Sizes.class);
      for (Map.Entry<String, Integer> size : sizes.entrySet()) {
        Layout layout = Layout.of(NpyArray.Type.FLOAT32, size.getValue());
        arrays.put(
            size.getKey(),
            NpyArray.read(pieces.read(size.getKey() + ".npy"), layout).floats(0, size.getValue()));
      }
      return Optional.of(new TrainingCheckpoint(position, arrays));
    } catch (IOException e) {
      throw new InvalidProbeException(
          "the checkpoint "
              + file
              + " cannot be read: "
              + e
              + "; delete it to train from the start",
          e);
    }
  }

  @SuppressWarnings("serial") // never serialised
  private static final class Sizes extends TreeMap<String, Integer> {}

  private static void check(Path file, Map<String, String> written, Map<String, String> wanted) {
    for (Map.Entry<String, String> entry : wanted.entrySet()) {
      String before = written.get(entry.getKey());
      if (!entry.getValue().equals(before)) {
        throw new InvalidRequestException(
            "the checkpoint "
                + file
                + " is that of another training: "
                + entry.getKey()
                + " was "
                + before
                + " and is "
                + entry.getValue()
                + "; train with the same arguments, or delete it or choose another output to train from the start");
      }
    }
  }

  private static InvalidProbeException damaged(String name, String what) {
    return new InvalidProbeException(
        name + " is damaged: " + what + "; delete it to train from the start");
  }
}
