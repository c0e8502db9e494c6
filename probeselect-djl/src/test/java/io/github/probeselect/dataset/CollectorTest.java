package io.github.probeselect.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.Pipeline;
import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.dataset.Collector.Part;
import io.github.probeselect.error.InvalidDatasetException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.evaluation.Evaluation;
import io.github.probeselect.evaluation.RecordedSignal;
import io.github.probeselect.evaluation.RecordedTrajectories;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.internal.io.Checksums;
import io.github.probeselect.model.Observation;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.Stage;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollectorTest {

  private static final List<String> PROMPTS =
      IntStream.range(0, 7).mapToObj(i -> "picture number " + i).toList();

  private static final CollectionSettings SETTINGS =
      CollectionSettings.of(List.of(0.05, 0.1, 0.4), 3)
          .withFirstSeed(100)
          .withPreviews(true)
          .withPromptsPerShard(2);

  private static final QualityMetric RED =
      QualityMetric.of("red", (image, prompt) -> image.red(3, 5) + prompt.length());

  private static final PromptProgress SILENT = (done, of) -> {};

  @RegisterExtension final FakePipeline fake = new FakePipeline();
  @TempDir Path directory;

  @Test
  void whatWasSeenAndWhatBecameOfItIsRecorded() throws IOException {
    Dataset dataset = collect(SETTINGS, directory);

    assertThat(dataset.prompts()).isEqualTo(PROMPTS);
    assertThat(dataset.isComplete()).isTrue();
    assertThat(dataset.header().observedAfter()).containsExactly(1, 4);
    assertThat(dataset.header().fractionDone(1)).isEqualTo(0.4);
    List<RecordedPrompt> recorded = new ArrayList<>();
    dataset.forEach(recorded::add);
    assertThat(recorded).extracting(RecordedPrompt::index).containsExactly(0, 1, 2, 3, 4, 5, 6);

    RecordedPrompt fourth = recorded.get(3);
    Map<Double, Map<String, float[]>> seen = new TreeMap<>();
    try (Pipeline pipeline = new Pipeline(model())) {
      GenerationResult result =
          pipeline
              .request(PROMPTS.get(3))
              .candidates(3, 100 + 9)
              .keep(3)
              .observeAt(DecisionPoint.step(1), DecisionPoint.step(4))
              .observer(shown -> seen.put(shown.fractionDone(), lastRow(shown)))
              .generate();
      RgbImage image = result.images().get(2).image();
      assertThat(fourth.prompt()).isEqualTo(PROMPTS.get(3));
      assertThat(fourth.seed(2)).isEqualTo(111);
      assertThat(fourth.image(2)).isEqualTo(image);
      assertThat(fourth.score(2, "red")).isEqualTo(RED.score(image, PROMPTS.get(3)));
      assertThat(fourth.embedding())
          .isEqualTo(pipeline.model().encode(PROMPTS.get(3), "").promptEmbedding());
      for (int time = 0; time < 2; time++) {
        Map<String, float[]> row = seen.get(dataset.header().fractionDone(time));
        for (Tap tap : dataset.header().taps()) {
          assertThat(fourth.activation(2, time, tap)).isEqualTo(row.get(tap.name()));
        }
        assertThat(fourth.latents(2, time)).isEqualTo(row.get("latents"));
        assertThat(fourth.x0Prediction(2, time)).isEqualTo(row.get("x0"));
        assertThat((float) fourth.guidanceGap(2, time)).isEqualTo(row.get("gap")[0]);
        RgbImage preview = pipeline.model().decode(row.get("x0"), dataset.header().latents());
        assertThat(fourth.previewScore(2, time, "red"))
            .isEqualTo(RED.score(preview, PROMPTS.get(3)));
      }
    }
  }

  private static Map<String, float[]> lastRow(Observation shown) {
    int row = shown.size() - 1;
    return Map.of(
        "mid_block", shown.activations().values(row, "mid_block"),
        "up_blocks.0", shown.activations().values(row, "up_blocks.0"),
        "latents", shown.latents().get(row),
        "x0", shown.x0Predictions().get(row),
        "gap", new float[] {shown.guidanceGaps().get(row).floatValue()});
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7})
  void aCollectionThatWasStoppedGoesOnAndEndsTheSameByteForByte(int call) throws IOException {
    Path whole = directory.resolve("whole");
    Path stopped = directory.resolve("stopped");
    collect(SETTINGS, whole);
    FakeModel failing =
        model()
            .at(
                Stage.DECODE,
                call * 8,
                () -> {
                  throw new IllegalStateException("the power went");
                });
    assertThatThrownBy(() -> collect(failing, SETTINGS, stopped, Part.WHOLE))
        .hasMessage("the power went");
    Files.writeString(stopped.resolve(".shard-00003.npz.killed.tmp"), "half a file");

    collect(SETTINGS, stopped);

    assertSameFiles(whole, stopped);
  }

  @Test
  void anImageThatIsVoidIsRecordedAsSuchAndLeftOutOfEvaluations() throws IOException {
    // Per prompt three candidates: six previews, at two observations, and three images.
    FakeModel overflowing = model().overflow(Stage.DECODE, 9 + 2).overflow(Stage.DECODE, 2 * 9 + 8);

    Dataset dataset = collect(overflowing, SETTINGS, directory, Part.WHOLE);

    List<RecordedPrompt> recorded = new ArrayList<>();
    dataset.forEach(recorded::add);
    assertThat(recorded.get(1).previewScore(1, 0, "red")).isNaN();
    assertThat(recorded.get(1).isScored("red")).isTrue();
    RecordedPrompt third = recorded.get(2);
    assertThat(third.image(1).isVoid()).isTrue();
    assertThat(third.score(1, "red")).isNaN();
    assertThat(third.image(0).isVoid()).isFalse();
    assertThat(third.score(0, "red")).isFinite();
    assertThat(recorded).filteredOn(prompt -> !prompt.isScored("red")).containsExactly(third);
    Calibration.Readings trajectories =
        RecordedTrajectories.of(dataset, List.of(RecordedSignal.preview("red")), "red");
    assertThat(trajectories.prompts()).hasSize(PROMPTS.size() - 1);
    assertThat(
            Evaluation.of(
                    dataset,
                    List.of(RecordedSignal.preview("red")),
                    (signal, fraction) -> fraction,
                    SILENT)
                .prompts())
        .isEqualTo(PROMPTS.size() - 1);
  }

  @Test
  void partsOfSeveralMachinesAreOneDatasetInOneDirectory() throws IOException {
    Path whole = directory.resolve("whole");
    Path merged = directory.resolve("merged");
    collect(SETTINGS, whole);

    Dataset first = collect(model(), SETTINGS, merged, new Part(1, 2));
    assertThat(first.isComplete()).isFalse();
    assertThat(first.prompts()).containsExactly(PROMPTS.get(2), PROMPTS.get(3), PROMPTS.get(6));
    Dataset both = collect(model(), SETTINGS, merged, new Part(0, 2));

    assertThat(both.isComplete()).isTrue();
    assertThat(both.prompts()).isEqualTo(PROMPTS);
    assertSameFiles(whole, merged);
  }

  /** {@code models/tests/research/test_dataset.py} reads the same file. */
  @Test
  void aShardIsTheOneThatNumpyReads() throws IOException, URISyntaxException {
    collect(SETTINGS, directory);

    Path known = Path.of(CollectorTest.class.getResource("/dataset/shard-00000.npz").toURI());
    assertThat(pieces(directory.resolve("shard-00000.npz"))).isEqualTo(pieces(known));
  }

  /** The pieces of a zip archive, by name; how they are packed is up to the Java version. */
  private static Map<String, String> pieces(Path file) throws IOException {
    Map<String, String> pieces = new TreeMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        try (InputStream piece = zip.getInputStream(entry)) {
          pieces.put(entry.getName(), Checksums.sha256(piece));
        }
      }
    }
    return pieces;
  }

  @Test
  void progressCountsThePromptsOfThisMachine() throws IOException {
    List<String> told = new ArrayList<>();
    try (Pipeline pipeline = new Pipeline(model())) {
      new Collector(pipeline, SETTINGS, List.of())
          .collect(PROMPTS, directory, new Part(1, 2), (done, of) -> told.add(done + "/" + of));
    }

    assertThat(told).containsExactly("1/3", "2/3", "3/3");
  }

  @Test
  void aDamagedShardIsNamed() throws IOException {
    collect(SETTINGS, directory);
    Path shard = directory.resolve("shard-00001.npz");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length / 2] ^= 1;
    Files.write(shard, bytes);

    assertRefused("shard-00001.npz is damaged", "does not match");
  }

  @Test
  void aTruncatedShardIsNamed() throws IOException {
    collect(SETTINGS, directory);
    Path shard = directory.resolve("shard-00002.npz");
    byte[] bytes = Files.readAllBytes(shard);
    Files.write(shard, Arrays.copyOf(bytes, bytes.length - 100));

    assertRefused("shard-00002.npz is damaged");
  }

  @Test
  void aShardThatIsTwiceThereIsNamed() throws IOException {
    collect(SETTINGS, directory);
    Files.copy(directory.resolve("shard-00001.npz"), directory.resolve("shard-00009.npz"));

    assertRefused("shard-00009.npz holds prompts that another one holds too");
  }

  private void assertRefused(String... says) {
    assertThatExceptionOfType(InvalidDatasetException.class)
        .isThrownBy(() -> Dataset.open(directory))
        .withMessageContainingAll(says);
  }

  @Test
  void aCollectionOfAnotherKindIsRefusedAndWhatDiffersIsNamed() throws IOException {
    collect(SETTINGS, directory);

    assertThatExceptionOfType(InvalidDatasetException.class)
        .isThrownBy(() -> collect(SETTINGS.withFirstSeed(5), directory))
        .withMessageContainingAll("shard-00000.npz", "firstSeed = 100", "5");
    FakeModel other =
        new FakeModel(
            FakeBundle.manifest(
                manifest ->
                    manifest
                        .withObject("/files/denoiser.pt")
                        .put("sha256", "fedcba9876543210".repeat(4))));
    assertThatExceptionOfType(InvalidDatasetException.class)
        .isThrownBy(() -> collect(other, SETTINGS, directory, Part.WHOLE))
        .withMessageContainingAll("denoiserSha256", "fedcba98");
  }

  @Test
  void numbersThatAreNotFiniteInTheSchedulersConfigurationAreNoDifference() throws IOException {
    FakeModel[] models = new FakeModel[2];
    for (int i = 0; i < 2; i++) {
      models[i] =
          new FakeModel(
              FakeBundle.manifest(
                  manifest ->
                      manifest
                          .withObject("/scheduler")
                          .put("type", "DPMSolverMultistepScheduler")
                          .withObject("config")
                          .removeAll()
                          .put("lambda_min_clipped", Double.NEGATIVE_INFINITY)));
    }
    collect(models[0], SETTINGS, directory, Part.WHOLE);

    assertThat(collect(models[1], SETTINGS, directory, Part.WHOLE).isComplete()).isTrue();
  }

  @Test
  void whatWasNotCollectedIsNamed() throws IOException {
    List<RecordedPrompt> recorded = new ArrayList<>();
    collect(SETTINGS, directory).forEach(recorded::add);

    assertThatExceptionOfType(InvalidDatasetException.class)
        .isThrownBy(() -> recorded.get(0).score(0, "blue"))
        .withMessageContainingAll("scores/blue", "scores/red");
  }

  @Test
  void aDirectoryWithoutShardsIsRefused() {
    assertRefused("there is no shard in it");
  }

  @Test
  void settingsThatNoCollectionCouldHaveAreRefused() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> CollectionSettings.of(List.of(0.2, 1.5), 4))
        .withMessageContaining("1.5");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> CollectionSettings.of(List.of(0.2), 1))
        .withMessageContaining("at least 2");
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> new Part(2, 2))
        .withMessageContaining("part 2 of 2");
  }

  private static FakeModel model() {
    return new FakeModel(FakeBundle.manifest());
  }

  private static Dataset collect(CollectionSettings settings, Path directory) throws IOException {
    return collect(model(), settings, directory, Part.WHOLE);
  }

  private static Dataset collect(
      FakeModel model, CollectionSettings settings, Path directory, Part part) throws IOException {
    try (Pipeline pipeline = new Pipeline(model)) {
      return new Collector(pipeline, settings, List.of(RED))
          .collect(PROMPTS, directory, part, SILENT);
    }
  }

  private static void assertSameFiles(Path expected, Path actual) throws IOException {
    assertThat(names(actual)).isEqualTo(names(expected));
    for (String name : names(expected)) {
      assertThat(actual.resolve(name)).hasSameBinaryContentAs(expected.resolve(name));
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void whatADatasetCannotHoldIsRefusedBeforeAnythingRuns() {
    QualityMetric metric = QualityMetric.of("red", (image, prompt) -> 0);
    CollectionSettings settings = CollectionSettings.of(List.of(0.2), 2);
    Collector collector = new Collector(fake.pipeline(), settings, List.of(metric));

    refused("prompt 2 of 2 contains a NUL", () -> collect(collector, List.of("a", "b\0")));
    refused("prompt 1 of 1 is empty", () -> collect(collector, List.of(" ")));
    refused("same name", () -> new Collector(fake.pipeline(), settings, List.of(metric, metric)));
    refused(
        "name of a metric contains",
        () ->
            new Collector(
                fake.pipeline(), settings, List.of(QualityMetric.of("\ud83d", (i, p) -> 0))));
    refused("2 GiB or more; record fewer seeds", () -> collect(withSeeds(1 << 29), List.of("a")));
    refused(
        " MiB; record fewer seeds or fractions, or give Java more memory with -Xmx",
        () -> collect(withSeeds(1 << 20), List.of("a")));
    assertThat(fake.model().calls(Stage.ENCODE)).isZero();
  }

  /** 32 seeds at 7 fractions, as a calibration of a model of 1024x1024 pixels records them. */
  @Test
  void aShardOfALargeModelHoldsFewerPrompts() throws IOException {
    DatasetHeader small = collect(SETTINGS, directory.resolve("small")).header();
    DatasetHeader large =
        new DatasetHeaderValues(
            small.bundle(),
            small.denoiserSha256(),
            small.scheduler(),
            20,
            7,
            1024,
            1024,
            new LatentShape(16, 128, 128),
            new DatasetHeaderValues.PromptEmbeddingValues("hidden", 333, 4096),
            List.of(1, 2, 3, 4, 6, 8, 12),
            small.taps(),
            List.of(),
            false,
            48,
            small.promptsSha256(),
            25,
            32,
            0);

    assertThat(small.promptsPerShard()).isEqualTo(SETTINGS.promptsPerShard());
    assertThat(Shard.promptsWithin(Collector.LARGEST_SHARD, large)).isEqualTo(1);
    assertThat(Shard.promptsWithin(3.5 * (1 << 30), large)).isBetween(5, 7);
  }

  private Collector withSeeds(int seeds) {
    return new Collector(fake.pipeline(), CollectionSettings.of(List.of(0.2), seeds), List.of());
  }

  private void collect(Collector collector, List<String> prompts) throws IOException {
    collector.collect(prompts, directory.resolve("data"), Collector.Part.WHOLE, (done, of) -> {});
  }

  private static void refused(String message, ThrowingCallable call) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(call)
        .withMessageContaining(message);
  }
}
