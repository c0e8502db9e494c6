"""What every kind of metric gives to the exporter."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn
from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Judge:
    """`module(image [B, 3, H, W] in [0, 1], ids [B, length]) -> score [B]`."""

    module: nn.Module
    tokenizer: PreTrainedTokenizerBase
    length: int
    """Ids per prompt: longer prompts are cut."""
