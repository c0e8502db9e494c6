package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.error.InvalidMetricException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.model.Backend;
import io.github.probeselect.model.Backend.Device;
import io.github.probeselect.model.DiffusionModel;
import io.github.probeselect.model.LearnedMetric;
import io.github.probeselect.testing.FakeBackend;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeMetricDirectory;
import io.github.probeselect.testing.FakePipeline;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On which devices a bundle or a metric is opened. */
class DevicesTest {

  /** The backend of a machine with two GPUs. */
  public static final class TwoGpus extends FakeBackend {
    /** Creates it. */
    public TwoGpus() {
      super(Device.CPU, Device.cuda(0), Device.cuda(1));
    }
  }

  /** The backend of a machine with one GPU. */
  public static final class OneGpu extends FakeBackend {
    /** Creates it. */
    public OneGpu() {
      super(Device.CPU, Device.cuda(0));
    }
  }

  /** The backend of a Mac. */
  public static final class Mac extends FakeBackend {
    /** Creates it. */
    public Mac() {
      super(Device.CPU, Device.MPS);
    }
  }

  private final ClassLoader classLoader = Thread.currentThread().getContextClassLoader();
  @TempDir Path directory;

  @AfterEach
  void restoreClassPath() {
    Thread.currentThread().setContextClassLoader(classLoader);
  }

  static Stream<String> noDevices() {
    return Stream.of(
        "",
        " ",
        "gpu",
        "CPU",
        "Cuda",
        "cpu ",
        " cuda",
        "cuda :1",
        "cuda: 1",
        "cuda:",
        "cuda:-1",
        "cuda:+1",
        "cuda:01",
        "cuda:1.0",
        "cuda:x",
        "cuda:1:2",
        "cuda:99999999999999999999",
        "cuda:2147483648",
        "cuda:\u0661",
        "cpu:0",
        "mps:0",
        "cuda1",
        "any",
        "auto,cpu",
        "cuda:1\n");
  }

