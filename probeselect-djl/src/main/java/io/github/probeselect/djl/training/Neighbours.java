package io.github.probeselect.djl.training;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The prompts most like a given one, by the words that have to be changed. Scoring a finished image
 * under them as well tells a probe what a picture has to show for a prompt, which scalar rewards of
 * the prompt alone do not.
 */
final class Neighbours {

  private final Map<String, Integer> vocabulary = new HashMap<>();
  private final List<String> prompts;
  private final List<int[]> words;

  Neighbours(List<String> prompts) {
    this.prompts = List.copyOf(prompts);
    this.words = prompts.stream().map(this::words).toList();
  }

  /**
   * The {@code count} prompts with the fewest word edits from {@code prompt}, nearest first, itself
   * left out.
   */
  List<String> of(String prompt, int count) {
    int[] own = words(prompt);
    List<int[]> found = new ArrayList<>();
    for (int other = 0; other < prompts.size(); other++) {
      if (!prompts.get(other).equals(prompt)) {
        found.add(new int[] {distance(own, words.get(other)), other});
      }
    }
    found.sort(Comparator.<int[]>comparingInt(pair -> pair[0]).thenComparingInt(pair -> pair[1]));
    return found.stream().limit(count).map(pair -> prompts.get(pair[1])).toList();
  }

  private int[] words(String prompt) {
    String[] split = prompt.toLowerCase(Locale.ROOT).strip().split("\\s+", -1);
    int[] ids = new int[split.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = vocabulary.computeIfAbsent(split[i], word -> vocabulary.size());
    }
    return ids;
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
