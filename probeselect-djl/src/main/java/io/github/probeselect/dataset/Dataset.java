package io.github.probeselect.dataset;

import io.github.probeselect.error.InvalidDatasetException;
import io.github.probeselect.internal.Arguments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A directory of shards. Shards that several machines collected with the same settings form one
 * dataset once they are in one directory; an incomplete dataset has the prompts of the shards
 * present. Immutable and thread-safe, as long as the files stay.
 */
public final class Dataset {

  private final Path directory;
  private final DatasetHeader header;
  private final List<Path> shards;
  private final List<String> prompts;

  private Dataset(Path directory, DatasetHeader header, List<Path> shards, List<String> prompts) {
    this.directory = directory;
    this.header = header;
    this.shards = List.copyOf(shards);
    this.prompts = List.copyOf(prompts);
  }

  /**
   * Opens a dataset and checks all of it: version, checksums, data types and shapes of every shard,
   * and whether the shards belong together.
   *
   * @throws InvalidDatasetException if there is no shard, one is damaged, or two do not fit; the
   *     message names the file
   * @throws IOException if the directory cannot be read
   */
  public static Dataset open(Path directory) throws IOException {
    List<Path> files = files(Arguments.require("directory", directory));
    if (files.isEmpty()) {
      throw new InvalidDatasetException(
          "no dataset at " + directory + ": there is no shard in it; collect one");
    }
    List<String> prompts = new ArrayList<>();
    Set<Integer> places = new HashSet<>();
    List<DatasetHeader> headers = new ArrayList<>();
    for (Path file : files) {
      Shard shard = Shard.read(file);
      headers.add(shard.header());
      HeaderCheck.same(file, shard.header(), files.get(0).toString(), headers.get(0));
      if (!places.add(shard.firstPrompt())) {
        throw new InvalidDatasetException(
            String.format(
                Locale.ROOT,
                "shard %s holds prompts that another one holds too, from number %d on; delete one",
                file,
                shard.firstPrompt()));
      }
      prompts.addAll(shard.prompts());
    }
    return new Dataset(directory, headers.get(0), files, prompts);
  }

  /** The shards of a directory, in the order of their names; none if there is no directory. */
  static List<Path> files(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return List.of();
    }
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory.toString());
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(file -> file.getFileName().toString().matches("shard-\\d+\\.npz"))
          .sorted()
          .toList();
    }
  }

  /** Its directory. */
  public Path directory() {
    return directory;
  }

  /** How it was collected. */
  public DatasetHeader header() {
    return header;
  }

  /** The prompts of the shards present, in order. */
  public List<String> prompts() {
    return prompts;
  }

  /** Whether all shards are present. */
  public boolean isComplete() {
    return shards.size() == header.shards();
  }

  /** Reads the shards one by one and passes each of their prompts to {@code action}. */
  public void forEach(Consumer<RecordedPrompt> action) {
    for (Path file : shards) {
      Shard shard = Shard.read(file);
      for (int row = 0; row < shard.prompts().size(); row++) {
        action.accept(new RecordedPrompt(shard, row));
      }
    }
  }
}
