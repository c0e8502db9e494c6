package io.github.probeselect.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.testing.FakeBundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.SpringFactoriesLoader;

/** A start that fails says which property is wrong, why, and what to do. */
class FailureReportTest {

  @TempDir Path directory;

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(ProbeSelectImageAutoConfiguration.class));

  private FailureAnalysis reported(ApplicationContextRunner configured) {
    FailureAnalysis[] analysis = new FailureAnalysis[1];
    configured.run(
        context -> {
          assertThat(context).hasFailed();
          analysis[0] =
              SpringFactoriesLoader.forDefaultResourceLocation()
                  .load(
                      FailureAnalyzer.class,
                      SpringFactoriesLoader.FailureHandler.handleMessage((message, e) -> {}))
                  .stream()
                  .filter(analyzer -> analyzer instanceof ProbeSelectFailureAnalyzer)
                  .map(analyzer -> analyzer.analyze(context.getStartupFailure()))
                  .findFirst()
                  .orElseThrow();
        });
    assertThat(analysis[0]).isNotNull();
    return analysis[0];
  }

  private FailureAnalysis reported(String... properties) {
    return reported(runner.withPropertyValues(properties));
  }

  @Test
  void aBundleThatIsNotThere() {
    FailureAnalysis report = reported("spring.ai.probeselect.bundle=/there/is/none");

    assertThat(report.getDescription())
        .contains("the bundle cannot be opened", "spring.ai.probeselect.bundle = /there/is/none");
    assertThat(report.getAction()).contains("probeselect-export", "probeselect-models");
  }

  @Test
  void aBundleThatIsDamaged() throws IOException {
    FakeBundle bundle = FakeBundle.in(directory);
    Files.writeString(bundle.file("denoiser.pt"), "other bytes");

    FailureAnalysis report = reported("spring.ai.probeselect.bundle=" + directory);

    assertThat(report.getDescription()).contains("denoiser.pt");
    assertThat(report.getAction()).contains("spring.ai.probeselect.bundle");
  }

  @Test
  void aUrlOfAFileIsAPath() {
    FailureAnalysis report =
        reported("spring.ai.probeselect.bundle=" + directory.toUri()); // an empty directory

    assertThat(report.getDescription()).contains(directory.toString()).contains("manifest.json");
  }

  @Test
  void whatIsNoPathIsRefused() {
    assertThat(reported("spring.ai.probeselect.bundle=classpath:my-bundle").getDescription())
        .contains("is on the class path, but a file of the file system is needed");
    assertThat(reported("spring.ai.probeselect.bundle=file:my bundle").getDescription())
        .contains("is no URL of a file");
    assertThat(reported("spring.ai.probeselect.bundle=a\0b").getDescription())
        .contains("is no path");
  }

  @Test
  void aDefaultModelThatIsNotThere() {
    OpeningException failure =
        new OpeningException(
            "the default model cannot be opened",
            "spring.ai.probeselect.bundle is not set",
            new InvalidBundleException("there is no default bundle on the class path"));

    FailureAnalysis report = new ProbeSelectFailureAnalyzer().analyze(failure);

    assertThat(report.getDescription())
        .contains("there is no default bundle", "spring.ai.probeselect.bundle is not set");
    assertThat(report.getAction())
        .contains("io.github.probeselect:probeselect-models", "spring.ai.model.image");
  }

  @Test
  void aDeviceThatIsNone() {
    FailureAnalysis report = reported("spring.ai.probeselect.device=tpu");

    assertThat(report.getDescription())
        .contains("the device cannot be used", "spring.ai.probeselect.device = tpu");
    assertThat(report.getAction()).contains("spring.ai.probeselect.device = tpu");
    assertThat(reported("spring.ai.probeselect.device=").getDescription()).contains("device");
  }

  @Test
  void aDeviceThatThisMachineLacks() {
    FailureAnalysis report = reported("spring.ai.probeselect.device=cuda:77");

    assertThat(report.getDescription()).contains("cuda:77");
    assertThat(report.getAction()).contains("spring.ai.probeselect.device");
  }

  @Test
  void aCalibrationThatCannotBeRead() {
    FailureAnalysis report = reported("spring.ai.probeselect.calibration=/there/is/none.json");

    assertThat(report.getDescription())
        .contains("spring.ai.probeselect.calibration = /there/is/none.json");
    assertThat(report.getAction()).contains("calibration");
  }

  @Test
  void theMetadataDescribesEveryProperty() throws IOException {
    String metadata =
        new ClassPathResource("META-INF/spring-configuration-metadata.json")
            .getContentAsString(StandardCharsets.UTF_8);

    assertThat(metadata)
        .contains(
            "\"spring.ai.probeselect.bundle\"",
            "\"spring.ai.probeselect.device\"",
            "\"spring.ai.probeselect.metric\"",
            "\"spring.ai.probeselect.image.options.candidates\"",
            "\"spring.ai.probeselect.image.options.budget.full-runs\"",
            "\"management.health.probeselect.enabled\"");
    JsonNode properties = new ObjectMapper().readTree(metadata).get("properties");
    assertThat(properties)
        .hasSizeGreaterThan(25)
        .allSatisfy(property -> assertThat(property.get("description").asText()).isNotBlank());
  }
}
