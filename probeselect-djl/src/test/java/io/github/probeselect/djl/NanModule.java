package io.github.probeselect.djl;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** TorchScript modules with NaN among their weights, which opens and computes nonsense. */
final class NanModule {

  private NanModule() {}

  /** Puts NaN in the first place of every tensor of so many float32 values. */
  static byte[] of(InputStream module, int values) {
    ByteArrayOutputStream changed = new ByteArrayOutputStream();
    try (ZipInputStream from = new ZipInputStream(new ByteArrayInputStream(module.readAllBytes()));
        ZipOutputStream to = new ZipOutputStream(changed)) {
      to.setMethod(ZipOutputStream.STORED);
      boolean found = false;
      for (ZipEntry entry = from.getNextEntry(); entry != null; entry = from.getNextEntry()) {
        byte[] content = from.readAllBytes();
        if (entry.getName().contains("/data/") && content.length == 4 * values) {
          ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, Float.NaN);
          found = true;
        }
        ZipEntry copy = new ZipEntry(entry.getName());
        CRC32 crc = new CRC32();
        crc.update(content);
        copy.setSize(content.length);
        copy.setCrc(crc.getValue());
        to.putNextEntry(copy);
        to.write(content);
        to.closeEntry();
      }
      if (!found) {
        throw new IllegalStateException("the module has no tensor of " + values + " values");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return changed.toByteArray();
  }
}
