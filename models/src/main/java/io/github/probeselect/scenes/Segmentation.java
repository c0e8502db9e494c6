package io.github.probeselect.scenes;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Divides what stands out from the background into regions of one colour each, so that touching
 * objects of different colours come apart.
 *
 * <p>Pixels close to a palette colour are labelled with it; other outstanding pixels, which mostly
 * lie on anti-aliased edges, take the label of their neighbours. Connected pixels of one label form
 * a region. Regions without any inside, such as the fringe that blends into a third colour, join
 * the neighbour they touch most.
 */
final class Segmentation {

  /** The region of pixels that are background. */
  static final int NONE = -1;

  /** Pixels further than this from every palette colour, in L*a*b* units, are of no colour yet. */
  private static final double RECOGNISED = 32;

  private static final int GROUND = -1;
  private static final List<Lab> PALETTE =
      Arrays.stream(ObjectColour.values()).map(ObjectColour::lab).toList();
  private static final int UNKNOWN = PALETTE.size();
  private static final int GROWTH = 3;

  /** Outstanding pixels with fewer outstanding neighbours are specks; a corner has three. */
  private static final int COMPANY = 3;

  /**
   * A region this much smaller than a neighbour that half surrounds it is part of the neighbour.
   */
  private static final double FRAGMENT = 0.25;

  /** The most pixels that are taken off an edge to find a narrow place. */
  private static final int DEEPEST_CUT = 4;

  /** Smaller pieces of a region that falls apart are no objects. */
  private static final int SMALLEST_PIECE = 6;

  private final int width;
  private final int height;
  private final int[] regions;
  private int count;

  private Segmentation(int width, int height) {
    this.width = width;
    this.height = height;
    this.regions = new int[width * height];
  }

  /** Segments an image whose colours, row by row, are {@code colours}. */
  static Segmentation of(Lab[] colours, int width, Ground ground) {
    Segmentation result = new Segmentation(width, colours.length / width);
    int[] labels = new int[colours.length];
    for (int at = 0; at < labels.length; at++) {
      labels[at] = result.belongs(ground, at) ? nearest(colours[at]) : GROUND;
    }
    for (int step = 0; step < GROWTH; step++) {
      labels = result.grown(labels);
    }
    result.connect(labels);
    result.joinFragments();
    return result;
  }

  /** The number of regions; some may be empty. */
  int count() {
    return count;
  }

  /** The region of a pixel, from 0 on, or {@link #NONE}. */
  int region(int x, int y) {
    return regions[y * width + x];
  }

  /** Whether a pixel stands out, and enough of its neighbours do so that it is no speck. */
  private boolean belongs(Ground ground, int at) {
    if (ground.outstanding(at) <= Ground.OUTSTANDING) {
      return false;
    }
    int x = at % width;
    int y = at / width;
    int outstanding = -1;
    for (int v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
      for (int u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
        outstanding += ground.outstanding(v * width + u) > Ground.OUTSTANDING ? 1 : 0;
      }
    }
    return outstanding >= COMPANY;
  }

  /**
   * How deep each pixel lies in a region: 0 outside, 1 at its edge, one more with each step
   * inwards.
   */
  int[] depths(int region) {
    int[] depths = new int[regions.length];
    for (int at = 0; at < depths.length; at++) {
      if (regions[at] == region) {
        depths[at] = 1 + Math.min(depth(depths, at, 0), depth(depths, at, 2));
      }
    }
    for (int at = depths.length - 1; at >= 0; at--) {
      int behind = 1 + Math.min(depth(depths, at, 1), depth(depths, at, 3));
      depths[at] = Math.min(depths[at], behind);
    }
    return depths;
  }

  private int depth(int[] depths, int at, int side) {
    int beside = beside(at, side);
    return beside < 0 ? 0 : depths[beside];
  }

  /**
   * Parts a region at its narrow places, as when two objects of one colour touch: pixels are taken
   * off its edge until it falls into several pieces, which then grow back.
   *
   * @return a segmentation in which the region is several, the pieces numbered behind the present
   *     regions, and in which {@code region} is empty; nothing if the region has no narrow place
   */
  Optional<Segmentation> parted(int region) {
    int[] core = new int[regions.length];
    for (int at = 0; at < core.length; at++) {
      core[at] = regions[at] == region ? 0 : GROUND;
    }
    for (int step = 0; step < DEEPEST_CUT; step++) {
      core = thinned(core);
      Segmentation pieces = new Segmentation(width, height);
      pieces.connect(core);
      pieces.dropPiecesBelow(SMALLEST_PIECE);
      if (pieces.count > 1) {
        return Optional.of(joinedWith(pieces, region));
      }
    }
    return Optional.empty();
  }

  private int[] thinned(int[] core) {
    int[] result = core.clone();
    for (int at = 0; at < core.length; at++) {
      for (int side = 0; side < 4; side++) {
        int beside = beside(at, side);
        if (beside < 0 || core[beside] == GROUND) {
          result[at] = GROUND;
        }
      }
    }
    return result;
  }

