package io.github.probeselect.scenes;

import io.github.probeselect.image.RgbImage;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;

/**
 * A clean render, its caption, and the caption with one wrong word. Written by {@code
 * models/tests/golden/judge_cases.py}.
 *
 * @param word the kind of word that is wrong, such as {@code colour}
 */
record JudgeCase(RgbImage image, String word, String caption, String wrongCaption) {

  private static final int SIDE = 64;

  static List<JudgeCase> all() {
    try (InputStream sheetFile = open("judge-cases.png");
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(open("judge-cases.tsv"), StandardCharsets.UTF_8))) {
      BufferedImage sheet = ImageIO.read(sheetFile);
      int columns = sheet.getWidth() / SIDE;
      List<JudgeCase> cases = new ArrayList<>();
      lines.readLine();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.split("\t");
        int left = cases.size() % columns * SIDE;
        int top = cases.size() / columns * SIDE;
        RgbImage image = RgbImage.of(sheet.getSubimage(left, top, SIDE, SIDE));
        cases.add(new JudgeCase(image, fields[0], fields[1], fields[2]));
      }
      return cases;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String name) {
    return Objects.requireNonNull(JudgeCase.class.getResourceAsStream("/scenes/" + name), name);
  }
}
