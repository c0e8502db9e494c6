package io.github.probeselect.djl.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.testing.FakeBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeInstallerTest {

  @TempDir Path directory;

  private static final String NETWORK = "{\"weights\": \"probe.safetensors\"}";
  private static final String TORCH_SCRIPT = "{\"module\": \"judge.pt\"}";

  @Test
  void anInstalledProbeIsListedWithItsChecksumAndTheBundleStaysValid() throws IOException {
    FakeBundle bundle = FakeBundle.in(directory.resolve("bundle"));
    Path probe = probe(NETWORK, "probe.safetensors", "new weights");

    ProbeInstaller.install(bundle.directory(), probe, List.of(0.3, 0.4));

    Bundle opened = Bundle.open(bundle.directory());
    assertThat(opened.manifest().probes())
        .extracting(BundleManifest.ProbeSpec::file, BundleManifest.ProbeSpec::fraction)
        .containsExactly(tuple("probe/probe.json", 0.3), tuple("probe/probe.json", 0.4));
    assertThat(opened.read("probe/probe.json")).hasContent(NETWORK);
    assertThat(opened.read("probe/probe.safetensors")).hasContent("new weights");
  }

  @Test
  void ofAProbeThatIsReplacedNothingIsLeft() throws IOException {
    FakeBundle bundle = FakeBundle.in(directory.resolve("bundle"));
    Path probe = probe(TORCH_SCRIPT, "judge.pt", "new module");

    ProbeInstaller.install(bundle.directory(), probe, List.of(0.3));

    Bundle opened = Bundle.open(bundle.directory());
    assertThat(opened.read("probe/judge.pt")).hasContent("new module");
    assertThat(opened.manifest().files())
        .containsKey("denoiser.pt")
        .doesNotContainKey("probe/probe.safetensors");
    assertThat(bundle.file("probe/probe.safetensors")).doesNotExist();
  }

  @Test
  void anIncompleteProbeLeavesTheBundleAsItWas() throws IOException {
    Path probe = probe(NETWORK, "probe.safetensors", "new weights");
    Files.delete(probe.resolve("probe.safetensors"));

    assertRefused(probe, "probe.safetensors is missing");
  }

  @Test
  void aDirectoryWithoutAProbeLeavesTheBundleAsItWas() throws IOException {
    assertRefused(directory, "probe.json is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"weights\": \"../secret\"}", "{\"module\": \"..\"}", "[]", ""})
  void aProbeThatNamesNoFileBesideItLeavesTheBundleAsItWas(String json) throws IOException {
    assertRefused(probe(json, "probe.safetensors", "new weights"), "names no file beside it");
  }

  @Test
  void whatIsNoJsonLeavesTheBundleAsItWas() throws IOException {
    assertRefused(probe("{weights", "probe.safetensors", "new weights"), "not valid JSON");
  }

  private void assertRefused(Path probe, String says) throws IOException {
    FakeBundle bundle = FakeBundle.in(directory.resolve("bundle"));
    String before = Files.readString(bundle.file("manifest.json"));

    assertThatThrownBy(() -> ProbeInstaller.install(bundle.directory(), probe, List.of(0.3, 0.4)))
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining(probe.toString())
        .hasMessageContaining(says);

    assertThat(bundle.file("manifest.json")).hasContent(before);
    assertThat(bundle.file("probe/probe.json")).hasContent("fake probe/probe.json\n");
    Bundle.open(bundle.directory());
  }

  private Path probe(String json, String file, String content) throws IOException {
    Path probe = Files.createDirectories(directory.resolve("trained"));
    Files.writeString(probe.resolve("probe.json"), json);
    Files.writeString(probe.resolve(file), content);
    return probe;
  }
}
