package io.github.probeselect.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.error.InvalidDatasetException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;

/** Checks whether shards were collected with the same settings, and names the first difference. */
final class HeaderCheck {

  private static final ObjectMapper JSON = new ObjectMapper();

  private HeaderCheck() {}

  /**
   * Compares value by value.
   *
   * @param other the name of the other header in messages
   * @throws InvalidDatasetException if they differ; the message names the value
   */
  static void same(Path file, DatasetHeader found, String other, DatasetHeader expected) {
    JsonNode here = asRead(found);
    JsonNode there = asRead(expected);
    for (Iterator<String> names = here.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!here.get(name).equals(there.get(name))) {
        throw new InvalidDatasetException(
            String.format(
                Locale.ROOT,
                "shard %s was collected with %s = %s, but %s has %s; keep them in two directories",
                file,
                name,
                here.get(name),
                other,
                there.get(name)));
      }
    }
  }

  /** With the types that numbers have once they were read. */
  private static JsonNode asRead(DatasetHeader header) {
    try {
      return JSON.readTree(JSON.writeValueAsBytes(header));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
