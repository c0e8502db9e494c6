"""Which captions are true of a scene, and captions that are false for it."""

import itertools
from dataclasses import replace

import numpy as np

from probeselect_models.training.scenes.arrangement import RELATION_MARGIN, displacement, pick
from probeselect_models.training.scenes.captions import caption, is_drawable, parse
from probeselect_models.training.scenes.description import (
    BACKGROUNDS,
    COLOURS,
    RELATIONS,
    SHAPES,
    TEXTURES,
    Description,
    Noun,
    Scene,
    SceneObject,
)


def facts(scene: Scene, text: str) -> float:
    """The share, in [0, 1], of a caption's statements that the scene satisfies; 1 if it is true.

    One statement for the number of objects, one for each object (the share of its named properties:
    colour, shape, size if named), one for the relation, for the background colour and for the texture
    if named. Objects of the caption are matched with those of the scene as favourably as possible.
    """
    d = parse(text)
    wanted = [noun for noun in d.nouns for _ in range(noun.count)]
    there = scene.objects
    statements = [
        float(len(wanted) == len(there)),
        float(d.background == scene.description.background),
    ]
    if d.texture != "plain":
        statements.append(float(d.texture == scene.description.texture))
    slots = list(there) + [None] * max(0, len(wanted) - len(there))
    best = max(
        sum(_likeness(noun, thing) for noun, thing in zip(wanted, match))
        + (_holds(d.relation, match) if d.relation else 0.0)
        for match in itertools.permutations(slots, len(wanted))
    )
    total = len(statements) + len(wanted) + (1 if d.relation else 0)
    return (sum(statements) + best) / total


def _likeness(noun: Noun, thing: SceneObject | None) -> float:
    if thing is None:
        return 0.0
    same = [noun.colour == thing.colour, noun.shape == thing.shape]
    if noun.size != "medium":
        same.append(noun.size == thing.size)
    return sum(same) / len(same)


def _holds(relation: str, match) -> float:
    if match[0] is None or match[1] is None:
        return 0.0
    first, second = ((thing.x, thing.y) for thing in match[:2])
    return float(displacement(relation, first, second) >= RELATION_MARGIN)


def perturb(scene: Scene, rng: np.random.Generator) -> str:
    """The scene's caption with one word wrong: number, size, colour, shape, relation or ground.

    Each kind of word is chosen equally often. A relation is only replaced by one that is clearly
    false, that is, whose axis the objects do not follow at all.
    """
    d = scene.description
    changes = ["colour", "shape", "background"]
    changes += ["texture"] if d.texture != "plain" else []
    changes += ["relation"] if d.relation else []
    changes += ["size"] if any(noun.size != "medium" for noun in d.nouns) else []
    changes += ["count"] if any(noun.count > 1 for noun in d.nouns) else []
    while True:
        changed = _changed(scene, pick(rng, changes), rng)
        if changed is not None and is_drawable(changed) and changed != d:
            text = caption(changed)
            if facts(scene, text) < 1:
                return text


def _changed(scene: Scene, what: str, rng) -> Description | None:
    d = scene.description
    if what == "background":
        return replace(d, background=pick(rng, tuple(BACKGROUNDS)))
    if what == "texture":
        return replace(d, texture=pick(rng, TEXTURES[1:]))
    if what == "relation":
        relation = pick(rng, RELATIONS)
        first, second = ((thing.x, thing.y) for thing in scene.objects)
        return replace(d, relation=relation) if displacement(relation, first, second) <= 0 else None
    i = int(rng.integers(len(d.nouns)))
    noun = d.nouns[i]
    if what == "colour":
        noun = replace(noun, colour=pick(rng, tuple(COLOURS)))
    elif what == "shape":
        noun = replace(noun, shape=pick(rng, SHAPES))
    elif what == "size" and noun.size != "medium":
        noun = replace(noun, size="large" if noun.size == "small" else "small")
    elif what == "count" and noun.count > 1:
        noun = replace(noun, count=int(rng.integers(2, 5)))
    return replace(d, nouns=d.nouns[:i] + (noun,) + d.nouns[i + 1 :])
