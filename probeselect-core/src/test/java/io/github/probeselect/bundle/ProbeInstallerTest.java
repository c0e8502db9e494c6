package io.github.probeselect.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.probeselect.error.InvalidProbeException;
import io.github.probeselect.testing.FakeBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeInstallerTest {

  @TempDir Path directory;

  @Test
  void anInstalledProbeIsListedWithItsChecksumAndTheBundleStaysValid() throws IOException {
    FakeBundle bundle = FakeBundle.in(directory.resolve("bundle"));
    Path probe = probe("new json", "new weights");

    ProbeInstaller.install(bundle.directory(), probe, List.of(0.3, 0.4));

    Bundle opened = Bundle.open(bundle.directory());
    assertThat(opened.manifest().probes())
        .containsExactly(
            new BundleManifest.ProbeSpec("probe/probe.json", 0.3),
            new BundleManifest.ProbeSpec("probe/probe.json", 0.4));
    assertThat(opened.read("probe/probe.safetensors")).hasContent("new weights");
  }

  @Test
  void anIncompleteProbeLeavesTheBundleAsItWas() throws IOException {
    FakeBundle bundle = FakeBundle.in(directory.resolve("bundle"));
    String before = Files.readString(bundle.file("manifest.json"));
    Path probe = probe("new json", "new weights");
    Files.delete(probe.resolve("probe.safetensors"));

    assertThatThrownBy(() -> ProbeInstaller.install(bundle.directory(), probe, List.of(0.3, 0.4)))
        .isInstanceOf(InvalidProbeException.class)
        .hasMessageContaining("probe.safetensors is missing");

    assertThat(bundle.file("manifest.json")).hasContent(before);
    assertThat(bundle.file("probe/probe.json")).hasContent("fake probe/probe.json\n");
  }

  private Path probe(String json, String weights) throws IOException {
    Path probe = Files.createDirectories(directory.resolve("probe"));
    Files.writeString(probe.resolve("probe.json"), json);
    Files.writeString(probe.resolve("probe.safetensors"), weights);
    return probe;
  }
}
