package io.github.probeselect.djl.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
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
    convolution(shapes, "stem", shape.inputChannels(), d);
    for (int block = 0; block < ProbeNetwork.BLOCKS; block++) {
      convolution(shapes, "block" + block + ".first", d, d);
      convolution(shapes, "block" + block + ".second", d, d);
    }
    shapes.put("position", new Shape(shape.cells(), d));
    linear(shapes, "fraction", 1, d);
    norm(shapes, "grid.norm", d);
    linear(shapes, "dense.first", d, 2 * d);
    linear(shapes, "dense.second", 2 * d, shape.targetChannels());
    linear(shapes, "text", shape.promptChannels(), d);
    shapes.put("text.position", new Shape(shape.promptTokens(), d));
    norm(shapes, "text.norm", d);
    for (int layer = 0; layer < shape.layers(); layer++) {
      String name = "layer" + layer;
      for (String part : new String[] {"query", "key", "value", "output"}) {
        linear(shapes, name + "." + part, d, d);
      }
      norm(shapes, name + ".norm", d);
      linear(shapes, name + ".first", d, 2 * d);
      linear(shapes, name + ".second", 2 * d, d);
      norm(shapes, name + ".norm2", d);
    }
    linear(shapes, "pool", d, 1);
    linear(shapes, "head.first", d, d);
    linear(shapes, "head.second", d, 1);
    shapes.put("blend", new Shape(1));
    linear(shapes, "align.grid", d, d);
    linear(shapes, "align.text", d, d);
    return shapes;
  }

  private static void convolution(Map<String, Shape> shapes, String name, int in, int out) {
    shapes.put(name + ".weight", new Shape(out, in, 3, 3));
    shapes.put(name + ".bias", new Shape(out));
  }

  private static void linear(Map<String, Shape> shapes, String name, int in, int out) {
    shapes.put(name + ".weight", new Shape(out, in));
    shapes.put(name + ".bias", new Shape(out));
  }

  private static void norm(Map<String, Shape> shapes, String name, int width) {
    shapes.put(name + ".gamma", new Shape(width));
    shapes.put(name + ".beta", new Shape(width));
  }

  /**
   * Draws the weights of an untrained network: uniform in {@code +-sqrt(3 / fan-in)} (LeCun),
   * biases and the last layer of the score zero, the last layer of every residual branch small.
   */
  public static ProbeWeights random(ProbeShape shape, NDManager manager, long seed) {
    Random random = new Random(seed);
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    shapes(shape)
        .forEach(
            (name, dimensions) -> {
              float[] values = new float[Math.toIntExact(dimensions.size())];
              if (name.endsWith("gamma") || name.equals("blend")) {
                java.util.Arrays.fill(values, 1f);
              } else if (!name.equals("head.second.weight")
                  && (name.endsWith("weight") || name.endsWith("position"))) {
                double fanIn =
                    name.endsWith("position")
                        ? 300
                        : dimensions.size() / (double) dimensions.get(0);
                boolean residual =
                    name.endsWith(".second.weight") || name.endsWith("output.weight");
                double bound = Math.sqrt(3 / fanIn) * (residual ? 0.3 : 1);
                for (int i = 0; i < values.length; i++) {
                  values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
                }
              }
              arrays.put(name, manager.create(values, dimensions));
            });
    return named(arrays);
  }

  /**
   * Takes weights out of a decoded list; the caller has compared names and shapes with {@link
   * #shapes}.
   */
  static ProbeWeights of(NDList list) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    list.forEach(array -> arrays.put(array.getName(), array));
    return new ProbeWeights(arrays);
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
    return java.util.Collections.unmodifiableMap(arrays);
  }

  /** A copy in another manager. */
  public ProbeWeights copy(NDManager manager) {
    Map<String, NDArray> copies = new LinkedHashMap<>();
    arrays.forEach(
        (name, array) -> copies.put(name, manager.create(array.toFloatArray(), array.getShape())));
    return named(copies);
  }
}
