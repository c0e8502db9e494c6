package io.github.probeselect.tools;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the number of something, of which there must be one. */
public final class AtLeastOne implements ITypeConverter<Integer> {

  /** Creates the converter. */
  public AtLeastOne() {}

  @Override
  public Integer convert(String value) {
    int number;
    try {
      number = Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + value + "' is not an int");
    }
    if (number < 1) {
      throw new TypeConversionException("'" + value + "' is less than 1");
    }
    return number;
  }
}
