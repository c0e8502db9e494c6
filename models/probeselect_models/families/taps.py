"""Taps: what a block of the denoiser puts out, compressed to a small fixed shape inside the module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch.nn.functional as F
from torch import Tensor, nn


class UnknownTapError(ValueError):
    """The denoiser has no module of that name."""


def find_taps(denoiser: nn.Module, names: list[str]) -> list[nn.Module]:
    modules = dict(denoiser.named_modules())
    for name in names:
        if not name or name not in modules:
            blocks = [known for known in modules if known.count(".") <= 3 and _is_block(known)]
            raise UnknownTapError(
                f"the denoiser has no module {name!r} to tap; choose for example one of "
                + ", ".join(blocks)
            )
    return [modules[name] for name in names]


def _is_block(name: str) -> bool:
    """Whether a module's path looks like a block's: numbered, or at the top."""
    return bool(name) and ("." not in name or name.rpartition(".")[2].isdigit())


@contextmanager
def listening(modules: list[nn.Module]) -> Iterator[list]:
    """While open, a forward pass leaves the output of each module at its place in the list."""
    heard: list = [None] * len(modules)

    def listener(place: int):
        def hear(_module, _inputs, output):
            heard[place] = output

        return hear

    hooks = [module.register_forward_hook(listener(i)) for i, module in enumerate(modules)]
    try:
        yield heard
    finally:
        for hook in hooks:
            hook.remove()


def pool(activation: Tensor, grid: int) -> Tensor:
    """[B, C, h, w] to [B, C, grid, grid] by averaging over cells, whatever h and w."""
    return F.adaptive_avg_pool2d(activation, (grid, grid))


class Compression(nn.Module):
    """Pooling to a grid, then one fixed affine map of the channels: `weight @ x + bias`.

    The map is the same for every sample, so channel i means the same thing for every seed, prompt
    and step.
    """

    _jit_override_qualname = "__torch__.probeselect_models.taps.Compression"
    """In the denoiser's archive, as Denoiser's."""

    def __init__(self, weight: Tensor, bias: Tensor, grid: int):
        super().__init__()
        self.grid = grid
        self.register_buffer("weight", weight[:, :, None, None].float().contiguous())
        self.register_buffer("bias", bias.float().contiguous())

    @property
    def channels(self) -> int:
        return self.weight.shape[0]

    def forward(self, activation: Tensor) -> Tensor:
        return F.conv2d(pool(activation, self.grid), self.weight, self.bias)
