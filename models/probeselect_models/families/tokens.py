"""Taps of transformers: tokens of the image, put back on their grid."""

from __future__ import annotations

import re

import torch.nn.functional as F
from torch import Tensor

from probeselect_models.families.taps import UnknownTapError

_BLOCK = re.compile(r"(single_)?transformer_blocks\.\d+")
_TEXT_STREAM = ("context", "encoder", "add_")


def refuse_text_stream(names: list[str]) -> None:
    """A module of the text's own stream has tokens of the prompt, which form no picture."""
    for name in names:
        if any(part in name for part in _TEXT_STREAM):
            raise UnknownTapError(
                f"tap {name} belongs to the text's stream; its tokens are no map of the image"
            )


def token_map(name: str, output, rows: int, columns: int) -> Tensor | None:
    """The image's tokens of a module's output as a map [B, C, rows, columns], None if it has none.

    A block gives (text, image), every other module with several outputs gives the image first.
    Where text and image are in one sequence, the image comes last.
    """
    if isinstance(output, (tuple, list)):
        output = output[1] if _BLOCK.fullmatch(name) else output[0]
    if not isinstance(output, Tensor):
        return None
    if output.dim() == 4:
        return output
    if output.dim() != 3 or output.shape[1] < rows * columns:
        return None
    image = output[:, -(rows * columns) :]
    return image.transpose(1, 2).unflatten(2, (rows, columns))


def block_at_depth(fraction: float, blocks: int) -> int:
    """The index of the block that a fraction of all blocks comes before."""
    return min(int(fraction * blocks), blocks - 1)


def latent_map(latents: Tensor, height: int, width: int) -> Tensor:
    """A copy of a pipeline's latents as a map; FluxPipeline keeps 2x2 cells packed into one token."""
    if latents.dim() == 4:
        return latents.clone()
    return F.fold(latents.transpose(1, 2), (height, width), kernel_size=2, stride=2)
