package io.github.probeselect.djl.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class ScalingTest {

  private static final int FACTORS = 200;

  /** With {@code mul(Number)} in place of {@code Scaling.times} the gradient is not a number. */
  @Test
  void aCollectionBeforeTheBackwardPassDoesNotChangeTheGradient() throws InterruptedException {
    assertThat(gradientAfterCollection(Scaling::times)).containsExactly(1f, 1f, 1f);
  }

  /** What is closed on the way is still read by the backward pass. */
  @Test
  void aScopeThatClosesTheFactorDoesNotChangeTheGradient() throws InterruptedException {
    assertThat(gradientAfterCollection(ScalingTest::timesInAScope)).containsExactly(1f, 1f, 1f);
  }

  private static NDArray timesInAScope(NDArray array, double factor) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray product = Scaling.times(array, factor);
      NDScope.unregister(product);
      return product;
    }
  }

  /** Of a product of many factors that come to one, each multiplied in the given way. */
  private static float[] gradientAfterCollection(BiFunction<NDArray, Double, NDArray> times)
      throws InterruptedException {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.ones(new Shape(3));
      x.setRequiresGradient(true);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray product = x;
        for (int i = 0; i < FACTORS; i++) {
          product = times.apply(product, i % 2 == 0 ? 2 : 0.5);
        }
        collectGarbageAndReuseItsMemory();
        collector.backward(product.sum());
      }
      return x.getGradient().toFloatArray();
    }
  }

  @Test
  void theTypeStays() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray product = Scaling.times(manager.create(3f), 0.5);
      assertThat(product.getDataType()).isEqualTo(DataType.FLOAT32);
      assertThat(product.getFloat()).isEqualTo(1.5f);
    }
  }

  private static void collectGarbageAndReuseItsMemory() throws InterruptedException {
    List<ByteBuffer> taken = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      System.gc();
      Thread.sleep(100);
      for (int i = 0; i < 10 * FACTORS; i++) {
        taken.add(
            ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder()).putFloat(0, Float.NaN));
      }
    }
    Reference.reachabilityFence(taken);
  }
}
