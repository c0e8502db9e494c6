"""The picture of a scene, drawn from signed distances."""

import functools

import numpy as np

from probeselect_models.training.scenes.description import SIDE, Scene, SceneObject


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
