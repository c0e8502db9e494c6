"""A small real text-to-image model of drawn scenes: data, training, pipeline."""
