package io.github.probeselect.internal.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of a {@code .npy} file, in versions 1.0 to 3.0 of the format: a Python dictionary with
 * the keys {@code descr}, {@code fortran_order} and {@code shape}, in any order and with any white
 * space.
 *
 * @param type the data type without byte order, such as {@code f4}
 * @param order the byte order of the values
 * @param fortranOrder whether the first axis varies fastest
 * @param shape the size along every axis
 * @param begin where in the file the values begin
 */
record NpyHeader(String type, ByteOrder order, boolean fortranOrder, List<Long> shape, int begin) {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** A key and its value: a text, a truth value or a tuple of sizes. */
  private static final Pattern ENTRY =
      Pattern.compile(
          "\\s*(?:'(\\w+)'|\"(\\w+)\")\\s*:\\s*"
              + "('[^'\\\\]*'|\"[^\"\\\\]*\"|True|False|\\((?:\\s*\\d+L?\\s*,)*(?:\\s*\\d+L?)?\\s*\\))"
              + "\\s*(,|(?=\\}))");

  private static final Pattern DESCRIPTION = Pattern.compile("([<>|=]?)([a-zA-Z]\\d+)");

  static NpyHeader read(byte[] file) throws IOException {
    ByteBuffer content = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[MAGIC.length];
    if (file.length < MAGIC.length + 4) {
      throw new IOException("it is too short for an array of numpy");
    }
    content.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new IOException("it is not an array of numpy");
    }
    int version = content.get();
    int minor = content.get();
    if (version < 1 || version > 3 || minor != 0 || (version > 1 && content.remaining() < 4)) {
      throw new IOException("its format version is " + version + "." + minor + ", not 1.0 to 3.0");
    }
    long length =
        version == 1 ? Short.toUnsignedLong(content.getShort()) : content.getInt() & 0xffffffffL;
    if (length > content.remaining()) {
      throw new IOException("its header does not fit the file");
    }
    String text =
        new String(
            file,
            content.position(),
            (int) length,
            version < 3 ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
    return of(entries(text), content.position() + (int) length);
  }

  private static Map<String, String> entries(String text) throws IOException {
    String header = text.strip();
    Map<String, String> entries = new LinkedHashMap<>();
    Matcher entry = ENTRY.matcher(header);
    int at = 1;
    boolean more = header.startsWith("{");
    while (more && entry.find(at) && entry.start() == at) {
      at = entry.end();
      String key = Objects.requireNonNullElse(entry.group(1), entry.group(2));
      if (entries.put(key, entry.group(3)) != null) {
        throw new IOException("its header has the key '" + key + "' twice");
      }
      more = !entry.group(4).isEmpty();
    }
    if (!header.startsWith("{") || !header.substring(at).strip().equals("}")) {
      throw new IOException("its header is not what numpy writes: " + header);
    }
    if (!entries.keySet().equals(Set.of("descr", "fortran_order", "shape"))) {
      throw new IOException(
          "its header has the keys " + entries.keySet() + ", not descr, fortran_order and shape");
    }
    return entries;
  }

  private static NpyHeader of(Map<String, String> entries, int begin) throws IOException {
    String quoted = entries.getOrDefault("descr", "");
    Matcher description = DESCRIPTION.matcher(quoted.substring(1, quoted.length() - 1));
    if (!description.matches()) {
      throw new IOException("its data type is " + quoted + ", which is not a plain number");
    }
    String order = entries.getOrDefault("fortran_order", "");
    String tuple = entries.getOrDefault("shape", "");
    if (!(order.equals("True") || order.equals("False")) || !tuple.startsWith("(")) {
      throw new IOException("its fortran_order is " + order + " and its shape " + tuple);
    }
    List<Long> shape = new ArrayList<>();
    for (String size : tuple.substring(1, tuple.length() - 1).split(",", -1)) {
      String digits = size.strip().replace("L", "");
      if (!digits.isEmpty()) {
        try {
          shape.add(Long.valueOf(digits));
        } catch (NumberFormatException e) {
          throw new IOException("its shape is " + tuple + ", which is too large", e);
        }
      }
    }
    return new NpyHeader(
        description.group(2),
        description.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
        order.equals("True"),
        List.copyOf(shape),
        begin);
  }
}
