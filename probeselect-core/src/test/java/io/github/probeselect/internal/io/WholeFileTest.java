package io.github.probeselect.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {

  @TempDir Path directory;

  @Test
  void directoriesAreMadeAndWhatWasThereIsReplaced() throws IOException {
    Path file = directory.resolve("a/b/file");

    WholeFile.write(file, new byte[] {1});
    WholeFile.write(file, new byte[] {2, 3});

    assertThat(file).hasBinaryContent(new byte[] {2, 3});
    assertThat(files(file.getParent())).containsExactly("file");
  }

  @Test
  void aFailureLeavesWhatWasThereAndNothingElse() throws IOException {
    Path file = directory.resolve("file");
    WholeFile.write(file, new byte[] {1});

    assertThatThrownBy(
            () ->
                WholeFile.write(
                    file,
                    stream -> {
                      stream.write(new byte[100_000]);
                      throw new IOException("the disk is full");
                    }))
        .hasMessage("the disk is full");

    assertThat(file).hasBinaryContent(new byte[] {1});
    assertThat(files(directory)).containsExactly("file");
  }

  @Test
  void manyWritersOfOneFileLeaveTheContentOfOneOfThem() throws IOException {
    Path file = directory.resolve("file");

    IntStream.range(0, 200)
        .parallel()
        .forEach(
            writer -> {
              byte[] content = new byte[5000];
              Arrays.fill(content, (byte) writer);
              try {
                WholeFile.write(file, content);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });

    byte[] left = Files.readAllBytes(file);
    assertThat(left).hasSize(5000).containsOnly(left[0]);
    assertThat(files(directory)).containsExactly("file");
  }

  @Test
  void whatKilledProcessesLeftOfAFileIsSweptAndNothingElse() throws IOException {
    for (String name : new String[] {".file.x.tmp", ".file.y.tmp", ".files.x.tmp", "file.tmp"}) {
      Files.writeString(directory.resolve(name), "half a file");
    }

    WholeFile.sweep(directory.resolve("file"));

    assertThat(files(directory)).containsExactlyInAnyOrder(".files.x.tmp", "file.tmp");
  }

  @Test
  void aRootDirectoryIsNoFile() {
    Path root = directory.getRoot();

    assertThatThrownBy(() -> WholeFile.write(root, new byte[0]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("root directory");
  }

  private static Stream<String> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).toList().stream();
    }
  }
}
