package io.github.probeselect.research;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.probeselect.tools.ProbeSelectTools;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** What the pages tell readers to type is what the project has. */
class DocumentsTest {

  private static final List<String> PLAIN =
      List.of(
          "io.github.probeselect:probeselect-core",
          "io.github.probeselect:probeselect-djl",
          "io.github.probeselect:probeselect-models",
          "ai.djl.pytorch:pytorch-native-cpu",
          "org.slf4j:slf4j-simple");

  /** Spring's starter brings the others, and Spring Boot its own log. */
  private static final List<String> STARTED =
      List.of(
          "io.github.probeselect:probeselect-spring-boot-starter",
          "ai.djl.pytorch:pytorch-native-cpu");

  private static final Pattern XML = Pattern.compile("```xml\n(.*?)```", Pattern.DOTALL);
  private static final Pattern GRADLE =
      Pattern.compile(
          "(?:implementation|runtimeOnly)\\(\"([^:\"]+):([^:\"]+):([^:\"]+):?([^:\"]*)\"\\)");
  private static final Pattern EXAMPLE =
      Pattern.compile("-Dexample=([\\w-]+)(?:\\s+-Dexample\\.args=\"([^\"]*)\")?");

  private static final Pattern TOOL =
      Pattern.compile("java -jar probeselect-tools-(\\S+)-all\\.jar ([^\n`]+)");

  private final Document pom = ProjectDocuments.pom();
  private final Document bom =
      ProjectDocuments.xml(
          ProjectDocuments.text(ProjectDocuments.ROOT.resolve("probeselect-core/bom/pom.xml")));

  /** What a project has to name to use the library. */
  private record Artifact(String group, String name, String version, String classifier) {
    String place() {
      return group + ":" + name;
    }
  }

  @Test
  void theDependenciesForMavenAreThoseOfTheProject() {
    int blocks = 0;
    for (var page : ProjectDocuments.pages()) {
      Matcher block = XML.matcher(ProjectDocuments.text(page));
      while (block.find()) {
        List<Artifact> artifacts = new ArrayList<>();
        Document xml = ProjectDocuments.xml("<all>" + block.group(1) + "</all>");
        for (Element element : ProjectDocuments.elements(xml.getElementsByTagName("dependency"))) {
          artifacts.add(
              new Artifact(
                  ProjectDocuments.child(element, "groupId"),
                  ProjectDocuments.child(element, "artifactId"),
                  ProjectDocuments.child(element, "version"),
                  ProjectDocuments.child(element, "classifier")));
        }
        check(artifacts, page.endsWith("spring.md") ? STARTED : PLAIN, page + block.group(1));
        assertThat(block.group(1)).contains(classifiers());
        blocks++;
      }
    }
    assertThat(blocks).as("README, and the pages about the installation and Spring").isEqualTo(3);
  }

  @Test
  void theDependenciesForGradleAreThoseOfTheProject() {
    List<Artifact> artifacts = new ArrayList<>();
    for (var page : ProjectDocuments.pages()) {
      Matcher line = GRADLE.matcher(ProjectDocuments.text(page));
      while (line.find()) {
        artifacts.add(new Artifact(line.group(1), line.group(2), line.group(3), line.group(4)));
      }
    }
    check(artifacts, PLAIN, "Gradle");
  }

  @Test
  void everyExampleThatAPageRunsIsThereWithItsOptions() {
    Set<String> run = new HashSet<>();
    for (var page : ProjectDocuments.pages()) {
      Matcher example = EXAMPLE.matcher(ProjectDocuments.text(page));
      while (example.find()) {
        run.add(example.group(1));
        // Without arguments the page may only speak of the example.
        String options = example.group(2) == null ? "--version" : example.group(2);
        List<String> arguments = new ArrayList<>(List.of(example.group(1)));
        arguments.addAll(Arrays.asList(options.split("\\s+")));
        assertThatCode(() -> Examples.commandLine().parseArgs(arguments.toArray(String[]::new)))
            .as("%s: %s", page, example.group())
            .doesNotThrowAnyException();
      }
    }
    assertThat(run).contains("Quickstart", "Evaluate", "Calibrate", "--help");
  }

