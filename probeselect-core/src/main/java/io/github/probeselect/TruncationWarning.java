package io.github.probeselect;

import io.github.probeselect.model.Conditioning.Reading;
import io.github.probeselect.model.Conditioning.Truncation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Describes which text encoders and metrics truncate a text, and which read all of it. */
final class TruncationWarning {

  private TruncationWarning() {}

  static String of(Truncation truncation) {
    Map<Extent, List<String>> encoders = new LinkedHashMap<>();
    for (Reading reading : truncation.readings()) {
      encoders
          .computeIfAbsent(Extent.of(reading), extent -> new ArrayList<>())
          .add(reading.encoder());
    }
    if (encoders.size() == 1) {
      Extent all = encoders.keySet().iterator().next();
      return "the "
          + truncation.text()
          + " has "
          + all.length()
          + " tokens, of which the model reads the first "
          + all.limit();
    }
    List<String> cut = new ArrayList<>();
    List<String> whole = new ArrayList<>();
    encoders.forEach(
        (extent, names) -> {
          boolean several = names.size() > 1;
          if (extent.isCut()) {
            cut.add(
                "for "
                    + joined(names)
                    + (several ? ", which read the first " : ", which reads the first ")
                    + extent.limit()
                    + " of "
                    + extent.length()
                    + " tokens");
          } else {
            whole.add(joined(names) + (several ? " read all " : " reads all ") + extent.length());
          }
        });
    return "the "
        + truncation.text()
        + " is too long "
        + joined(cut)
        + (whole.isEmpty() ? "" : "; " + joined(whole));
  }

  /** Describes how much of the prompt a metric reads. */
  static String ofMetric(String metric, Reading reading) {
    Extent extent = Extent.of(reading);
    return "the prompt is too long for the metric '"
        + metric
        + "', which reads the first "
        + extent.limit()
        + " of "
        + extent.length()
        + " tokens";
  }

  /**
   * How many tokens of a text some encoders read; for encoders that read all of it the limit is
   * ignored.
   */
  private record Extent(int tokens, boolean counted, int limit) {

    static Extent of(Reading reading) {
      return new Extent(
          reading.tokens(),
          reading.counted(),
          reading.isCut() ? reading.limit() : reading.tokens());
    }

    boolean isCut() {
      return tokens > limit;
    }

    String length() {
      return counted ? String.valueOf(tokens) : "at least " + tokens;
    }
  }

  private static String joined(List<String> parts) {
    int last = parts.size() - 1;
    return last < 1
        ? parts.get(0)
        : String.join(", ", parts.subList(0, last)) + " and " + parts.get(last);
  }
}
