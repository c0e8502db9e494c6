package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakePipeline;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A pipeline of the fake model, and requests that sessions are opened of. */
abstract class SessionFixture {

  static final DecisionPoint FIFTH = DecisionPoint.fraction(0.2);

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  @TempDir Path directory;

  GenerationRequest request(int n) {
    return fake.pipeline().request(FakePipeline.PROMPT).candidates(n).steps(10).reproducible(true);
  }

  static List<Long> seeds(List<KeptImage> images) {
    return images.stream().map(KeptImage::seed).toList();
  }

  RgbImage solo(long seed) {
    return request(1).seeds(seed).generate().images().get(0).image();
  }

  static void refused(ThrowingCallable call, String message) {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(call)
        .withMessageContaining(message);
  }
}
