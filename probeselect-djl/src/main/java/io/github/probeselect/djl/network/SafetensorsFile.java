package io.github.probeselect.djl.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.internal.io.StrictJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A file in the safetensors format that holds arrays of type F32: the length of its header, the
 * header as JSON, padded with spaces, then the values, little-endian, without gaps.
 */
final class SafetensorsFile {

  private static final ObjectMapper JSON = StrictJson.builder().build();

  /** Free texts beside the arrays. */
  private static final String METADATA = "__metadata__";

  private final Map<String, Entry> entries;

  private SafetensorsFile(Map<String, Entry> entries) {
    this.entries = entries;
  }

  /** An array: its shape and its values. */
  record Entry(List<Long> shape, FloatBuffer values) {}

  /** Where the values of an array lie, from the end of the header on. */
  private record Span(String name, long begin, long end) {}

  /**
   * Reads a file.
   *
   * @throws IOException if its header is none, an array has another type than F32, or the arrays do
   *     not lie one behind the other up to the end of the file
   */
  static SafetensorsFile read(byte[] file) throws IOException {
    if (file.length < Long.BYTES) {
      throw new IOException("it is too short for a header");
    }
    ByteBuffer content = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    long length = content.getLong();
    if (length < 2 || length > content.remaining()) {
      throw new IOException("the header does not fit the file");
    }
    JsonNode header = JSON.readTree(file, Long.BYTES, (int) length);
    if (!header.isObject() || file[Long.BYTES] != '{') {
      throw new IOException("the header is not a JSON object");
    }
    int begin = Long.BYTES + (int) length;
    Map<String, Entry> entries = new LinkedHashMap<>();
    List<Span> spans = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : header.properties()) {
      if (field.getKey().equals(METADATA)) {
        continue;
      }
      Span span = span(field.getKey(), field.getValue(), file.length - begin);
      spans.add(span);
      FloatBuffer values =
          content
              .slice(begin + (int) span.begin, (int) (span.end - span.begin))
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer();
      entries.put(field.getKey(), new Entry(whole(field.getValue().get("shape")), values));
    }
    checkGaps(spans, file.length - begin);
    return new SafetensorsFile(Collections.unmodifiableMap(entries));
  }

  private static Span span(String name, JsonNode entry, long available) throws IOException {
    if (!entry.path("dtype").asText().equals("F32")) {
      throw new IOException(name + " has the type " + entry.path("dtype") + ", only F32 is read");
    }
    List<Long> shape = whole(entry.path("shape"));
    List<Long> offsets = whole(entry.path("data_offsets"));
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > available) {
      throw new IOException(name + " has the offsets " + offsets + " in " + available + " bytes");
    }
    long bytes = Float.BYTES;
    for (long size : shape) {
      if (size > 0 && bytes > available / size) {
        throw new IOException(name + " has the shape " + shape + ", which the file cannot hold");
      }
      bytes *= size;
    }
    if (offsets.get(1) - offsets.get(0) != bytes) {
      throw new IOException(
          name + " has the shape " + shape + ", which does not fit its offsets " + offsets);
    }
    return new Span(name, offsets.get(0), offsets.get(1));
  }

  private static List<Long> whole(JsonNode numbers) throws IOException {
    Long[] values = numbers.isArray() ? JSON.treeToValue(numbers, Long[].class) : null;
    if (values == null || Arrays.stream(values).anyMatch(value -> value == null || value < 0)) {
      throw new IOException(numbers + " is not a list of whole numbers of at least 0");
    }
    return List.of(values);
  }

  private static void checkGaps(List<Span> spans, long available) throws IOException {
    spans.sort(Comparator.comparingLong(Span::begin).thenComparingLong(Span::end));
    long end = 0;
    for (Span span : spans) {
      if (span.begin != end) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s begins at byte %s of the values, and what lies before it ends at %s",
                span.name,
                span.begin,
                end));
      }
      end = span.end;
    }
    if (end != available) {
      throw new IOException((available - end) + " bytes behind the last array belong to none");
    }
  }

  /** The arrays by name, in the order of the header. */
  Map<String, Entry> entries() {
    return entries;
  }
}
