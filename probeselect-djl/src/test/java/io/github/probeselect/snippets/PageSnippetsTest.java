package io.github.probeselect.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import io.github.probeselect.testing.FakePipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every Java block of the README and the pages compiles, and every link leads to a file. */
class PageSnippetsTest {

  private static final Path REPOSITORY = Path.of("..");

  /** Of this module, of the adapters below it, and of the tests that run a whole page. */
  private static final List<Path> SOURCES =
      List.of(
          Path.of("src", "test", "java"),
          Path.of("integrations"),
          REPOSITORY.resolve("probeselect-examples/research/src/test/java"));

  private static final Pattern SNIPPETS =
      Pattern.compile("PageSnippets\\.java|FromCheckpointToSeedsTest\\.java");

  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)(?:#[^)]*)?\\)");

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  private static List<Path> pages() throws IOException {
    try (Stream<Path> pages = Files.walk(REPOSITORY.resolve("docs"))) {
      return Stream.concat(
              Stream.of(REPOSITORY.resolve("README.md"), REPOSITORY.resolve("models/README.md")),
              pages.filter(path -> path.toString().endsWith(".md")))
          .toList();
    }
  }

  static List<Named<String>> blocks() throws IOException {
    List<Named<String>> blocks = new ArrayList<>();
    for (Path page : pages()) {
      BLOCK
          .matcher(Files.readString(page))
          .results()
          .map((MatchResult match) -> match.group(1))
          .forEach(code -> blocks.add(Named.of(page.toString(), code)));
    }
    assertThat(blocks).hasSizeGreaterThan(12);
    return blocks;
  }

  static List<Named<Path>> links() throws IOException {
    List<Named<Path>> links = new ArrayList<>();
    for (Path page : pages()) {
      LINK.matcher(Files.readString(page))
          .results()
          .map((MatchResult match) -> match.group(1))
          .filter(target -> !target.contains("://"))
          .forEach(
              target -> links.add(Named.of(page + ": " + target, page.resolveSibling(target))));
    }
    assertThat(links).hasSizeGreaterThan(50);
    return links;
  }

  @ParameterizedTest
  @MethodSource("links")
  void leadsToAFile(Path target) {
    assertThat(target).exists();
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void isCompiled(String code) throws IOException {
    assertThat(snippets().stream().anyMatch(snippets -> snippets.contains(squeezed(code))))
        .as(code)
        .isTrue();
  }

  private static List<String> snippets() throws IOException {
    List<String> all = new ArrayList<>();
    for (Path sources : SOURCES) {
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path file : files.filter(PageSnippetsTest::hasSnippets).toList()) {
          all.add(squeezed(Files.readString(file)));
        }
      }
    }
    return all;
  }

  private static boolean hasSnippets(Path file) {
    return SNIPPETS.matcher(file.getFileName().toString()).matches();
  }

  /** Without comments and white space. */
  private static String squeezed(String code) {
    return code.replaceAll("(?m)//.*$", "").replaceAll("\\s+", "");
  }

  @Test
  void theFakeDoesWhatThePageSays() {
    PageSnippets.fake();
    GenerationResult result = PageSnippets.fakeProbe(fake.pipeline());
    PageSnippets.policyTested(PageSnippets.policy());
    PageSnippets.metricTested(fake.pipeline(), PageSnippets.policy(), PageSnippets.metric());
    PageSnippets.metricUsed(fake.pipeline(), "a red circle", PageSnippets.metric());
    PageSnippets.policyUsed(fake.pipeline(), "a red circle", PageSnippets.policy());

    assertThat(result.images()).extracting(KeptImage::seed).containsExactly(1L, 3L);
  }
}
