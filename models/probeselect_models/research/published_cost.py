"""What the published recipe costs, in processor seconds for each sample."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor

from probeselect_models.research.published_features import principal_maps

PAPER_SIZES = {
    "Stable Diffusion 2.1, up_blocks.2.resnets.1, 768x768 pixels": (640, 48, 48),
    "Stable Diffusion 3 medium, transformer_blocks.20, 1024x1024 pixels": (1536, 64, 64),
}
"""Channels, rows and columns of what is tapped in the paper."""
_REPEATS = 3


class Stopwatch:
    """Adds up processor seconds, which other work on the same machine hardly changes."""

    def __init__(self):
        self.seconds = 0.0
        self.samples = 0

    def start(self) -> None:
        self._started = time.process_time()

    def stop(self, samples: int) -> None:
        """Counts the time since the start as spent on so many samples."""
        self.seconds += time.process_time() - self._started
        self.samples += samples

    @property
    def per_sample(self) -> float:
        return self.seconds / self.samples


def at_paper_size(components: int) -> dict[str, dict]:
    """Seconds of one sample's components from random activations of the paper's sizes.

    Beside the recipe's singular value decomposition stands the cheapest that gives nearly the same:
    a randomized one of these components only.
    """
    return {
        name: {
            "shape": list(shape),
            "pcaSecondsPerSample": _seconds(lambda map: principal_maps(map, components), shape),
            "randomizedPcaSecondsPerSample": _seconds(
                lambda map: torch.pca_lowrank(map.flatten(1).T, components), shape
            ),
        }
        for name, shape in PAPER_SIZES.items()
    }


def _seconds(decompose: Callable[[Tensor], object], shape: tuple[int, int, int]) -> float:
    watch = Stopwatch()
    for seed in range(_REPEATS):
        sample = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
        watch.start()
        decompose(sample)
        watch.stop(1)
    return watch.per_sample
