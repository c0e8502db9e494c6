package io.github.probeselect.djl.training;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The prompts most like a given one, by the words they share in the same order. Scoring a finished
 * image under them as well tells a probe what a picture has to show for a prompt, which scalar
 * rewards of the prompt alone do not.
 */
final class Neighbours {

  private Neighbours() {}

  /**
   * For each prompt the indices of the {@code count} others with the fewest word edits, nearest
   * first.
   */
  static int[][] of(List<String> prompts, int count) {
    if (count >= prompts.size()) {
      throw new IllegalArgumentException(
          "there are only " + prompts.size() + " prompts to find " + count + " neighbours among");
    }
    List<int[]> words = words(prompts);
    int[][] neighbours = new int[prompts.size()][];
    for (int i = 0; i < neighbours.length; i++) {
      neighbours[i] = nearest(words, i, count);
    }
    return neighbours;
  }

  private static int[] nearest(List<int[]> words, int of, int count) {
    List<int[]> found = new ArrayList<>();
    for (int other = 0; other < words.size(); other++) {
      if (other != of) {
        found.add(new int[] {distance(words.get(of), words.get(other)), other});
      }
    }
    found.sort(Comparator.<int[]>comparingInt(pair -> pair[0]).thenComparingInt(pair -> pair[1]));
    return found.stream().limit(count).mapToInt(pair -> pair[1]).toArray();
  }

  private static List<int[]> words(List<String> prompts) {
    Map<String, Integer> vocabulary = new HashMap<>();
    List<int[]> words = new ArrayList<>();
    for (String prompt : prompts) {
      String[] split = prompt.toLowerCase(Locale.ROOT).strip().split("\\s+", -1);
      int[] ids = new int[split.length];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = vocabulary.computeIfAbsent(split[i], word -> vocabulary.size());
      }
      words.add(ids);
    }
    return words;
  }

  /** The Levenshtein distance in words. */
  private static int distance(int[] a, int[] b) {
    int[] row = new int[b.length + 1];
    for (int j = 0; j <= b.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length; i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length; j++) {
        int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length];
  }
}
