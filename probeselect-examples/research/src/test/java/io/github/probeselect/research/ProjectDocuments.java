package io.github.probeselect.research;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The project's own pages and its POM, as tests read them. */
final class ProjectDocuments {

  static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();

  private ProjectDocuments() {}

  /** README and everything below docs. */
  static List<Path> pages() {
    try (Stream<Path> below = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(
              Stream.of(ROOT.resolve("README.md")),
              below.filter(path -> path.toString().endsWith(".md")))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static String text(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Document pom() {
    return xml(text(ROOT.resolve("pom.xml")));
  }

  static Document xml(String text) {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    } catch (Exception e) {
      throw new AssertionError(text, e);
    }
  }

  static List<Element> elements(NodeList nodes) {
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      if (nodes.item(i) instanceof Element element) {
        elements.add(element);
      }
    }
    return elements;
  }

  /** What stands in the child of this name; empty where there is none. */
  static String child(Element parent, String name) {
    return elements(parent.getChildNodes()).stream()
        .filter(element -> element.getTagName().equals(name))
        .findFirst()
        .map(element -> element.getTextContent().strip())
        .orElse("");
  }
}
