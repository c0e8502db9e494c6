package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.MetricDirectory;
import io.github.probeselect.error.ProbeSelectException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.io.PngFile;
import io.github.probeselect.model.PreviewProbe;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.model.Signal;
import io.github.probeselect.noise.StartingNoise;
import io.github.probeselect.planning.Budget;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.planning.Costs;
import io.github.probeselect.selection.Cut;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.selection.Forecast;
import io.github.probeselect.selection.SelectionPolicy;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakePipeline;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an app developer calls refuses {@code null}, saying what is null. */
class NullTest {

  private static final List<Class<?>> ENTRANCES =
      List.of(
          ProbeSelect.class,
          PreviewProbe.class,
          Pipeline.class,
          Pipeline.Options.class,
          GenerationRequest.class,
          Session.class,
          Origin.class,
          SecondWave.class,
          Budget.class,
          Calibration.class,
          Calibration.Readings.class,
          Calibration.Versions.class,
          Costs.class,
          Cut.class,
          DecisionPoint.class,
          Forecast.class,
          SelectionPolicy.class,
          QualityMetric.class,
          Signal.class,
          StartingNoise.class,
          Bundle.class,
          MetricDirectory.class,
          PngFile.class,
          RgbImage.class);

  private static final Calibration.Readings READINGS =
      new Calibration.Readings(
          10,
          List.of(new Calibration.Point("probe", 2)),
          List.of(new Calibration.Prompt(new double[][] {{1}}, new double[] {1})));

  @TempDir Path directory;

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  /** A call, and arguments of which one is, or holds, {@code null}. */
  static Stream<Arguments> calls() {
    List<Arguments> calls = new ArrayList<>();
    for (Class<?> type : ENTRANCES) {
      Stream.concat(Stream.of(type.getDeclaredConstructors()), Stream.of(type.getDeclaredMethods()))
          .filter(NullTest::isCalledByUsers)
          .forEach(
              call -> {
                Class<?>[] types = call.getParameterTypes();
                for (int i = 0; i < types.length; i++) {
                  if (!types[i].isPrimitive()) {
                    calls.add(Arguments.of(Named.of(call.toString(), call), i, null));
                  }
                  if (types[i].isArray() && !types[i].getComponentType().isPrimitive()) {
                    Object holding = Array.newInstance(types[i].getComponentType(), 1);
                    calls.add(Arguments.of(Named.of(call + " [null]", call), i, holding));
                  }
                }
              });
    }
    return calls.stream();
  }

  private static boolean isCalledByUsers(Executable call) {
    return Modifier.isPublic(call.getModifiers())
        && !call.isSynthetic()
        && !List.of("equals", "score").contains(call.getName())
        && (Modifier.isStatic(call.getModifiers())
            || call instanceof Constructor
            || !call.getDeclaringClass().isInterface());
  }

  @ParameterizedTest(name = "{0}, parameter {1}")
  @MethodSource("calls")
  void isRefusedByName(Executable call, int parameter, @Nullable Object given)
      throws ReflectiveOperationException {
    @Nullable Object[] arguments = Stream.of(call.getParameterTypes()).map(this::anyOf).toArray();
    arguments[parameter] = given;
    try {
      if (call instanceof Constructor<?> constructor) {
        constructor.newInstance(arguments);
      } else {
        boolean isStatic = Modifier.isStatic(call.getModifiers());
        ((Method) call).invoke(isStatic ? null : anyOf(call.getDeclaringClass()), arguments);
      }
    } catch (InvocationTargetException e) {
      assertThat(e.getCause())
          .as("%s, parameter %d", call, parameter)
          .isInstanceOf(ProbeSelectException.class)
          .hasMessageContaining(" is null");
      return;
    }
    fail("%s, parameter %d: null was taken", call, parameter);
  }

  private Object anyOf(Class<?> type) {
    List<Object> values =
        List.of(
            1,
            1L,
            0.5,
            true,
            "a red circle",
            Path.of("nowhere"),
            Optional.empty(),
            OptionalDouble.empty(),
            List.of(),
            Map.of(),
            Instant.MAX,
            Duration.ZERO,
            UnaryOperator.identity(),
            Origin.seed(1),
            new SecondWave(0.5, 1, 0.5),
            Budget.fullRuns(2),
            READINGS,
            Calibration.of("fake", "ab", "mine", READINGS),
            new Calibration.Versions("", Map.of("probe", "")),
            Costs.DENOISING_ONLY,
            InputStream.nullInputStream(),
            Cut.at(0.2, 1),
            DecisionPoint.step(1),
            Forecast.latest(),
            SelectionPolicy.topK(),
            QualityMetric.of("mine", (image, prompt) -> 1),
            Signal.guidanceGap(),
            StartingNoise.of(1),
            RgbImage.of(1, 1, new byte[3]),
            new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB),
            Pipeline.Options.defaults(),
            fake.pipeline(),
            fake.model(),
            fake.request(2, 1));
    return values.stream()
        .filter(value -> MethodType.methodType(type).wrap().returnType().isInstance(value))
        .findFirst()
        .orElseGet(() -> rarer(type));
  }

  private Object rarer(Class<?> type) {
    if (type.isArray()) {
      return Array.newInstance(type.getComponentType(), 0);
    }
    if (type == Bundle.class) {
      return bundle();
    }
    if (type == Session.class) {
      return fake.request(2, 1).open();
    }
    if (type.isInterface() && type.getDeclaredMethods().length > 0) {
      return Proxy.newProxyInstance(
          type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> "a name");
    }
    throw new AssertionError("no value of " + type);
  }

  private Bundle bundle() {
    try {
      FakeBundle.in(directory);
      return Bundle.open(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
