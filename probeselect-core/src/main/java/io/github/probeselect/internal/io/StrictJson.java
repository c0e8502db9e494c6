package io.github.probeselect.internal.io;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * How JSON is read: a whole number may be written {@code 5}, {@code 5.0} or {@code 5e0}, but {@code
 * 5.5}, {@code "5"} and a number that is too large are none; a key occurs once; nothing follows the
 * value. Jackson alone would cut, convert and overlook these.
 */
public final class StrictJson {

  private static final BigDecimal LARGEST_VERSION = BigDecimal.valueOf(Integer.MAX_VALUE);

  private StrictJson() {}

  /** A builder of mappers that read so; what else a format asks for is added to it. */
  public static JsonMapper.Builder builder() {
    return JsonMapper.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(
            DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
            DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
            DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .withCoercionConfig(
            LogicalType.Textual,
            config -> {
              config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
              config.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
              config.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
            })
        .addModule(
            new SimpleModule()
                .addDeserializer(int.class, new WholeNumber<>(int.class, BigInteger::intValueExact))
                .addDeserializer(
                    Integer.class, new WholeNumber<>(Integer.class, BigInteger::intValueExact))
                .addDeserializer(
                    long.class, new WholeNumber<>(long.class, BigInteger::longValueExact))
                .addDeserializer(
                    Long.class, new WholeNumber<>(Long.class, BigInteger::longValueExact)));
  }

  /**
   * The field {@code formatVersion} of a file.
   *
   * @return -1 if it is not a whole number; a version too large for an {@code int} is the largest
   *     of them
   */
  public static int formatVersion(JsonNode root) {
    JsonNode version = root.path("formatVersion");
    if (!version.isNumber() || !Double.isFinite(version.doubleValue())) {
      return -1;
    }
    BigDecimal number = version.decimalValue();
    return number.stripTrailingZeros().scale() > 0 || number.signum() < 0
        ? -1
        : number.min(LARGEST_VERSION).intValue();
  }

  /** Reads a whole number, however it is written. */
  private static final class WholeNumber<T> extends StdScalarDeserializer<T> {

    private static final long serialVersionUID = 1L;

    /** Larger exponents would make numbers of any number of digits. */
    private static final int MOST_DIGITS = 20;

    private final boolean primitive;
    private final transient Narrowing<T> narrowing;

    WholeNumber(Class<T> type, Narrowing<T> narrowing) {
      super(type);
      this.primitive = type.isPrimitive();
      this.narrowing = narrowing;
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
      if (!parser.currentToken().isNumeric() || parser.isNaN()) {
        if (parser.hasToken(JsonToken.VALUE_NUMBER_FLOAT)) {
          throw context.weirdNumberException(0, handledType(), parser.getText() + " is no number");
        }
        @SuppressWarnings("unchecked")
        T handled = (T) context.handleUnexpectedToken(handledType(), parser);
        return handled;
      }
      try {
        BigDecimal number = parser.getDecimalValue();
        if (number.precision() - number.scale() > MOST_DIGITS) {
          throw new ArithmeticException("too large");
        }
        return narrowing.narrow(number.toBigIntegerExact());
      } catch (ArithmeticException e) {
        throw JsonMappingException.from(
            parser,
            parser.getText() + " is not a whole number that fits into " + handledType().getName(),
            e);
      }
    }

    @Override
    public @Nullable T getNullValue(DeserializationContext context) throws JsonMappingException {
      if (primitive && context.isEnabled(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)) {
        context.reportInputMismatch(this, "null where a whole number is needed");
      }
      return null;
    }
  }

  /** Makes a type of a number, or throws an {@link ArithmeticException} if it does not fit. */
  private interface Narrowing<T> {
    T narrow(BigInteger number);
  }
}
