package io.github.probeselect.scenes;

import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.scenes.SceneDescription.Noun;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one prompt of the grammar in {@link SceneDescription}, word by word. */
final class SceneParser {

  private static final Map<String, Integer> NUMBERS = new LinkedHashMap<>();
  private static final Map<String, Size> SIZES = Map.of("small", Size.SMALL, "large", Size.LARGE);
  private static final Map<String, Texture> TEXTURES =
      Map.of("striped", Texture.STRIPED, "checkered", Texture.CHECKERED, "dotted", Texture.DOTTED);
  private static final Map<String, ObjectColour> COLOURS = byWord(ObjectColour.values());
  private static final Map<String, BackgroundColour> BACKGROUNDS =
      byWord(BackgroundColour.values());
  private static final Map<String, Shape> SHAPES = byWord(Shape.values());
  private static final Map<String, Shape> PLURALS = new LinkedHashMap<>();

  static {
    NUMBERS.put("a", 1);
    NUMBERS.put("an", 1);
    NUMBERS.put("two", 2);
    NUMBERS.put("three", 3);
    NUMBERS.put("four", 4);
    SHAPES.forEach((word, shape) -> PLURALS.put(word + (word.endsWith("s") ? "es" : "s"), shape));
  }

  private final String prompt;
  private final String[] words;
  private int next;

  SceneParser(String prompt) {
    this.prompt = prompt;
    this.words = prompt.toLowerCase(Locale.ROOT).replace(",", " , ").strip().split("\\s+");
  }

  SceneDescription parse() {
    List<Noun> nouns = new ArrayList<>();
    nouns.add(noun());
    Relation relation = relation();
    if (relation != null) {
      nouns.add(noun());
    } else {
      if (accept(",")) {
        nouns.add(noun());
        expect("and");
        nouns.add(noun());
      } else if (accept("and")) {
        nouns.add(noun());
      }
    }
    expect("on");
    if (!accept("a") && !accept("an")) {
      throw notUnderstood("'a'");
    }
    Texture texture = optional(TEXTURES, Texture.PLAIN);
    BackgroundColour background = required(BACKGROUNDS);
    expect("background");
    if (next < words.length) {
      throw notUnderstood("the end of the prompt");
    }
    return new SceneDescription(nouns, relation, texture, background);
  }

  private Noun noun() {
    int count = required(NUMBERS);
    Size size = optional(SIZES, Size.MEDIUM);
    ObjectColour colour = required(COLOURS);
    return new Noun(count, size, colour, required(count == 1 ? SHAPES : PLURALS));
  }

  private @Nullable Relation relation() {
    if (accept("above")) {
      return Relation.ABOVE;
    }
    if (accept("below")) {
      return Relation.BELOW;
    }
    if (accept("left")) {
      expect("of");
      return Relation.LEFT_OF;
    }
    if (accept("right")) {
      expect("of");
      return Relation.RIGHT_OF;
    }
    return null;
  }

  private boolean accept(String word) {
    boolean here = word.equals(word());
    if (here) {
      next++;
    }
    return here;
  }

  private void expect(String word) {
    if (!accept(word)) {
      throw notUnderstood("'" + word + "'");
    }
  }

  private <T> T optional(Map<String, T> vocabulary, T otherwise) {
    T meaning = vocabulary.get(word());
    if (meaning == null) {
      return otherwise;
    }
    next++;
    return meaning;
  }

  private <T> T required(Map<String, T> vocabulary) {
    T meaning = vocabulary.get(word());
    if (meaning == null) {
      throw notUnderstood("one of " + String.join(", ", vocabulary.keySet()));
    }
    next++;
    return meaning;
  }

  /** The word to read, or the empty string at the end. */
  private String word() {
    return next < words.length ? words[next] : "";
  }

  private InvalidRequestException notUnderstood(String expected) {
    String found = word().isEmpty() ? "the prompt ends" : "found '" + word() + "'";
    return new InvalidRequestException(
        "not a prompt of the scene grammar: "
            + found
            + " as word "
            + (next + 1)
            + " where "
            + expected
            + " was expected, in '"
            + prompt
            + "'");
  }

  private static <E extends Enum<E>> Map<String, E> byWord(E[] meanings) {
    Map<String, E> vocabulary = new LinkedHashMap<>();
    for (E meaning : meanings) {
      vocabulary.put(meaning.name().toLowerCase(Locale.ROOT), meaning);
    }
    return vocabulary;
  }
}
