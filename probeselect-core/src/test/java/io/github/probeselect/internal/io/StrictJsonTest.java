package io.github.probeselect.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {

  private static final JsonMapper JSON = StrictJson.builder().build();

  private record Numbers(int count, long large, List<Integer> list, double real, String text) {}

  private static Numbers read(String count, String large, String inList, String real, String text)
      throws JsonProcessingException {
    String json =
        "{\"count\":%s,\"large\":%s,\"list\":[1,%s],\"real\":%s,\"text\":%s}"
            .formatted(count, large, inList, real, text);
    Numbers direct = JSON.readValue(json, Numbers.class);
    assertThat(JSON.treeToValue(JSON.readTree(json), Numbers.class)).isEqualTo(direct);
    return direct;
  }

  @ParameterizedTest
  @ValueSource(strings = {"1000", "1e3", "1000.0", "1E+3", "10000e-1"})
  void aWholeNumberMayBeWrittenInAnyWay(String number) throws JsonProcessingException {
    assertThat(read(number, number, number, number, "\"a\""))
        .isEqualTo(new Numbers(1000, 1000, List.of(1, 1000), 1000, "a"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5.5",
        "\"5\"",
        "true",
        "null",
        "[5]",
        "{}",
        "1e-1",
        "1e400",
        "1e999999999",
        "\"\"",
        "NaN",
        "9223372036854775808",
        "99999999999999999999999999"
      })
  void whatIsNoWholeNumberIsRefused(String number) {
    refused(number, "1", "1");
    refused("1", number, "1");
    if (!number.equals("null")) {
      refused("1", "1", number);
    }
  }

  private static void refused(String count, String large, String inList) {
    assertThatExceptionOfType(JsonProcessingException.class)
        .isThrownBy(() -> read(count, large, inList, "1", "\"a\""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"count\":2147483648,\"large\":1,\"list\":[],\"real\":1,\"text\":\"a\"}",
        "{\"count\":1,\"large\":1,\"list\":[],\"real\":\"1\",\"text\":\"a\"}",
        "{\"count\":1,\"large\":1,\"list\":[],\"real\":1,\"text\":5}",
        "{\"count\":1,\"count\":1,\"large\":1,\"list\":[],\"real\":1,\"text\":\"a\"}",
        "{\"count\":1,\"large\":1,\"list\":[],\"real\":1,\"text\":\"a\"} {}",
        "{\"count\":1,\"large\":1,\"list\":[],\"real\":1}",
      })
  void whatOtherReadersWouldBendIsRefused(String json) {
    assertThatExceptionOfType(JsonProcessingException.class)
        .isThrownBy(() -> JSON.readValue(json, Numbers.class));
    assertThatExceptionOfType(JsonProcessingException.class)
        .isThrownBy(() -> JSON.treeToValue(JSON.readTree(json), Numbers.class));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "1.0, 1",
    "10e-1, 1",
    "\"1\", -1",
    "1.5, -1",
    "true, -1",
    "null, -1",
    "-3, -1",
    "4294967297, 2147483647",
    "1e300, 2147483647",
  })
  void aVersionIsAWholeNumberAndWrapsNotAround(String written, int version)
      throws JsonProcessingException {
    assertThat(StrictJson.formatVersion(JSON.readTree("{\"formatVersion\":" + written + "}")))
        .isEqualTo(version);
    assertThat(StrictJson.formatVersion(JSON.readTree("{}"))).isEqualTo(-1);
  }
}
