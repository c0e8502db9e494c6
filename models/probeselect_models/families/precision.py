"""Half-precision modules keep FP32 at their boundary."""

from __future__ import annotations

import torch
from torch import Tensor


def cast(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    """The tensor in `dtype`; where it has it already, a traced module gets no operation for it."""
    return tensor if tensor.dtype == dtype else tensor.to(dtype)


def widened(tensor: Tensor) -> Tensor:
    return cast(tensor, torch.float32)
