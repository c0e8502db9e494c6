package io.github.probeselect.apps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.probeselect.error.BackendException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ChooseDeviceTest {

  @Test
  void theFirstThatThereIsIsTaken() {
    assertThat(new CommandLine(new ChooseDevice()).execute("--devices=cuda:99,cpu")).isZero();
  }

  @Test
  void theReasonAgainstTheLastIsThatOfTheCall() {
    List<Integer> tried = new ArrayList<>();

    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(
            () ->
                ChooseDevice.open(
                    List.of("cuda:0", "mps"),
                    options -> {
                      tried.add(tried.size());
                      throw new BackendException("no device number " + tried.size());
                    }))
        .withMessage("no device number 2");
  }
}
