package io.github.probeselect.scenes;

import io.github.probeselect.image.RgbImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds what there is to see in a segmented image, and parts objects of one colour that touch. */
final class Lookout {

  /** A blob that overlaps with some shape by this much is one object, whatever its outline. */
  private static final double SHAPELY = 0.8;

  /** How much better the parts of a blob must overlap with shapes than the whole. */
  private static final double IMPROVEMENT = 0.08;

  private final RgbImage image;
  private final Ground ground;

  Lookout(RgbImage image, Ground ground) {
    this.image = image;
    this.ground = ground;
  }

  /** All that is seen, largest first. */
  List<Sighting> sightings(Segmentation segmentation) {
    List<Sighting> sightings = new ArrayList<>();
    for (int region = 0; region < segmentation.count(); region++) {
      sightings.addAll(sightings(segmentation, region));
    }
    sightings.sort(Comparator.comparingDouble(Sighting::area).reversed());
    return sightings;
  }

  private List<Sighting> sightings(Segmentation segmentation, int region) {
    Optional<Sighting> whole = Blob.of(image, ground, segmentation, region).map(Sighting::new);
    if (whole.isEmpty() || whole.get().shapeliness() > SHAPELY) {
      return whole.stream().toList();
    }
    List<Sighting> parts =
        segmentation.parted(region).map(parted -> parts(parted, segmentation)).orElse(List.of());
    boolean better = shapeliness(parts) > whole.get().shapeliness() + IMPROVEMENT;
    return better ? parts : List.of(whole.get());
  }

  private List<Sighting> parts(Segmentation parted, Segmentation whole) {
    List<Sighting> parts = new ArrayList<>();
    for (int part = whole.count(); part < parted.count(); part++) {
      parts.addAll(sightings(parted, part));
    }
    return parts;
  }

  /** The mean over the pixels of all sightings. */
  private static double shapeliness(List<Sighting> sightings) {
    double sum = 0;
    double area = 0;
    for (Sighting sighting : sightings) {
      sum += sighting.area() * sighting.shapeliness();
      area += sighting.area();
    }
    return area > 0 ? sum / area : 0;
  }
}
