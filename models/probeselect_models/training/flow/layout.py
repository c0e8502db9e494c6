"""Where a scene has what: the dense lesson for the middle of a transformer.

A scene's picture is cut into as many cells as the denoiser has image tokens. For each cell the lesson
tells which share of it is ground and which belongs to objects of each colour and of each shape.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from probeselect_models.training.scenes import COLOURS, SHAPES, SIDE, Scene, coverage

CELLS = 8
PARTS = (1 + len(COLOURS), 1 + len(SHAPES))
"""Ground or one of the colours; ground or one of the shapes."""


def layout(scene: Scene) -> np.ndarray:
    """Shares in 255ths, uint8 [cells, parts], cells row by row."""
    pixels = SIDE // CELLS
    shares = np.zeros((sum(PARTS), CELLS, CELLS), np.float32)
    for thing in scene.objects:
        covered = coverage(thing).reshape(CELLS, pixels, CELLS, pixels).mean((1, 3))
        shares[1 + list(COLOURS).index(thing.colour)] += covered
        shares[PARTS[0] + 1 + SHAPES.index(thing.shape)] += covered
    shares[0] = 1 - shares[1 : PARTS[0]].sum(0)
    shares[PARTS[0]] = shares[0]
    return np.rint(255 * shares.clip(0, 1)).astype(np.uint8).reshape(sum(PARTS), -1).T


def layouts(scenes: list[Scene]) -> Tensor:
    return torch.from_numpy(np.stack([layout(scene) for scene in scenes]))


class LayoutReader(nn.Module):
    """Tells the shares from the tokens [B, cells, width]; forgotten after training."""

    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.answer = nn.Linear(width, sum(PARTS))

    def loss(self, tokens: Tensor, wanted: Tensor) -> Tensor:
        """Mean cross-entropy over the cells, colour and shape together."""
        logits = self.answer(self.norm(tokens)).split(PARTS, -1)
        shares = wanted.float().div(255).split(PARTS, -1)
        losses = [
            F.cross_entropy(made.flatten(0, 1), true.flatten(0, 1))
            for made, true in zip(logits, shares)
        ]
        return sum(losses)
