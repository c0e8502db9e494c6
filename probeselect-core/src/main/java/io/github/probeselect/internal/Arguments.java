package io.github.probeselect.internal;

import io.github.probeselect.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Refuses arguments that are {@code null}, by their names. */
public final class Arguments {

  private Arguments() {}

  /**
   * Returns an argument.
   *
   * @param name of the setting or parameter
   * @throws InvalidRequestException if it is {@code null}
   */
  public static <T> T require(String name, @Nullable T argument) {
    if (argument == null) {
      throw new InvalidRequestException(name + " is null; give a value, or leave the call out");
    }
    return argument;
  }

  /**
   * Returns arguments as a list.
   *
   * @throws InvalidRequestException if it, or one of them, is {@code null}; the message says which
   */
  public static <T> List<T> requireAll(String name, @Nullable T @Nullable [] arguments) {
    @Nullable T[] given = require(name, arguments);
    return requireAll(name, Arrays.asList(given));
  }

  /**
   * Returns a copy of a list of arguments.
   *
   * @throws InvalidRequestException if it, or one of them, is {@code null}; the message says which
   */
  public static <T> List<T> requireAll(
      String name, @Nullable List<? extends @Nullable T> arguments) {
    List<T> all = new ArrayList<>();
    for (@Nullable T argument : require(name, arguments)) {
      all.add(require(name + "[" + all.size() + "]", argument));
    }
    return List.copyOf(all);
  }
}
