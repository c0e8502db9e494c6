package io.github.probeselect.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChecksumsTest {

  /** The examples of FIPS 180-2. */
  @ParameterizedTest
  @CsvSource({
    "'', e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "abc, ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
  })
  void areLowerCaseHexadecimal(String text, String sha256) throws IOException {
    var stream = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));

    assertThat(Checksums.sha256(stream)).isEqualTo(sha256);
  }
}
