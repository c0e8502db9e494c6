"""Features as the published code of Probe-Select makes them, its mistakes included.

A baseline to compare with, nothing to build on: see the functions for what is wrong with each.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from probeselect_models.families.taps import UnknownTapError, pool


def every_second_row(batch: Tensor) -> Tensor:
    """The rows that the published code takes to be the seeds', in the order of the seeds.

    Of a guided batch `[uncond x n ; cond x n]` these are n rows. Seed i gets row 2i: in the first
    half the unconditional row of seed 2i, then the conditional row of seed 2i - n. No seed gets the
    conditional row of its own. Without guidance only half as many rows as seeds are left.
    """
    return batch[0::2]


def tokens_as_channels(tokens: Tensor) -> Tensor:
    """Tokens [B, T, C] as [B, C, sqrt(T), sqrt(T)] with nothing moved, as if T came after C.

    A "channel" is a run of T neighbouring numbers in memory: some channels of some tokens.
    """
    rows, count, channels = tokens.shape
    side = math.isqrt(count)
    if side * side != count:
        raise UnknownTapError(
            f"the published recipe needs a square number of tokens, the tap has {count}"
        )
    return tokens.reshape(rows, channels, side, side)


def principal_maps(activation: Tensor, components: int) -> Tensor:
    """The principal components [components, h, w] of one sample [C, h, w]; pixels are observations.

    The basis is the sample's own and its signs are as they happen to come, so that channel i of one
    sample has nothing to do with channel i of another. Where there are fewer, zeros follow.
    """
    pixels = activation.flatten(1).T
    left, singular, _ = torch.linalg.svd(pixels - pixels.mean(0), full_matrices=False)
    found = (left * singular)[:, :components].T
    maps = activation.new_zeros(components, *activation.shape[1:])
    maps[: len(found)] = found.unflatten(1, activation.shape[1:])
    return maps


def published_features(rows: Tensor, seeds: int, components: int, grid: int) -> Tensor:
    """Principal maps of rows [B, C, h, w], pooled to [seeds, components, grid, grid].

    Without guidance the published code has no row left for the second half of the seeds. They get
    zeros here, since nothing is known about them: a probe scores them all alike.
    """
    features = rows.new_zeros(seeds, components, grid, grid)
    for seed, row in enumerate(rows):
        features[seed] = pool(principal_maps(row, components), grid)
    return features
