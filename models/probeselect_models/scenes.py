"""The small world that the model draws: scenes, their captions, their pictures.

A `Description` is what a caption says, a `Scene` is one arrangement that makes it true, `render` draws
the scene. `facts` measures how much of any caption a scene satisfies, `perturb` gives a caption that
is false for a scene. All randomness comes from the `numpy.random.Generator` that the caller passes.
"""

import functools
import hashlib
import itertools
import re
from dataclasses import dataclass, replace

import numpy as np

SIDE = 64
"""Height and width of a picture, in pixels."""

COLOURS = {
    "red": (215, 40, 40),
    "orange": (245, 140, 30),
    "yellow": (245, 220, 50),
    "green": (45, 155, 65),
    "blue": (45, 80, 215),
    "purple": (135, 60, 175),
    "white": (250, 250, 250),
    "black": (25, 25, 25),
}
SHAPES = ("circle", "square", "triangle", "star", "cross")
SIZES = ("small", "medium", "large")
BACKGROUNDS = {
    "gray": (150, 150, 150),
    "pink": (245, 185, 205),
    "cyan": (160, 220, 230),
    "tan": (205, 180, 145),
}
TEXTURES = ("plain", "striped", "checkered", "dotted")
RELATIONS = ("left of", "right of", "above", "below")
NUMBERS = ("a", "two", "three", "four")

RADIUS = {"small": (6.3, 7.5), "medium": (10.0, 11.5), "large": (14.0, 15.3)}
"""Half extent in pixels, by size: lowest and highest."""
CROWDED_RADIUS = {"small": (6.3, 7.5), "medium": (9.0, 10.0), "large": (13.3, 14.3)}
"""The same in a picture with three or more objects, or with more than one large object."""
GAP = 2.0
RELATION_MARGIN = 6.0
"""A relation holds when the centres are at least this many pixels apart along its axis."""

KINDS = ("single", "count", "pair", "relation", "countpair", "triple")
KIND_FREQUENCIES = (0.12, 0.18, 0.15, 0.30, 0.15, 0.10)


@dataclass(frozen=True)
class Noun:
    """`count` objects that look alike."""

    count: int
    size: str
    colour: str
    shape: str


@dataclass(frozen=True)
class Description:
    """What a caption says. Medium size and plain texture are the ones a caption leaves unnamed."""

    nouns: tuple[Noun, ...]
    relation: str | None
    texture: str
    background: str

    @property
    def kind(self) -> str:
        counts = [noun.count for noun in self.nouns]
        if self.relation:
            return "relation"
        if len(counts) == 3:
            return "triple"
        if len(counts) == 2:
            return "pair" if counts[0] == 1 else "countpair"
        return "single" if counts[0] == 1 else "count"


@dataclass(frozen=True)
class SceneObject:
    """One drawn object: centre and half extent in pixels, x to the right, y downwards."""

    size: str
    colour: str
    shape: str
    x: float
    y: float
    radius: float
    rgb: tuple[float, float, float]


@dataclass(frozen=True)
class Scene:
    """One arrangement of objects that makes `description` true."""

    description: Description
    objects: tuple[SceneObject, ...]
    background_rgb: tuple[float, float, float]
    phase: tuple[int, int]


# ---- captions -----------------------------------------------------------------------------------


def caption(what: Scene | Description) -> str:
    """The caption of a scene or of a description."""
    d = what.description if isinstance(what, Scene) else what
    nouns = [_noun_phrase(noun) for noun in d.nouns]
    if d.relation:
        things = f"{nouns[0]} {d.relation} {nouns[1]}"
    elif len(nouns) == 3:
        things = f"{nouns[0]}, {nouns[1]} and {nouns[2]}"
    else:
        things = " and ".join(nouns)
    ground = f"{d.background} background"
    if d.texture != "plain":
        ground = f"{d.texture} {ground}"
    return f"{things} on {_with_article(ground)}"


def parse(text: str) -> Description:
    """The description that a caption of the grammar states; ValueError for any other text."""
    match = _CAPTION.fullmatch(text)
    if not match:
        raise ValueError(f"not a caption of the scene grammar: {text!r}")
    relation = match["relation"]
    if relation:
        phrases = [match["first"], match["second"]]
    else:
        phrases = re.split(r", | and ", match["list"])
    description = Description(
        tuple(_parse_noun(phrase) for phrase in phrases),
        relation,
        match["texture"] or "plain",
        match["background"],
    )
    if not is_drawable(description) or caption(description) != text:
        raise ValueError(f"not a caption of the scene grammar: {text!r}")
    return description


