package io.github.probeselect.apps;

import io.github.probeselect.Candidate;
import io.github.probeselect.Candidate.Outcome;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.KeptImage;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;

/**
 * One picture of a whole generation: above, every candidate as it looked at the decision point,
 * with its seed, score and outcome; below, the kept ones finished, large.
 */
final class ContactSheet {

  private static final int COLUMNS = 8;
  private static final int SMALL = 112;
  private static final int LABEL = 34;
  private static final int GAP = 10;
  private static final Color PAPER = new Color(250, 250, 248);
  private static final Color INK = new Color(40, 40, 40);
  private static final Color FAINT = new Color(140, 140, 140);
  private static final Color KEPT = new Color(30, 140, 70);

  private ContactSheet() {}

  static void write(GenerationResult result, Path file) throws IOException {
    write(List.of(result), file);
  }

  /** Writes the sheets of several generations side by side. */
  static void write(List<GenerationResult> results, Path file) throws IOException {
    List<BufferedImage> sheets = results.stream().map(ContactSheet::draw).toList();
    int width = sheets.stream().mapToInt(BufferedImage::getWidth).sum();
    int height = sheets.stream().mapToInt(BufferedImage::getHeight).max().orElseThrow();
    BufferedImage page = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = page.createGraphics();
    graphics.setColor(PAPER);
    graphics.fillRect(0, 0, width, height);
    int x = 0;
    for (BufferedImage sheet : sheets) {
      graphics.drawImage(sheet, x, 0, null);
      x += sheet.getWidth();
    }
    graphics.dispose();
    Files.createDirectories(file.toAbsolutePath().getParent());
    ImageIO.write(page, "png", file.toFile());
  }

  private static BufferedImage draw(GenerationResult result) {
    List<Candidate> candidates = result.candidates();
    int columns = Math.min(COLUMNS, Math.max(4, candidates.size()));
    int rows = (candidates.size() + columns - 1) / columns;
    int width = GAP + columns * (SMALL + GAP);
    int largeColumns = Math.min(4, result.images().size());
    int large = Math.min(2 * SMALL + GAP, (width - GAP) / largeColumns - GAP);
    int largeRows = (result.images().size() + largeColumns - 1) / largeColumns;
    int below = 2 * LABEL + GAP + rows * (SMALL + LABEL);
    int height = below + LABEL + largeRows * (large + LABEL) + GAP;
    BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    graphics.setColor(PAPER);
    graphics.fillRect(0, 0, width, height);
    heading(graphics, "\u201c" + result.settings().prompt() + "\u201d", GAP, 26, 17);
    heading(graphics, decision(result), GAP, 50, 13);
    for (int i = 0; i < candidates.size(); i++) {
      int x = GAP + i % columns * (SMALL + GAP);
      int y = 2 * LABEL + i / columns * (SMALL + LABEL);
      candidate(graphics, candidates.get(i), x, y);
    }
    heading(graphics, "finished, best first", GAP, below + 14, 13);
    for (int i = 0; i < result.images().size(); i++) {
      int x = GAP + i % largeColumns * (large + GAP);
      int y = below + LABEL - GAP + i / largeColumns * (large + LABEL);
      KeptImage kept = result.images().get(i);
      graphics.drawImage(kept.image().toBufferedImage(), x, y, large, large, null);
      label(graphics, "seed " + kept.seed(), x, y + large + 15, INK, Font.PLAIN);
    }
    graphics.dispose();
    return sheet;
  }

  private static String decision(GenerationResult result) {
    return String.format(
        Locale.ROOT,
        "%s, after %s of %d steps: %d candidates, %d kept; %d of %d denoiser evaluations (%.0f%%)",
        result.settings().bundle(),
        result.settings().decisionSteps().stream()
            .map(String::valueOf)
            .collect(Collectors.joining(", ")),
        result.settings().scheduleSteps(),
        result.candidates().size(),
        result.images().size(),
        result.evaluations().spent(),
        result.evaluations().withoutSelection(),
        100 * result.evaluations().share());
  }

  private static void candidate(Graphics2D graphics, Candidate candidate, int x, int y) {
    boolean kept = candidate.outcome() == Outcome.KEPT;
    candidate
        .preview()
        .ifPresent(
            preview -> graphics.drawImage(preview.toBufferedImage(), x, y, SMALL, SMALL, null));
    if (kept) {
      graphics.setColor(KEPT);
      graphics.setStroke(new BasicStroke(4));
      graphics.drawRect(x, y, SMALL, SMALL);
    }
    String score =
        candidate.score().isPresent()
            ? String.format(Locale.ROOT, "%.2f", candidate.score().getAsDouble())
            : "-";
    label(
        graphics,
        candidate.seed() + ":  " + score + (kept ? "  kept" : "  pruned"),
        x,
        y + SMALL + 16,
        kept ? KEPT : FAINT,
        kept ? Font.BOLD : Font.PLAIN);
  }

  private static void heading(Graphics2D graphics, String text, int x, int y, int size) {
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, size));
    graphics.setColor(INK);
    graphics.drawString(text, x, y);
  }

  private static void label(
      Graphics2D graphics, String text, int x, int y, Color color, int style) {
    graphics.setFont(new Font(Font.SANS_SERIF, style, 12));
    graphics.setColor(color);
    graphics.drawString(text, x, y);
  }
}