  private void dropPiecesBelow(int area) {
    int[] areas = new int[count];
    for (int region : regions) {
      if (region != NONE) {
        areas[region]++;
      }
    }
    int[] number = new int[count];
    int kept = 0;
    for (int region = 0; region < count; region++) {
      number[region] = areas[region] >= area ? kept++ : NONE;
    }
    for (int at = 0; at < regions.length; at++) {
      regions[at] = regions[at] == NONE ? NONE : number[regions[at]];
    }
    count = kept;
  }

  /** Replaces {@code region} by the pieces, grown back pixel by pixel. */
  private Segmentation joinedWith(Segmentation pieces, int region) {
    Segmentation result = new Segmentation(width, height);
    result.count = count + pieces.count;
    int[] open = new int[regions.length];
    int size = 0;
    for (int at = 0; at < regions.length; at++) {
      boolean seed = pieces.regions[at] != NONE;
      result.regions[at] = seed ? count + pieces.regions[at] : regions[at];
      if (seed) {
        open[size++] = at;
      }
    }
    for (int next = 0; next < size; next++) {
      for (int side = 0; side < 4; side++) {
        int beside = beside(open[next], side);
        if (beside >= 0 && result.regions[beside] == region) {
          result.regions[beside] = result.regions[open[next]];
          open[size++] = beside;
        }
      }
    }
    return result;
  }

  private static int nearest(Lab colour) {
    int best = UNKNOWN;
    double distance = RECOGNISED;
    for (int label = 0; label < UNKNOWN; label++) {
      double d = colour.distance(PALETTE.get(label));
      if (d < distance) {
        distance = d;
        best = label;
      }
    }
    return best;
  }

  /** Gives each pixel of unknown colour the label that most of its neighbours have. */
  private int[] grown(int[] labels) {
    int[] result = labels.clone();
    int[] votes = new int[UNKNOWN];
    for (int at = 0; at < labels.length; at++) {
      if (labels[at] != UNKNOWN) {
        continue;
      }
      Arrays.fill(votes, 0);
      int x = at % width;
      int y = at / width;
      int most = 0;
      for (int v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (int u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          int label = labels[v * width + u];
          if (label >= 0 && label < UNKNOWN && ++votes[label] > most) {
            most = votes[label];
            result[at] = label;
          }
        }
      }
    }
    return result;
  }

  private void connect(int[] labels) {
    Arrays.fill(regions, NONE);
    int[] open = new int[labels.length];
    for (int start = 0; start < labels.length; start++) {
      if (labels[start] == GROUND || regions[start] != NONE) {
        continue;
      }
      int size = 0;
      open[size++] = start;
      regions[start] = count;
      while (size > 0) {
        int at = open[--size];
        for (int side = 0; side < 4; side++) {
          int beside = beside(at, side);
          if (beside >= 0 && regions[beside] == NONE && labels[beside] == labels[at]) {
            regions[beside] = count;
            open[size++] = beside;
          }
        }
      }
      count++;
    }
  }

  private void joinFragments() {
    int[] area = new int[count];
    int[] inside = new int[count];
    int[][] contact = new int[count][count];
    int[] outline = new int[count];
    for (int at = 0; at < regions.length; at++) {
      int region = regions[at];
      if (region == NONE) {
        continue;
      }
      area[region]++;
      boolean surrounded = true;
      for (int side = 0; side < 4; side++) {
        int beside = beside(at, side);
        int other = beside < 0 ? NONE : regions[beside];
        if (other != region) {
          surrounded = false;
          outline[region]++;
          if (other != NONE) {
            contact[region][other]++;
          }
        }
      }
      inside[region] += surrounded ? 1 : 0;
    }
    int[] home = new int[count];
    for (int region = 0; region < count; region++) {
      home[region] = region;
      int neighbour = region;
      for (int other = 0; other < count; other++) {
        if (contact[region][other] > contact[region][neighbour] && area[other] > area[region]) {
          neighbour = other;
        }
      }
      boolean fringe = inside[region] == 0;
      boolean fragment =
          area[region] < FRAGMENT * area[neighbour]
              && contact[region][neighbour] > outline[region] / 2;
      if (neighbour != region && (fringe || fragment)) {
        home[region] = neighbour;
      }
    }
    for (int at = 0; at < regions.length; at++) {
      int region = regions[at];
      // A region only ever joins a larger one, so the chain ends.
      while (region != NONE && home[region] != region) {
        region = home[region];
      }
      regions[at] = region;
    }
  }

  /** The pixel on one of four sides, or -1 outside the image. */
  private int beside(int at, int side) {
    int x = at % width;
    return switch (side) {
      case 0 -> x > 0 ? at - 1 : -1;
      case 1 -> x < width - 1 ? at + 1 : -1;
      case 2 -> at - width;
      default -> at + width < regions.length ? at + width : -1;
    };
  }
}