def is_drawable(d: Description) -> bool:
    """Whether the description lies within the grammar, and its objects fit into a picture."""
    counts = tuple(noun.count for noun in d.nouns)
    sizes = [noun.size for noun in d.nouns for _ in range(noun.count)]
    looks = {(noun.colour, noun.shape) for noun in d.nouns}
    if len(looks) < len(d.nouns):
        return False
    if d.relation and counts != (1, 1):
        return False
    if counts not in {(1,), (2,), (3,), (4,), (1, 1), (2, 1), (3, 1), (1, 1, 1)}:
        return False
    if len(d.nouns) > 1 and sum(counts) > 2:
        return set(sizes) == {"medium"}
    return sizes.count("large") <= 2


def split_of(prompt: str) -> str:
    """`train`, `validation` or `test`: fixed for ever by the text of the prompt."""
    share = int(hashlib.sha256(prompt.encode()).hexdigest()[:8], 16) % 100
    return "train" if share < 80 else "validation" if share < 90 else "test"


def _with_article(phrase: str) -> str:
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


def _noun_phrase(noun: Noun) -> str:
    plural = "" if noun.count == 1 else "es" if noun.shape == "cross" else "s"
    words = [noun.colour, noun.shape + plural]
    if noun.size != "medium":
        words.insert(0, noun.size)
    phrase = " ".join(words)
    return _with_article(phrase) if noun.count == 1 else f"{NUMBERS[noun.count - 1]} {phrase}"


def _either(words) -> str:
    return "(?:" + "|".join(words) + ")"


_NOUN_WORDS = (
    rf"(?:an?|two|three|four) (?:(?:small|large) )?{_either(COLOURS)} {_either(SHAPES)}(?:e?s)?"
)
_NOUN = re.compile(
    rf"(?P<number>an?|two|three|four) (?:(?P<size>small|large) )?(?P<colour>{_either(COLOURS)}) "
    rf"(?P<shape>{_either(SHAPES)})(?:e?s)?"
)
_CAPTION = re.compile(
    rf"(?:(?P<first>{_NOUN_WORDS}) (?P<relation>{_either(RELATIONS)}) (?P<second>{_NOUN_WORDS})"
    rf"|(?P<list>{_NOUN_WORDS}(?:, {_NOUN_WORDS})?(?: and {_NOUN_WORDS})?)) on an? "
    rf"(?:(?P<texture>{_either(TEXTURES[1:])}) )?(?P<background>{_either(BACKGROUNDS)}) background"
)


def _parse_noun(phrase: str) -> Noun:
    match = _NOUN.fullmatch(phrase)
    number = "a" if match["number"] == "an" else match["number"]
    return Noun(
        NUMBERS.index(number) + 1, match["size"] or "medium", match["colour"], match["shape"]
    )


