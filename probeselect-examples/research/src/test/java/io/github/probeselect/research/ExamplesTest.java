package io.github.probeselect.research;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.ProbeSelect;
import io.github.probeselect.apps.Quickstart;
import io.github.probeselect.djl.DjlBackend;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.scenes.SceneCheck;
import io.github.probeselect.tools.Collect;
import io.github.probeselect.tools.PlainErrors;
import io.github.probeselect.tools.ProbeSelectTools;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What all examples do alike. */
class ExamplesTest {

  /** They only list others. */
  private static final Set<Class<?>> NOT_RUN_BY_NAME =
      Set.of(Examples.class, ProbeSelectTools.class);

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir private Path directory;

  static Stream<String> names() {
    return all().getSubcommands().keySet().stream();
  }

  @Test
  void everyCommandIsListed() throws Exception {
    List<Class<?>> commands = new ArrayList<>();
    for (Class<?> type : List.of(Quickstart.class, Collect.class, Ablate.class)) {
      commands.addAll(commands(type));
    }

    List<Class<?>> listed = new ArrayList<>();
    for (CommandLine command : all().getSubcommands().values()) {
      listed.add(command.getCommand().getClass());
    }
    assertThat(listed).containsExactlyInAnyOrderElementsOf(commands);
  }

  /** In the package of a class, which lies in a directory or in a jar. */
  private static List<Class<?>> commands(Class<?> one) throws Exception {
    String packageName = one.getPackageName();
    Path place = place(one);
    List<Class<?>> commands = new ArrayList<>();
    try (FileSystem jar = Files.isDirectory(place) ? null : FileSystems.newFileSystem(place)) {
      Path root = jar == null ? place : jar.getPath("/");
      try (Stream<Path> files = Files.list(root.resolve(packageName.replace('.', '/')))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
          String name = file.getFileName().toString().replace(".class", "");
          Class<?> type = Class.forName(packageName + "." + name);
          if (type.isAnnotationPresent(Command.class) && !NOT_RUN_BY_NAME.contains(type)) {
            commands.add(type);
          }
        }
      }
    }
    assertThat(commands).isNotEmpty();
    return commands;
  }

  @ParameterizedTest
  @MethodSource("names")
  void helpSaysWhatAnExampleDoes(String name) {
    assertThat(run(all(), name, "--help")).isZero();

    String description =
        all().getSubcommands().get(name).getCommandSpec().usageMessage().description()[0];
    String firstWords = description.substring(0, 20);
    assertThat(firstWords).isNotBlank();
    assertThat(out.toString()).contains("Usage: examples " + name, firstWords);
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("names")
  void theVersionIsThatOfTheProject(String name) {
    assertThat(run(all(), name, "--version")).isZero();

    assertThat(out.toString()).startsWith("ProbeSelect " + version());
  }

  @Test
  void theVersionIsThereWithoutAnExampleToo() {
    assertThat(run(all(), "--version")).isZero();

    assertThat(out.toString()).startsWith("ProbeSelect " + version());
  }

  @ParameterizedTest
  @MethodSource("names")
  void aWrongOptionIsNamedWithoutTheUsage(String name) {
    assertThat(run(all(), name, "--no-such-option")).isEqualTo(2);

    // What is wanted and not there is named first.
    boolean complete = all().getSubcommands().get(name).getCommandSpec().requiredArgs().isEmpty();
    assertThat(err.toString())
        .startsWith(
            "error: " + (complete ? "Unknown option: '--no-such-option'" : "Missing required "))
        .endsWith("Give --help for a list of its options.\n")
        .doesNotContain("Usage:", "\tat ");
    assertThat(err.toString().lines()).hasSizeLessThanOrEqualTo(3);
  }

  @Test
  void anOptionThatIsNearlyRightIsSuggested() {
    assertThat(run(all(), "Quickstart", "--frction=0.2")).isEqualTo(2);

    assertThat(err.toString()).contains("--frction", "Possible solutions: --fraction");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Quickstrt", "true", "quickstart", "io.github.probeselect.apps.Quickstart"})
  void anUnknownExampleIsAnsweredWithThoseThatThereAre(String name) {
    assertThat(run(all(), name, "--help-me")).isEqualTo(2);

    assertThat(err.toString()).startsWith("error: there is no command " + name);
    names().forEach(known -> assertThat(err.toString()).contains("  " + known + " "));
  }

  @Test
  void aReasonOfTheLibraryIsOneLine() {
    assertThat(run(all(), "Quickstart", "-n=2", "-k=3", "--output=" + directory)).isEqualTo(1);

    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("error: ")
        .contains("k = 3", "n = 2");
  }

  @Test
  void aFileThatIsMissingIsOneLine() {
    Path missing = directory.resolve("no-prompts.txt");

    assertThat(run(all(), "Collect", "--prompts=" + missing)).isEqualTo(1);

    assertThat(err.toString().lines()).singleElement().asString().contains(missing.toString());
  }

  @Test
  void whatEndsAnExampleIsToldByItsKind() {
    assertThat(failing(new InvalidRequestException("no seeds"))).isEqualTo("error: no seeds");
    assertThat(failing(new NoSuchFileException("a.txt"))).isEqualTo("error: no such file: a.txt");
    assertThat(failing(new FileAlreadyExistsException("out")))
        .isEqualTo("error: out is a file, where a directory is wanted");
  }

  @Test
  void aBugKeepsItsTrace() {
    assertThat(failing(new IllegalStateException("a bug")))
        .contains("IllegalStateException: a bug", "\tat " + ExamplesTest.class.getName());
  }

  @Test
  void aProcessEndsWithTheStatusOfTheExample() throws Exception {
    String main = Examples.class.getName();

    assertThat(ExampleProcess.run(List.of(main, "--version"), directory)).isZero();
    assertThat(ExampleProcess.run(List.of(main, "Quickstart", "--no-such-option"), directory))
        .isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        ProbeSelect.class,
        DjlBackend.class,
        SceneCheck.class,
        Quickstart.class,
        Collect.class,
        Examples.class
      })
  void everyModuleCarriesTheLicence(Class<?> type) throws Exception {
    Path place = place(type);
    byte[] licence;
    if (Files.isDirectory(place)) {
      licence = Files.readAllBytes(place.resolve("META-INF/LICENSE"));
    } else {
      try (JarFile jar = new JarFile(place.toFile())) {
        licence = jar.getInputStream(jar.getEntry("META-INF/LICENSE")).readAllBytes();
      }
    }

    assertThat(licence).isEqualTo(Files.readAllBytes(Path.of("..", "..", "LICENSE")));
  }

  private String failing(Exception failure) {
    err.getBuffer().setLength(0);
    assertThat(run(PlainErrors.in(new CommandLine(new Failing(failure))))).isEqualTo(1);
    return err.toString().strip();
  }

  private int run(CommandLine command, String... arguments) {
    return command
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private static CommandLine all() {
    return Examples.commandLine();
  }

  private static String version() {
    Element project = ProjectDocuments.pom().getDocumentElement();
    return ProjectDocuments.child(project, "version");
  }

  private static Path place(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  /** An example that cannot do what it is asked for. */
  @Command(name = "failing")
  private record Failing(Exception failure) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      throw failure;
    }
  }
}
