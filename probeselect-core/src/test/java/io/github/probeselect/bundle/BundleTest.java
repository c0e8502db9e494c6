package io.github.probeselect.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.testing.FakeBundle;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of a bundle. */
class BundleTest extends BundleFixture {

  static final List<String> FILES = FakeBundle.FILES;

  @Test
  void aCompleteBundleOpens() throws IOException {
    Bundle bundle = Bundle.open(fake.directory());

    assertThat(bundle.location()).isEqualTo(fake.directory().toString());
    assertThat(bundle.manifest().name()).isEqualTo("fake");
    assertThat(bundle.manifest().files()).containsOnlyKeys(FakeBundle.FILES);
    assertThat(bundle.manifest().scheduler().config()).containsEntry("trained_betas", null);
    assertThat(bundle.manifest().provenance()).containsEntry("exporter", "test fixture");
    try (InputStream denoiser = bundle.read("denoiser.pt")) {
      assertThat(new String(denoiser.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("fake denoiser.pt\n");
    }
  }

  @Test
  void aFileOfADirectoryHasAPathThere() throws IOException {
    Bundle bundle = Bundle.open(fake.directory());

    assertThat(bundle.path("denoiser.pt")).contains(fake.file("denoiser.pt"));
    assertThatExceptionOfType(InvalidBundleException.class)
        .isThrownBy(() -> bundle.path("letter.txt"))
        .withMessageContaining("does not list letter.txt");
  }

  @Test
  void aFolderThatIsNotThereIsNoBundle() {
    assertRefused(directory.resolve("nowhere"), "nowhere", "not a directory");
  }

  @Test
  void aFileIsNoBundle() throws IOException {
    assertRefused(Files.writeString(directory.resolve("file"), ""), "not a directory");
  }

  @Test
  void aMissingManifestIsNamed() throws IOException {
    Files.delete(fake.file("manifest.json"));

    assertRefused("manifest.json");
  }

  @ParameterizedTest
  @FieldSource("FILES")
  void aMissingFileIsNamed(String file) throws IOException {
    Files.delete(fake.file(file));

    assertRefused("lacks " + file, "export the bundle again");
  }

  @ParameterizedTest
  @FieldSource("FILES")
  void aDamagedFileIsNamed(String file) throws IOException {
    Files.writeString(fake.file(file), Files.readString(fake.file(file)).replace('f', 'g'));

    assertRefused(file + " is damaged", "SHA-256");
  }

  @Test
  void aFileThatWasCutShortIsNamed() throws IOException {
    Files.writeString(fake.file("denoiser.pt"), "fake");

    assertRefused("denoiser.pt is damaged", "4 bytes", "17 bytes");
  }

  @Test
  void aWrongLengthInTheManifestIsDamageToo() throws IOException {
    fake.editManifest(manifest -> manifest.withObject("/files/denoiser.pt").put("bytes", 18));

    assertRefused("denoiser.pt is damaged", "18 bytes");
  }

  @Test
  void aFolderInPlaceOfAFileIsNamed() throws IOException {
    Files.delete(fake.file("denoiser.pt"));
    Files.createDirectory(fake.file("denoiser.pt"));

    assertRefused("denoiser.pt cannot be read");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../secret", "probe/../../secret", "/etc/hosts", "C:\\secret", "..\\secret"})
  void aFileOutsideTheBundleIsNotTouched(String file) throws IOException {
    fake.editManifest(
        manifest ->
            manifest.withObject("files").putObject(file).put("sha256", "00").put("bytes", 0));

    assertRefused("'" + file + "' leads out of the bundle");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../fake/denoiser.pt", "manifest.json", "absent.pt", "/etc/hosts"})
  void aFileThatTheManifestDoesNotListIsNotRead(String file) {
    Bundle bundle = Bundle.open(fake.directory());

    assertThatExceptionOfType(InvalidBundleException.class)
        .isThrownBy(() -> bundle.read(file))
        .withMessageContaining("does not list " + file);
  }

  @Test
  void aFileThatDisappearsAfterOpeningIsNamed() throws IOException {
    Bundle bundle = Bundle.open(fake.directory());
    Files.delete(fake.file("denoiser.pt"));

    assertThatExceptionOfType(InvalidBundleException.class)
        .isThrownBy(() -> bundle.read("denoiser.pt"))
        .withMessageContaining("lacks denoiser.pt");
  }

  @Test
  void withoutTheArtifactThereIsNoEmbeddedBundle() {
    assertThat(Bundle.embedded()).isEmpty();
  }
}