  @ParameterizedTest
  @MethodSource("noDevices")
  void aNameOfNoDeviceIsRefusedWithTheKnownForms(String name) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> Pipeline.Options.defaults().device(name))
        .withMessageContaining("'" + name + "'")
        .withMessageContaining("auto, cpu, cuda")
        .withMessageContaining("cuda:1")
        .withMessageContaining("mps");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> Pipeline.Options.defaults().devices("cpu", name));
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> ProbeSelect.openMetric(directory, name));
  }

  @Test
  void noMachineHasANegativeGpuOrASecondCpu() {
    assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> Device.cuda(-1));
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> new Device(Device.Type.CPU, 1));
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> Pipeline.Options.defaults().devices());
  }

  @ParameterizedTest
  @CsvSource({
    "FakeBackend, any, auto, cpu",
    "FakeBackend, any, cpu, cpu",
    "FakeBackend, cpu, auto, cpu",
    "OneGpu, any, auto, cuda:0",
    "OneGpu, any, cpu, cpu",
    "OneGpu, cpu, auto, cpu",
    "OneGpu, cuda, auto, cuda:0",
    "TwoGpus, any, cuda, cuda:0",
    "TwoGpus, any, cuda:1, cuda:1",
    "TwoGpus, cuda, cuda:0, cuda:0",
    "Mac, any, auto, mps",
    "Mac, any, mps, mps",
    "Mac, any, cpu, cpu",
    "Mac, mps, auto, mps",
  })
  void opensOnTheDeviceThatIsNamedOrChosen(
      String machine, String exportedFor, String asked, String device) throws IOException {
    FakeBundle bundle = bundle(exportedFor);
    try (var ignored = offer(machine);
        Pipeline pipeline =
            ProbeSelect.open(bundle.directory(), Pipeline.Options.defaults().device(asked))) {
      GenerationResult result = pipeline.generate(FakePipeline.PROMPT, 4, 2);

      assertThat(pipeline.model().device()).hasToString(device);
      assertThat(result.settings().device()).isEqualTo(device);
      assertThat(result.images())
          .extracting(image -> image.settings().device())
          .containsOnly(device);
    }
  }

  @Test
  void withoutOptionsABundleOpensOnTheDeviceThatItWasExportedForAndElseOnAGpu() throws IOException {
    try (var ignored = offer("TwoGpus")) {
      try (Pipeline pipeline = ProbeSelect.open(bundle("cpu").directory())) {
        assertThat(pipeline.model().device()).isEqualTo(Device.CPU);
      }
      try (Pipeline pipeline = ProbeSelect.open(bundle("any").directory())) {
        assertThat(pipeline.model().device()).isEqualTo(Device.cuda(0));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cuda, cpu, the first GPU",
    "cuda, cuda:1, the first GPU",
    "cpu, cuda, cpu",
    "cpu, cuda:1, cpu",
    "mps, cpu, mps"
  })
  void aBundleOfOneDeviceIsRefusedOnAnother(String exportedFor, String asked, String words)
      throws IOException {
    FakeBundle bundle = bundle(exportedFor);
    FakeMetricDirectory metric = metric(exportedFor);
    try (var ignored = offer("TwoGpus")) {
      assertThatExceptionOfType(InvalidBundleException.class)
          .isThrownBy(() -> open(bundle, asked))
          .withMessageContaining("exported for " + words + " alone")
          .withMessageContaining("export it again");
      assertThatExceptionOfType(InvalidMetricException.class)
          .isThrownBy(() -> ProbeSelect.openMetric(metric.directory(), asked))
          .withMessageContaining("exported for " + words + " alone")
          .withMessageContaining("export it again");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuda", "cuda:0", "cuda:7", "cuda:*"})
  void aGpuThatIsAskedForButAbsentIsRefusedWithTheRemedy(String asked) throws IOException {
    try (var ignored = offer("FakeBackend")) {
      for (String exportedFor : List.of("any", "cpu", "cuda")) {
        FakeBundle bundle = bundle(exportedFor);
        assertThatExceptionOfType(BackendException.class)
            .isThrownBy(() -> open(bundle, asked))
            .withMessageContaining("'" + asked + "'")
            .withMessageContaining("no GPU")
            .withMessageContaining("probeselect-tools doctor")
            .withMessageContaining("docs/gpu.md");
      }
    }
  }

  @Test
  void aBundleForCudaIsRefusedWithoutGpuAndTheMessageNamesTheRemedy() throws IOException {
    FakeBundle bundle = bundle("cuda");
    try (var ignored = offer("FakeBackend")) {
      assertThatExceptionOfType(BackendException.class)
          .isThrownBy(() -> ProbeSelect.open(bundle.directory()))
          .withMessageContaining("was exported for CUDA")
          .withMessageContaining("probeselect-tools doctor");
      assertThatExceptionOfType(BackendException.class)
          .isThrownBy(() -> open(bundle("any"), "mps"))
          .withMessageContaining("'mps'")
          .withMessageContaining("Mac");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OneGpu, cuda:1, 'there is one GPU, cuda:0'",
    "TwoGpus, cuda:2, 'there are 2 GPUs, cuda:0 to cuda:1'",
    "TwoGpus, cuda:999999999, 'there are 2 GPUs'"
  })
  void anIndexBeyondTheLastGpuIsRefusedWithTheirNumber(String machine, String asked, String words)
      throws IOException {
    FakeBundle bundle = bundle("any");
    try (var ignored = offer(machine)) {
      assertThatExceptionOfType(BackendException.class)
          .isThrownBy(() -> open(bundle, asked))
          .withMessageContaining("'" + asked + "'")
          .withMessageContaining(words);
    }
  }

  @Test
  void severalDevicesMakeAPool() throws IOException {
    FakeBundle bundle = bundle("any");
    try (var ignored = offer("TwoGpus");
        Pipeline named = open(bundle, "cuda:1", "cpu");
        Pipeline all = open(bundle, "cuda:*")) {
      assertThat(devices(named)).containsExactly("cuda:1", "cpu");
      assertThat(devices(all)).containsExactly("cuda:0", "cuda:1");
      assertThatExceptionOfType(InvalidRequestException.class)
          .isThrownBy(() -> open(bundle, "cuda", "cuda:0"))
          .withMessageContaining("cuda:0 is named twice");
      assertThatExceptionOfType(InvalidBundleException.class)
          .isThrownBy(() -> open(bundle("cuda"), "cuda:*"))
          .withMessageContaining("does not run on cuda:1");
    }
  }

  @Test
  void aMetricOpensOnOneDevice() throws IOException {
    FakeMetricDirectory metric = metric("any");
    try (var ignored = offer("TwoGpus");
        LearnedMetric opened = ProbeSelect.openMetric(metric.directory(), "cuda:1")) {
      assertThat(opened.name()).isEqualTo("redness");
      assertThatExceptionOfType(InvalidRequestException.class)
          .isThrownBy(() -> ProbeSelect.openMetric(metric.directory(), "cuda:*"))
          .withMessageContaining("one device");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"abacus", "", "cuda:1", "ANY"})
  void aManifestThatNamesAnUnknownDeviceIsRefused(String device) throws IOException {
    FakeBundle bundle = bundle(device);
    FakeMetricDirectory metric = metric(device);
    assertThatExceptionOfType(InvalidBundleException.class)
        .isThrownBy(() -> ProbeSelect.open(bundle.directory()))
        .withMessageContaining("unknown device '" + device + "'");
    assertThatExceptionOfType(InvalidMetricException.class)
        .isThrownBy(() -> ProbeSelect.openMetric(metric.directory()))
        .withMessageContaining("unknown device '" + device + "'");
  }

  private static List<String> devices(Pipeline pipeline) {
    return pipeline.loaded().pool().models().stream()
        .map(DiffusionModel::device)
        .map(Device::name)
        .toList();
  }

  private static Pipeline open(FakeBundle bundle, String... devices) {
    return ProbeSelect.open(bundle.directory(), Pipeline.Options.defaults().devices(devices));
  }

  private FakeBundle bundle(String device) throws IOException {
    return FakeBundle.in(Files.createTempDirectory(directory, "bundle"))
        .editManifest(manifest -> manifest.put("device", device));
  }

  private FakeMetricDirectory metric(String device) throws IOException {
    return FakeMetricDirectory.in(Files.createTempDirectory(directory, "metric"))
        .edit(description -> description.put("device", device));
  }

  /** Puts the backend of a machine on the class path of this thread. */
  private URLClassLoader offer(String machine) throws IOException {
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.writeString(
        services.resolve(Backend.class.getName()),
        machine.equals("FakeBackend")
            ? FakeBackend.class.getName()
            : DevicesTest.class.getName() + "$" + machine);
    URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()}, classLoader);
    Thread.currentThread().setContextClassLoader(loader);
    return loader;
  }
}
