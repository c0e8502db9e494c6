package io.github.probeselect.bundle;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.InvalidBundleException;
import io.github.probeselect.testing.FakeBundle;
import java.io.IOException;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A bundle that is valid until a test breaks it. */
abstract class BundleFixture {

  @TempDir Path directory;

  FakeBundle fake;

  @BeforeEach
  void write() throws IOException {
    fake = FakeBundle.in(directory.resolve("fake"));
  }

  void assertRefused(String... parts) {
    assertRefused(fake.directory(), parts);
  }

  static void assertRefused(Path bundle, String... parts) {
    ThrowableAssertAlternative<InvalidBundleException> refusal =
        assertThatExceptionOfType(InvalidBundleException.class)
            .isThrownBy(() -> Bundle.open(bundle))
            .withMessageContaining(bundle.toString());
    for (String part : parts) {
      refusal.withMessageContaining(part);
    }
  }
}
