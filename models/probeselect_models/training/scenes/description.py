"""What there can be in a picture: words, what a caption says, and one arrangement of it."""

from dataclasses import dataclass

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