# ---- sampling -----------------------------------------------------------------------------------


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
                _pick(rng, tuple(COLOURS)),
                _pick(rng, SHAPES),
            )
            for count in counts
        )
        description = Description(
            nouns,
            _pick(rng, RELATIONS) if kind == "relation" else None,
            _pick(rng, TEXTURES[1:]) if rng.random() < 0.5 else "plain",
            _pick(rng, tuple(BACKGROUNDS)),
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


def _pick(rng: np.random.Generator, words):
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
    along = _displacement(relation, *centres)
    (x1, y1), (x2, y2) = centres
    across = abs(y1 - y2) if relation in ("left of", "right of") else abs(x1 - x2)
    return along >= max(RELATION_MARGIN, across)


def _displacement(relation, first, second) -> float:
    """How far the first centre lies in the direction that the relation names, in pixels."""
    (x1, y1), (x2, y2) = first, second
    return {"left of": x2 - x1, "right of": x1 - x2, "above": y2 - y1, "below": y1 - y2}[relation]


# ---- truth --------------------------------------------------------------------------------------


def facts(scene: Scene, text: str) -> float:
    """The share, in [0, 1], of a caption's statements that the scene satisfies; 1 if it is true.

    One statement for the number of objects, one for each object (the share of its named properties:
    colour, shape, size if named), one for the relation, for the background colour and for the texture
    if named. Objects of the caption are matched with those of the scene as favourably as possible.
    """
    d = parse(text)
    wanted = [noun for noun in d.nouns for _ in range(noun.count)]
    there = scene.objects
    statements = [float(len(wanted) == len(there)), float(d.background == scene.description.background)]
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
    return float(_displacement(relation, first, second) >= RELATION_MARGIN)


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
        changed = _changed(scene, _pick(rng, changes), rng)
        if changed is not None and is_drawable(changed) and changed != d:
            text = caption(changed)
            if facts(scene, text) < 1:
                return text


def _changed(scene: Scene, what: str, rng) -> Description | None:
    d = scene.description
    if what == "background":
        return replace(d, background=_pick(rng, tuple(BACKGROUNDS)))
    if what == "texture":
        return replace(d, texture=_pick(rng, TEXTURES[1:]))
    if what == "relation":
        relation = _pick(rng, RELATIONS)
        first, second = ((thing.x, thing.y) for thing in scene.objects)
        return replace(d, relation=relation) if _displacement(relation, first, second) <= 0 else None
    i = int(rng.integers(len(d.nouns)))
    noun = d.nouns[i]
    if what == "colour":
        noun = replace(noun, colour=_pick(rng, tuple(COLOURS)))
    elif what == "shape":
        noun = replace(noun, shape=_pick(rng, SHAPES))
    elif what == "size" and noun.size != "medium":
        noun = replace(noun, size="large" if noun.size == "small" else "small")
    elif what == "count" and noun.count > 1:
        noun = replace(noun, count=int(rng.integers(2, 5)))
    return replace(d, nouns=d.nouns[:i] + (noun,) + d.nouns[i + 1 :])


# ---- pictures -----------------------------------------------------------------------------------


def render(scene: Scene) -> np.ndarray:
    """The picture, anti-aliased: uint8 [64, 64, 3]."""
    ground = np.asarray(scene.background_rgb, np.float32)
    texture = scene.description.texture
    picture = np.broadcast_to(ground, (SIDE, SIDE, 3)).copy()
    if texture != "plain":
        shade = _texture(texture)
        py, px = scene.phase
        picture -= np.roll(shade, (py, px), (0, 1))[..., None]
    for thing in scene.objects:
        _draw(picture, thing)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


TEXTURE_CONTRAST = 24.0


@functools.cache
def _texture(name: str) -> np.ndarray:
    """How much darker each pixel is, [64, 64]; the pattern repeats every 8 pixels."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) + 0.5
    if name == "striped":
        dark = (x % 8 < 4).astype(np.float32)
    elif name == "checkered":
        dark = ((x // 8 + y // 8) % 2 == 0).astype(np.float32)
    else:
        distance = np.hypot(x % 8 - 4, y % 8 - 4)
        dark = np.clip(2.6 - distance, 0, 1)
    return TEXTURE_CONTRAST * dark


def coverage(thing: SceneObject) -> np.ndarray:
    """The share of each pixel that the object covers, float32 [64, 64]."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) + 0.5
    distance = _DISTANCE[thing.shape](x - thing.x, y - thing.y, thing.radius)
    return np.clip(0.5 - distance, 0, 1)


def _draw(picture: np.ndarray, thing: SceneObject) -> None:
    left, top = int(thing.x - thing.radius) - 1, int(thing.y - thing.radius) - 1
    left, top = max(left, 0), max(top, 0)
    end = int(2 * thing.radius) + 4
    window = picture[top : top + end, left : left + end]
    y = np.arange(top, top + window.shape[0], dtype=np.float32)[:, None] + 0.5 - thing.y
    x = np.arange(left, left + window.shape[1], dtype=np.float32)[None, :] + 0.5 - thing.x
    coverage = np.clip(0.5 - _DISTANCE[thing.shape](x, y, thing.radius), 0, 1)[..., None]
    window += coverage * (np.asarray(thing.rgb, np.float32) - window)


# Signed distances in pixels from the outline (negative inside) of shapes whose half extent is r.


def _circle(x, y, r):
    return np.hypot(x, y) - r


def _box(x, y, half_width, half_height):
    return np.maximum(np.abs(x) - half_width, np.abs(y) - half_height)


def _square(x, y, r):
    return _box(x, y, r * 0.92, r * 0.92)


def _triangle(x, y, r):
    """Isosceles, apex up, 2r wide and 1.8r high."""
    height, slope = 1.8 * r, np.hypot(1.8, 1.0)
    sides = (1.8 * np.abs(x) - (y + height / 2)) / slope
    return np.maximum(sides, y - height / 2)


def _cross(x, y, r):
    return np.minimum(_box(x, y, r, r * 0.34), _box(x, y, r * 0.34, r))


def _star(x, y, r):
    """Five points, one up: fold the plane into one half point, then the distance from its edge."""
    angle = np.arctan2(x, -y)
    folded = np.abs((angle + np.pi / 5) % (2 * np.pi / 5) - np.pi / 5)
    distance = np.hypot(x, y)
    outer, inner = 1.08 * r, 0.46 * r
    along, across = distance * np.cos(folded), distance * np.sin(folded)
    edge = np.array([inner * np.cos(np.pi / 5) - outer, inner * np.sin(np.pi / 5)])
    normal = np.array([edge[1], -edge[0]]) / np.hypot(*edge)
    return (along - outer) * normal[0] + across * normal[1]


_DISTANCE = {
    "circle": _circle,
    "square": _square,
    "triangle": _triangle,
    "star": _star,
    "cross": _cross,
}
