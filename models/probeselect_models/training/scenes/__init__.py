"""The small world that the model draws: scenes, their captions, their pictures.

A `Description` is what a caption says, a `Scene` is one arrangement that makes it true, `render` draws
the scene. `facts` measures how much of any caption a scene satisfies, `perturb` gives a caption that
is false for a scene. All randomness comes from the `numpy.random.Generator` that the caller passes.
"""

from probeselect_models.training.scenes.arrangement import (
    CROWDED_RADIUS,
    KINDS,
    RADIUS,
    RELATION_MARGIN,
    arrange,
    sample_description,
    sample_scene,
)
from probeselect_models.training.scenes.captions import caption, is_drawable, parse, split_of
from probeselect_models.training.scenes.description import (
    BACKGROUNDS,
    COLOURS,
    NUMBERS,
    RELATIONS,
    SHAPES,
    SIDE,
    SIZES,
    TEXTURES,
    Description,
    Noun,
    Scene,
    SceneObject,
)
from probeselect_models.training.scenes.picture import coverage, render
from probeselect_models.training.scenes.truth import facts, perturb

__all__ = [
    "BACKGROUNDS",
    "COLOURS",
    "CROWDED_RADIUS",
    "KINDS",
    "NUMBERS",
    "RADIUS",
    "RELATIONS",
    "RELATION_MARGIN",
    "SHAPES",
    "SIDE",
    "SIZES",
    "TEXTURES",
    "Description",
    "Noun",
    "Scene",
    "SceneObject",
    "arrange",
    "caption",
    "coverage",
    "facts",
    "is_drawable",
    "parse",
    "perturb",
    "render",
    "sample_description",
    "sample_scene",
    "split_of",
]
