package io.github.probeselect.server.web;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The fields of a request. Reading goes on after a wrong one, so that all of them are reported;
 * {@link #check} throws if there was any. A field that is {@code null} counts as absent.
 */
public final class Fields {

  private final JsonNode json;
  private final Set<String> known = new LinkedHashSet<>();
  private final List<FieldProblem> problems = new ArrayList<>();

  Fields(JsonNode json) {
    this.json = json;
  }

  /** Reports a wrong field. */
  public void wrong(String name, String problem) {
    problems.add(new FieldProblem(name, problem));
  }

  /**
   * Throws what was found wrong.
   *
   * @throws BadRequestException if anything was
   */
  public void check() {
    if (!problems.isEmpty()) {
      throw new BadRequestException(problems);
    }
  }

  /** Names fields that are allowed and have no effect here. */
  public void ignore(String... names) {
    known.addAll(List.of(names));
  }

  /** The fields that nothing has read or named. */
  public List<String> unknown() {
    return json.propertyNames().stream().filter(name -> !known.contains(name)).toList();
  }

  /** Whether a field is there. */
  public boolean has(String name) {
    return value(name).isPresent();
  }

  private Optional<JsonNode> value(String name) {
    known.add(name);
    return Optional.ofNullable(json.get(name)).filter(value -> !value.isNull());
  }

  /** A text. */
  public Optional<String> text(String name) {
    Optional<JsonNode> value = value(name);
    if (value.isPresent() && !value.get().isString()) {
      wrong(name, "must be a string");
      return Optional.empty();
    }
    return value.map(JsonNode::stringValue);
  }

  /** A text of limited length, which may be empty. */
  public String text(String name, String otherwise, int longest) {
    String text = text(name).orElse(otherwise);
    if (text.length() > longest) {
      wrong(
          name,
          "has " + text.length() + " characters; at most " + longest + " characters are allowed");
      return otherwise;
    }
    return text;
  }

  /** The prompt, which must be there and not be blank. */
  public String prompt(String name, int longest) {
    boolean there = has(name);
    String prompt = text(name, "", longest);
    boolean reported = problems.stream().anyMatch(problem -> problem.field().equals(name));
    if (prompt.isBlank() && !reported) {
      wrong(
          name,
          (there ? "is empty" : "is missing")
              + "; it must be a text of 1 to "
              + longest
              + " characters that describes the image");
    }
    return prompt;
  }

  /** A whole number in a range. */
  public long whole(String name, long otherwise, long least, long most) {
    Optional<JsonNode> value = value(name);
    if (value.isEmpty()) {
      return otherwise;
    }
    JsonNode number = value.get();
    if (number.isNumber() && number.canConvertToLong() && isWhole(number)) {
      long whole = number.longValue();
      if (whole >= least && whole <= most) {
        return whole;
      }
    }
    wrong(name, "must be a whole number from " + least + " to " + most + ", not " + shown(number));
    return otherwise;
  }

  private static boolean isWhole(JsonNode number) {
    return number.isIntegralNumber() || number.doubleValue() == Math.rint(number.doubleValue());
  }

  /** A whole number in a range of {@code int}. */
  public int whole(String name, int otherwise, int least, int most) {
    return (int) whole(name, (long) otherwise, least, most);
  }

  /** A number in a range. */
  public double number(String name, double otherwise, double least, double most) {
    Optional<JsonNode> value = value(name);
    if (value.isEmpty()) {
      return otherwise;
    }
    double number = value.get().isNumber() ? value.get().doubleValue() : Double.NaN;
    if (number >= least && number <= most) {
      return number;
    }
    wrong(name, "must be a number from " + least + " to " + most + ", not " + shown(value.get()));
    return otherwise;
  }

  /** True or false. */
  public boolean flag(String name, boolean otherwise) {
    Optional<JsonNode> value = value(name);
    if (value.isPresent() && !value.get().isBoolean()) {
      wrong(name, "must be true or false, not " + shown(value.get()));
      return otherwise;
    }
    return value.map(JsonNode::booleanValue).orElse(otherwise);
  }

  /** An object with fields of its own. */
  public Optional<Fields> object(String name) {
    Optional<JsonNode> value = value(name);
    if (value.isPresent() && !value.get().isObject()) {
      wrong(name, "must be an object, not " + shown(value.get()));
      return Optional.empty();
    }
    return value.map(Fields::new);
  }

  /** A list of whole numbers in a range. */
  public List<Integer> wholes(String name, int least, int most) {
    Optional<JsonNode> value = value(name);
    List<Integer> numbers = new ArrayList<>();
    if (value.isEmpty()) {
      return numbers;
    }
    if (value.get().isArray()) {
      for (JsonNode number : value.get()) {
        if (number.isInt() && number.intValue() >= least && number.intValue() <= most) {
          numbers.add(number.intValue());
        }
      }
      if (numbers.size() == value.get().size()) {
        return numbers;
      }
    }
    wrong(
        name,
        "must be a list of whole numbers from "
            + least
            + " to "
            + most
            + ", not "
            + shown(value.get()));
    return List.of();
  }

  private static String shown(JsonNode value) {
    String text = value.toString();
    return text.length() > 40 ? text.substring(0, 40) + "..." : text;
  }
}