  @Test
  void everyToolThatAPageRunsIsThereWithItsOptions() {
    String version = ProjectDocuments.child(pom.getDocumentElement(), "version");
    Set<String> run = new HashSet<>();
    for (var page : ProjectDocuments.pages()) {
      Matcher tool = TOOL.matcher(ProjectDocuments.text(page));
      while (tool.find()) {
        assertThat(tool.group(1)).as(tool.group()).isEqualTo(version);
        List<String> arguments = Arrays.asList(tool.group(2).strip().split("\\s+"));
        run.add(arguments.get(0));
        assertThatCode(
                () -> ProbeSelectTools.commandLine().parseArgs(arguments.toArray(String[]::new)))
            .as("%s: %s", page, tool.group())
            .doesNotThrowAnyException();
      }
    }
    assertThat(run).contains("--help", "doctor", "collect", "train", "calibrate", "evaluate");
  }

  /** The build server reads the command for the tests from there. */
  @Test
  void theSecondCommandOfTheReadmeRunsTheTests() {
    List<String> commands =
        ProjectDocuments.text(ProjectDocuments.ROOT.resolve("README.md"))
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("mvn "))
            .toList();

    assertThat(commands)
        .startsWith("mvn -q compile -Dexample=Quickstart", "mvn -B verify")
        .contains("mvn -q install -DskipTests");
  }

  private void check(List<Artifact> named, List<String> expected, String where) {
    Map<String, String> versions = versions();
    assertThat(named)
        .extracting(Artifact::place)
        .as(where)
        .containsExactlyInAnyOrderElementsOf(expected);
    for (Artifact artifact : named) {
      assertThat(artifact.version())
          .as("%s in %s", artifact, where)
          .isEqualTo(versions.get(artifact.place()));
      assertThat(!artifact.classifier().isEmpty())
          .as("%s has a classifier", artifact)
          .isEqualTo(artifact.name().equals("pytorch-native-cpu"));
      if (!artifact.classifier().isEmpty()) {
        assertThat(classifiers()).contains(artifact.classifier());
      }
    }
  }

  /**
   * By group and name, of everything whose version the project or its bill of materials manages.
   */
  private Map<String, String> versions() {
    Map<String, String> values = new HashMap<>();
    values.put("project.version", ProjectDocuments.child(pom.getDocumentElement(), "version"));
    Element properties = (Element) pom.getElementsByTagName("properties").item(0);
    for (Element property : ProjectDocuments.elements(properties.getChildNodes())) {
      values.put(property.getTagName(), property.getTextContent().strip());
    }
    Map<String, String> versions = new HashMap<>();
    for (Document managing : List.of(pom, bom)) {
      Element management = (Element) managing.getElementsByTagName("dependencyManagement").item(0);
      for (Element managed :
          ProjectDocuments.elements(management.getElementsByTagName("dependency"))) {
        String version =
            Pattern.compile("\\$\\{([^}]+)}")
                .matcher(ProjectDocuments.child(managed, "version"))
                .replaceAll(name -> Matcher.quoteReplacement(values.get(name.group(1))));
        versions.put(
            ProjectDocuments.child(managed, "groupId")
                + ":"
                + ProjectDocuments.child(managed, "artifactId"),
            version);
      }
    }
    return versions;
  }

  /** Of the platforms that the build chooses between. */
  private List<String> classifiers() {
    List<String> classifiers = new ArrayList<>();
    for (Element chosen : ProjectDocuments.elements(pom.getElementsByTagName("native.platform"))) {
      String classifier = chosen.getTextContent().strip();
      if (!classifier.startsWith("unsupported")) {
        classifiers.add(classifier);
      }
    }
    assertThat(classifiers).hasSize(4);
    return classifiers;
  }
}
