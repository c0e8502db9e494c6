package io.github.probeselect.scenes;

import io.github.probeselect.error.InvalidRequestException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a prompt of the scene grammar says.
 *
 * <p>The grammar, with brackets around what may be absent, and {@code an} for {@code a} where
 * English wants it:
 *
 * <pre>
 * prompt  = objects " on a " [texture] background " background"
 * objects = noun | noun " and " noun | noun ", " noun " and " noun
 *         | noun ("left of" | "right of" | "above" | "below") noun
 * noun    = ("a" | "two" | "three" | "four") [size] colour shape, plural after a number
 * size    = "small" | "large"; an object of no named size is medium
 * colour  = "red" | "orange" | "yellow" | "green" | "blue" | "purple" | "white" | "black"
 * shape   = "circle" | "square" | "triangle" | "star" | "cross"
 * texture = "striped" | "checkered" | "dotted"; a background of no named texture is plain
 * background = "gray" | "pink" | "cyan" | "tan"
 * </pre>
 *
 * A prompt asks for at most four objects, and only single objects stand in a relation.
 *
 * @param nouns one to three kinds of objects, in the order of the prompt
 * @param relation how the first noun stands to the second; null if the prompt does not say
 * @param texture of the background
 * @param background colour of the background
 */
public record SceneDescription(
    List<Noun> nouns, @Nullable Relation relation, Texture texture, BackgroundColour background) {

  /** The most objects that a prompt may ask for. */
  static final int MOST_OBJECTS = 4;

  /**
   * Describes a scene.
   *
   * @throws InvalidRequestException if the scene is beyond the grammar: no noun or more than three,
   *     more than four objects, or a relation between anything but two single objects
   */
  public SceneDescription {
    nouns = List.copyOf(nouns);
    if (nouns.isEmpty() || nouns.size() > 3) {
      throw new InvalidRequestException(
          "a scene names one to three kinds of objects, this one names " + nouns.size());
    }
    int objects = nouns.stream().mapToInt(Noun::count).sum();
    if (objects > MOST_OBJECTS) {
      throw new InvalidRequestException(
          "a scene holds at most " + MOST_OBJECTS + " objects, this one asks for " + objects);
    }
    if (relation != null && (nouns.size() != 2 || objects != 2)) {
      throw new InvalidRequestException(
          "a relation needs one object before it and one behind it, such as"
              + " 'a red circle above a blue star'");
    }
  }

  /**
   * Objects that look alike.
   *
   * @param count how many, 1 to 4
   * @param size of each
   * @param colour of each
   * @param shape of each
   */
  public record Noun(int count, Size size, ObjectColour colour, Shape shape) {

    /**
     * Describes {@code count} objects that look alike.
     *
     * @throws InvalidRequestException if the count is not 1 to 4
     */
    public Noun {
      if (count < 1 || count > MOST_OBJECTS) {
        throw new InvalidRequestException(
            "a noun stands for 1 to " + MOST_OBJECTS + " objects, not " + count);
      }
    }
  }

  /**
   * Reads a prompt. Upper and lower case, and the amount of white space, make no difference.
   *
   * @throws InvalidRequestException if the prompt is not of the grammar; the message names the
   *     first word that does not fit, and what would
   */
  public static SceneDescription parse(String prompt) {
    return new SceneParser(prompt).parse();
  }
}
