"""Training examples for `scene-reward`: pictures with flaws, captions with flaws, and how much is true."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from probeselect_models.training.scenes import (
    BACKGROUNDS,
    COLOURS,
    RELATIONS,
    SHAPES,
    SIDE,
    SIZES,
    Scene,
    SceneObject,
    arrange,
    caption,
    facts,
    perturb,
    render,
    sample_description,
    split_of,
)

CAPTIONS = 4
"""Captions of a picture: the one it was drawn for, two with a wrong word, one that is further off."""
RELATIONS_MORE = 0.4
"""Share of scenes that are drawn until they have a relation, the hardest thing to learn."""
CELLS = 8
_STEP = SIDE // CELLS


@dataclass(frozen=True)
class Example:
    """A picture (0..255 float [64, 64, 3]), its captions, and the share of each that it satisfies."""

    picture: np.ndarray
    captions: tuple[str, ...]
    truth: tuple[float, ...]
    flawless: bool
    scene: Scene


def training_scene(rng: np.random.Generator) -> Scene:
    related = rng.random() < RELATIONS_MORE
    while True:
        description = sample_description(rng)
        if related and not description.relation:
            continue
        if split_of(caption(description)) == "train":
            return arrange(description, rng)


def example(rng: np.random.Generator) -> Example:
    """A scene of the training split, drawn as told in half of the cases, else with flaws.

    In some pictures a flaw is half there: the picture is a mixture of two drawings, and so is the truth.
    """
    scene = training_scene(rng)
    captions = [caption(scene), _wrong(scene, rng), _wrong_relation(scene, rng)]
    flaws = int(rng.choice(4, p=(0.55, 0.25, 0.13, 0.07)))
    drawn = scene
    for _ in range(flaws):
        drawn = flawed(drawn, rng)
    captions.append(_further_off(scene, drawn, rng))
    share, other = 1.0, drawn
    if rng.random() < 0.15:
        share, other = rng.uniform(0.5, 1.0), flawed(drawn, rng)
    picture = share * render(drawn).astype(np.float32)
    if other is not drawn:
        picture += (1 - share) * render(other)
    truth = [share * facts(drawn, text) + (1 - share) * facts(other, text) for text in captions]
    return Example(picture, tuple(captions), tuple(truth), drawn is other is scene, drawn)


def _wrong(scene: Scene, rng) -> str:
    while True:
        text = perturb(scene, rng)
        if split_of(text) == "train":
            return text


def _wrong_relation(scene: Scene, rng) -> str:
    """The caption with a false relation; with another wrong word if it has no relation."""
    d = scene.description
    for relation in rng.permutation(RELATIONS).tolist() if d.relation else []:
        text = caption(replace(d, relation=relation))
        if split_of(text) == "train" and facts(scene, text) < 1:
            return text
    return _wrong(scene, rng)


def _further_off(scene: Scene, drawn: Scene, rng) -> str:
    """The caption with its nouns exchanged, or of what is rather drawn, or of another scene."""
    d = scene.description
    if d.relation and rng.random() < 0.5:
        text = caption(replace(d, nouns=d.nouns[::-1]))
        if split_of(text) == "train":
            return text
    return _caption_of(drawn, rng) if rng.random() < 0.5 else caption(training_scene(rng))


def _caption_of(scene: Scene, rng) -> str:
    """What a flawed drawing rather shows, as far as the grammar can say it."""
    description = scene.description
    looks = [(thing.colour, thing.shape) for thing in scene.objects]
    if len(looks) == len(description.nouns):
        nouns = tuple(
            replace(noun, colour=colour, shape=shape)
            for noun, (colour, shape) in zip(description.nouns, looks)
        )
        description = replace(description, nouns=nouns)
    text = caption(description)
    try:
        facts(scene, text)
    except ValueError:
        return caption(training_scene(rng))
    return text if split_of(text) == "train" else caption(training_scene(rng))


def flawed(scene: Scene, rng: np.random.Generator) -> Scene:
    """The scene with one thing gone wrong, as a generator does it."""
    flaw = _FLAWS[int(rng.integers(len(_FLAWS)))]
    return flaw(scene, rng)


def _one(scene: Scene, rng) -> int:
    return int(rng.integers(len(scene.objects)))


def _with(scene: Scene, i: int, thing: SceneObject) -> Scene:
    return replace(scene, objects=scene.objects[:i] + (thing,) + scene.objects[i + 1 :])


def _recoloured(scene: Scene, rng) -> Scene:
    i = _one(scene, rng)
    colour = tuple(COLOURS)[int(rng.integers(len(COLOURS)))]
    rgb = tuple(np.clip(np.add(COLOURS[colour], rng.uniform(-8, 8, 3)), 0, 255).tolist())
    return _with(scene, i, replace(scene.objects[i], colour=colour, rgb=rgb))


def _reshaped(scene: Scene, rng) -> Scene:
    i = _one(scene, rng)
    return _with(scene, i, replace(scene.objects[i], shape=SHAPES[int(rng.integers(len(SHAPES)))]))


def _resized(scene: Scene, rng) -> Scene:
    i = _one(scene, rng)
    thing = scene.objects[i]
    size = SIZES[int(rng.integers(3))]
    radius = {
        "small": rng.uniform(6, 7.5),
        "medium": rng.uniform(9, 11.5),
        "large": rng.uniform(13.3, 15.3),
    }
    return _with(scene, i, _inside(replace(thing, size=size, radius=float(radius[size]))))


def _moved(scene: Scene, rng) -> Scene:
    i = _one(scene, rng)
    x, y = rng.uniform(8, SIDE - 8, 2).tolist()
    return _with(scene, i, _inside(replace(scene.objects[i], x=x, y=y)))


def _inside(thing: SceneObject) -> SceneObject:
    low, high = thing.radius + 1, SIDE - thing.radius - 1
    return replace(thing, x=min(max(thing.x, low), high), y=min(max(thing.y, low), high))


def _swapped_places(scene: Scene, rng) -> Scene:
    if len(scene.objects) < 2:
        return _moved(scene, rng)
    i, j = rng.choice(len(scene.objects), 2, replace=False).tolist()
    first, second = scene.objects[i], scene.objects[j]
    scene = _with(scene, i, _inside(replace(first, x=second.x, y=second.y)))
    return _with(scene, j, _inside(replace(second, x=first.x, y=first.y)))


def _swapped_colours(scene: Scene, rng) -> Scene:
    if len(scene.objects) < 2:
        return _recoloured(scene, rng)
    i, j = rng.choice(len(scene.objects), 2, replace=False).tolist()
    first, second = scene.objects[i], scene.objects[j]
    scene = _with(scene, i, replace(first, colour=second.colour, rgb=second.rgb))
    return _with(scene, j, replace(second, colour=first.colour, rgb=first.rgb))


def _missing(scene: Scene, rng) -> Scene:
    if len(scene.objects) < 2:
        return scene
    i = _one(scene, rng)
    return replace(scene, objects=scene.objects[:i] + scene.objects[i + 1 :])


def _doubled(scene: Scene, rng) -> Scene:
    if len(scene.objects) > 3:
        return scene
    thing = scene.objects[_one(scene, rng)]
    for _ in range(20):
        x, y = rng.uniform(8, SIDE - 8, 2).tolist()
        copy = _inside(replace(thing, x=x, y=y))
        if all(
            max(abs(copy.x - t.x), abs(copy.y - t.y)) > copy.radius + t.radius
            for t in scene.objects
        ):
            return replace(scene, objects=scene.objects + (copy,))
    return scene


def _other_ground(scene: Scene, rng) -> Scene:
    background = tuple(BACKGROUNDS)[int(rng.integers(len(BACKGROUNDS)))]
    textures = ("plain", "striped", "checkered", "dotted")
    texture = textures[int(rng.integers(4))]
    rgb = tuple(float(v) for v in BACKGROUNDS[background])
    if rng.random() < 0.5:
        background, rgb = scene.description.background, scene.background_rgb
    description = replace(scene.description, background=background, texture=texture)
    return replace(scene, description=description, background_rgb=rgb)


_FLAWS = (
    _recoloured,
    _reshaped,
    _resized,
    _moved,
    _swapped_places,
    _swapped_colours,
    _missing,
    _doubled,
    _other_ground,
)


def cell_labels(scene: Scene) -> np.ndarray:
    """Colour, shape and size of the object over each cell's centre, 0 for none: int [3, 64]."""
    labels = np.zeros((3, CELLS, CELLS), np.int64)
    centres = np.arange(CELLS) * _STEP + _STEP / 2
    for thing in scene.objects:
        over = (np.abs(centres[:, None] - thing.y) < thing.radius) & (
            np.abs(centres[None, :] - thing.x) < thing.radius
        )
        labels[0][over] = 1 + tuple(COLOURS).index(thing.colour)
        labels[1][over] = 1 + SHAPES.index(thing.shape)
        labels[2][over] = 1 + SIZES.index(thing.size)
    return labels.reshape(3, -1)


