package io.github.probeselect.djl.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.djl.probe.ProbeInputs;
import io.github.probeselect.djl.probe.ProbeShape;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** The named weights of a probe network. The arrays belong to the manager they were made in. */
public final class ProbeWeights {

  private final Map<String, NDArray> arrays;

  private ProbeWeights(Map<String, NDArray> arrays) {
    this.arrays = arrays;
  }

  /** Names and shapes of all weights of a network of the given shape, in a fixed order. */
  public static Map<String, Shape> shapes(ProbeShape shape) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    int d = shape.width();
    if (shape.picture()) {
      int inside = ProbeShape.DECODER_WIDTH;
      int pixels = ProbeShape.TARGET_FOLD / ProbeInputs.FOLD;
      convolution(shapes, "decoder.first", shape.inputs().latentChannels(), inside);
      convolution(shapes, "decoder.second", inside, inside);
      convolution(shapes, "decoder.third", inside, inside);
      convolution(shapes, "decoder.last", inside, 3 * pixels * pixels);
    }
    linear(shapes, "stem", shape.stemChannels(), d);
    shapes.put("position", new Shape(shape.cells(), d));
    linear(shapes, "fraction.first", 1, d);
    linear(shapes, "fraction.second", d, d);
    linear(shapes, "prompt", shape.inputs().promptChannels(), d);
    norm(shapes, "prompt.norm", d);
    for (int i = 0; i < shape.blocks(); i++) {
      String block = "block" + i;
      attention(shapes, block + ".self", d);
      attention(shapes, block + ".text", d);
      norm(shapes, block + ".norm", d);
      linear(shapes, block + ".first", d, 3 * d);
      linear(shapes, block + ".second", 3 * d, d);
    }
    norm(shapes, "norm", d);
    if (shape.picture()) {
      linear(shapes, "picture", d, shape.targetChannels());
    }
    for (String metric : shape.metrics()) {
      String head = "head." + metric;
      linear(shapes, head + ".pool", d, 1);
      linear(shapes, head + ".first", d + 1, d);
      linear(shapes, head + ".second", d, 2);
      shapes.put(head + ".blend", new Shape(1));
    }
    linear(shapes, "align.grid", d, d);
    linear(shapes, "align.text", d, d);
    return shapes;
  }

  private static void attention(Map<String, Shape> shapes, String name, int width) {
    norm(shapes, name + ".norm", width);
    for (String part : new String[] {"query", "key", "value", "output"}) {
      linear(shapes, name + "." + part, width, width);
    }
  }

  private static void linear(Map<String, Shape> shapes, String name, int in, int out) {
    shapes.put(name + ".weight", new Shape(out, in));
    shapes.put(name + ".bias", new Shape(out));
  }

  private static void convolution(Map<String, Shape> shapes, String name, int in, int out) {
    shapes.put(name + ".weight", new Shape(out, in, 3, 3));
    shapes.put(name + ".bias", new Shape(out));
  }

  private static void norm(Map<String, Shape> shapes, String name, int width) {
    shapes.put(name + ".gamma", new Shape(width));
    shapes.put(name + ".beta", new Shape(width));
  }

  /**
   * Initialises an untrained network: weights uniform in {@code +-sqrt(3 / fan-in)} (LeCun), biases
   * and output layers zero, the last layer of every residual branch small.
   */
  public static ProbeWeights random(ProbeShape shape, NDManager manager, long seed) {
    Random random = new Random(seed);
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    shapes(shape)
        .forEach(
            (name, dimensions) -> {
              float[] values = new float[Math.toIntExact(dimensions.size())];
              if (name.endsWith("gamma") || name.endsWith("blend")) {
                Arrays.fill(values, 1f);
              } else if (isRandom(name)) {
                double bound = bound(name, dimensions);
                for (int i = 0; i < values.length; i++) {
                  values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
                }
              }
              arrays.put(name, manager.create(values, dimensions));
            });
    return named(arrays);
  }

  private static boolean isRandom(String name) {
    boolean last =
        name.equals("picture.weight")
            || name.equals("decoder.last.weight")
            || (name.startsWith("head") && name.endsWith(".second.weight"));
    return name.equals("position") || (name.endsWith("weight") && !last);
  }

  private static double bound(String name, Shape dimensions) {
    double fanIn = name.equals("position") ? 300 : (double) dimensions.size() / dimensions.get(0);
    boolean residual = name.endsWith(".second.weight") || name.endsWith("output.weight");
    return Math.sqrt(3 / fanIn) * (residual ? 0.3 : 1);
  }

  /**
   * Creates weights from the arrays of a file; the caller has compared names and shapes with {@link
   * #shapes}. They keep the order of the file, in which they are written again.
   */
  static ProbeWeights of(SafetensorsFile file, NDManager manager) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    file.entries()
        .forEach(
            (name, entry) -> {
              float[] values = new float[entry.values().remaining()];
              entry.values().duplicate().get(values);
              long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
              arrays.put(name, manager.create(values, new Shape(shape)));
            });
    return named(arrays);
  }

  private static ProbeWeights named(Map<String, NDArray> arrays) {
    arrays.forEach((name, array) -> array.setName(name));
    return new ProbeWeights(arrays);
  }

  /** The weight of the given name. */
  public NDArray get(String name) {
    NDArray array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("a probe has no weight named " + name);
    }
    return array;
  }

  /** All weights by name, in a fixed order. */
  public Map<String, NDArray> arrays() {
    return Collections.unmodifiableMap(arrays);
  }

  /** Copies the values of another network's weights where name and shape agree. */
  public void adopt(ProbeWeights other) {
    arrays.forEach(
        (name, array) -> {
          NDArray found = other.arrays.get(name);
          if (found != null && found.getShape().equals(array.getShape())) {
            array.set(found.toFloatArray());
          }
        });
  }

  /** A copy in another manager. */
  public ProbeWeights copy(NDManager manager) {
    Map<String, NDArray> copies = new LinkedHashMap<>();
    arrays.forEach(
        (name, array) -> copies.put(name, manager.create(array.toFloatArray(), array.getShape())));
    return named(copies);
  }
}
