"""Random descriptions, and random scenes that make them true."""

import numpy as np

from probeselect_models.training.scenes.captions import is_drawable
from probeselect_models.training.scenes.description import (
    BACKGROUNDS,
    COLOURS,
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

RADIUS = {"small": (6.3, 7.5), "medium": (10.0, 11.5), "large": (14.0, 15.3)}
"""Half extent in pixels, by size: lowest and highest."""
CROWDED_RADIUS = {"small": (6.3, 7.5), "medium": (9.0, 10.0), "large": (13.3, 14.3)}
"""The same in a picture with three or more objects, or with more than one large object."""
GAP = 2.0
RELATION_MARGIN = 6.0
"""A relation holds when the centres are at least this many pixels apart along its axis."""


KINDS = ("single", "count", "pair", "relation", "countpair", "triple")
KIND_FREQUENCIES = (0.12, 0.18, 0.15, 0.30, 0.15, 0.10)


def sample_description(rng: np.random.Generator) -> Description:
    """A random description: sizes named in a quarter of the nouns, textures in half the captions."""
    while True:
        kind = KINDS[rng.choice(len(KINDS), p=KIND_FREQUENCIES)]
        counts = {
            "single": (1,),
            "count": (int(rng.integers(2, 5)),),
            "pair": (1, 1),
            "relation": (1, 1),
            "countpair": (int(rng.integers(2, 4)), 1),
            "triple": (1, 1, 1),
        }[kind]
        sized = kind in ("single", "count", "pair", "relation")
        nouns = tuple(
            Noun(
                count,
                SIZES[rng.choice(3, p=(0.125, 0.75, 0.125))] if sized else "medium",
                pick(rng, tuple(COLOURS)),
                pick(rng, SHAPES),
            )
            for count in counts
        )
        description = Description(
            nouns,
            pick(rng, RELATIONS) if kind == "relation" else None,
            pick(rng, TEXTURES[1:]) if rng.random() < 0.5 else "plain",
            pick(rng, tuple(BACKGROUNDS)),
        )
        if is_drawable(description):
            return description


def arrange(description: Description, rng: np.random.Generator) -> Scene:
    """A random scene that makes the description true."""
    sizes = [noun.size for noun in description.nouns for _ in range(noun.count)]
    crowded = len(sizes) > 2 or sizes.count("large") > 1
    radius_range = CROWDED_RADIUS if crowded else RADIUS
    while True:
        radii = [rng.uniform(*radius_range[size]) for size in sizes]
        centres = _place(radii, rng)
        if centres is not None and _in_relation(description.relation, centres):
            break
    looks = [(noun.colour, noun.shape) for noun in description.nouns for _ in range(noun.count)]
    jitter = {noun.colour: rng.uniform(-8, 8, 3) for noun in description.nouns}
    objects = tuple(
        SceneObject(size, colour, shape, x, y, radius, _shifted(COLOURS[colour], jitter[colour]))
        for size, (colour, shape), (x, y), radius in zip(sizes, looks, centres, radii)
    )
    ground = _shifted(BACKGROUNDS[description.background], rng.uniform(-6, 6, 3))
    phase = (4 * int(rng.integers(2)), 4 * int(rng.integers(2)))
    return Scene(description, objects, ground, phase)


def sample_scene(rng: np.random.Generator) -> Scene:
    """A random scene of a random description."""
    return arrange(sample_description(rng), rng)


def pick(rng: np.random.Generator, words):
    return words[int(rng.integers(len(words)))]


def _shifted(rgb, jitter) -> tuple[float, float, float]:
    return tuple(float(v) for v in np.clip(np.add(rgb, jitter), 0, 255))


def _place(radii, rng):
    """Centres that keep the objects inside the picture and apart from each other, or None."""
    centres = []
    for i, radius in enumerate(radii):
        low, high = radius + 1, SIDE - radius - 1
        for x, y in rng.uniform(low, high, (20, 2)).tolist():
            if all(
                max(abs(x - u), abs(y - v)) >= radius + radii[j] + GAP
                for j, (u, v) in enumerate(centres)
            ):
                centres.append((x, y))
                break
        if len(centres) <= i:
            return None
    return centres


def _in_relation(relation, centres) -> bool:
    """Whether the first object stands to the second as told, mostly along the relation's axis."""
    if relation is None:
        return True
    along = displacement(relation, *centres)
    (x1, y1), (x2, y2) = centres
    across = abs(y1 - y2) if relation in ("left of", "right of") else abs(x1 - x2)
    return along >= max(RELATION_MARGIN, across)


def displacement(relation, first, second) -> float:
    """How far the first centre lies in the direction that the relation names, in pixels."""
    (x1, y1), (x2, y2) = first, second
    return {"left of": x2 - x1, "right of": x1 - x2, "above": y2 - y1, "below": y1 - y2}[relation]
