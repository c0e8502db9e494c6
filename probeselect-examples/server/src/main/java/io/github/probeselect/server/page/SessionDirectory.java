package io.github.probeselect.server.page;

import io.github.probeselect.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The directory of a session: the library's session, what the page knows of it, previews and
 * images.
 *
 * @param path where it is; its last name is the session's
 */
record SessionDirectory(Path path) {

  private static final String ID = "[0-9a-f]{16}";

  /** Whether its name is that of a session. */
  boolean isNamed() {
    return id().matches(ID);
  }

  String id() {
    return String.valueOf(path.getFileName());
  }

  /** The file of the library's session. */
  Path state() {
    return path.resolve("candidates.session");
  }

  Path preview(int index) {
    return path.resolve("previews").resolve(index + ".png");
  }

  Path image(int index) {
    return path.resolve("images").resolve(index + ".png");
  }

  void create() throws IOException {
    Files.createDirectories(path.resolve("images"));
    Files.createDirectories(path.resolve("previews"));
  }

  void save(Session session, SavedPage page) throws IOException {
    session.save(state());
    page.write(path);
  }

  /** Deletes it with all that is in it. */
  void delete() throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