def places(scene: Scene) -> np.ndarray:
    """Centre of the one object of each noun, from -1 to 1: [3, 2], not a number where there is none."""
    centres = np.full((3, 2), np.nan, np.float32)
    if all(noun.count == 1 for noun in scene.description.nouns):
        for i, thing in enumerate(scene.objects):
            centres[i] = thing.x / SIDE * 2 - 1, thing.y / SIDE * 2 - 1
    return centres


def ground_labels(scene: Scene) -> tuple[int, int, int]:
    """Background, texture and number of objects (0 stands for none)."""
    d = scene.description
    textures = ("plain", "striped", "checkered", "dotted")
    return tuple(BACKGROUNDS).index(d.background), textures.index(d.texture), len(scene.objects)


def worn(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Pictures [B, 3, 64, 64] as a generator might have made them: soft, noisy, off in colour."""

    def rand(*shape):
        return torch.rand(*shape, generator=generator)

    def some(share):
        return (rand(len(pictures), 1, 1, 1) < share).float()

    soft = _blur(pictures, 0.4 + 0.9 * rand(len(pictures)))
    pictures = torch.lerp(pictures, soft, some(0.5))
    half = F.interpolate(F.avg_pool2d(pictures, 2), scale_factor=2, mode="bilinear")
    pictures = torch.lerp(pictures, half, some(0.15))
    gain = 1 + 0.12 * (rand(len(pictures), 3, 1, 1) - 0.5)
    pictures = pictures * gain + 0.06 * (rand(len(pictures), 3, 1, 1) - 0.5)
    coarse = torch.randn(len(pictures), 3, 8, 8, generator=generator)
    clouds = F.interpolate(coarse, size=SIDE, mode="bilinear")
    pictures = pictures + 0.03 * some(0.4) * clouds
    grain = torch.randn(pictures.shape, generator=generator)
    pictures = pictures + 0.04 * some(0.5) * rand(len(pictures), 1, 1, 1) * grain
    return pictures.clamp(0, 1)


def _blur(pictures: Tensor, sigma: Tensor) -> Tensor:
    """Gaussian blur with a width of its own for each picture."""
    offsets = torch.arange(-2.0, 3.0)
    kernel = torch.exp(-(offsets**2) / (2 * sigma[:, None] ** 2))
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(3, 0)
    count = kernel.shape[0]
    flat = F.pad(pictures.reshape(1, count, SIDE, SIDE), (2, 2, 2, 2), mode="replicate")
    flat = F.conv2d(flat, kernel.view(count, 1, 5, 1), groups=count)
    flat = F.conv2d(flat, kernel.view(count, 1, 1, 5), groups=count)
    return flat.view_as(pictures)
