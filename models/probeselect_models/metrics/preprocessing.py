"""Images of any size to the pixels that a vision encoder was trained with, as TorchScript.

These are scripted and not traced: sizes depend on the image. `interpolate` is called by the name of its
operator, because its Python form names operators that an older PyTorch cannot load.
"""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn

from probeselect_models.metrics.source import Source

MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
"""Of the images that CLIP was trained with."""
_BICUBIC = 3
"""Pillow's number."""


def scripted(module: nn.Module) -> torch.jit.ScriptModule:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(module.eval())


def bicubic(image: Tensor, rows: int, columns: int) -> Tensor:
    """Antialiased, in floating point."""
    return torch.ops.aten._upsample_bicubic2d_aa(image, [rows, columns], False, None, None)


def pillow_bicubic(image: Tensor, rows: int, columns: int) -> Tensor:
    """As Pillow does it with 8-bit images: along rows, then along columns, rounded after each."""
    across = eight_bits(bicubic(255 * image, image.shape[2], columns))
    return eight_bits(bicubic(across, rows, columns)) / 255


def eight_bits(values: Tensor) -> Tensor:
    return (values + 0.5).floor().clamp(0, 255)


def offset(excess: int, half_to_even: bool) -> int:
    """Where the middle begins: half the excess, a half rounded down or to the even number."""
    half = excess // 2
    if half_to_even and excess % 2 == 1:
        half += half % 2
    return half


class Normalised(nn.Module):
    def __init__(self, mean, deviation):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(deviation).view(1, 3, 1, 1))

    def forward(self, image: Tensor) -> Tensor:
        return (image - self.mean) / self.deviation


class CenterCrop(nn.Module):
    """Shortest edge to `edge`, then the `side` x `side` in the middle."""

    def __init__(self, edge: int, side: int, half_to_even: bool, mean=MEAN, deviation=DEVIATION):
        super().__init__()
        self.edge = edge
        self.side = side
        self.half_to_even = half_to_even
        self.normalised = Normalised(mean, deviation)

    def forward(self, image: Tensor) -> Tensor:
        height, width = image.shape[2], image.shape[3]
        shortest = min(height, width)
        rows, columns = self.edge * height // shortest, self.edge * width // shortest
        resized = pillow_bicubic(image, rows, columns)
        top = offset(rows - self.side, self.half_to_even)
        left = offset(columns - self.side, self.half_to_even)
        return self.normalised(resized[:, :, top : top + self.side, left : left + self.side])


class Stretch(nn.Module):
    """Both edges to `side`, whatever the shape."""

    def __init__(self, side: int, mean=MEAN, deviation=DEVIATION):
        super().__init__()
        self.side = side
        self.normalised = Normalised(mean, deviation)

    def forward(self, image: Tensor) -> Tensor:
        return self.normalised(pillow_bicubic(image, self.side, self.side))


class Letterbox(nn.Module):
    """Longest edge to `side`, the rest black; in floating point, as torchvision resizes tensors."""

    def __init__(self, side: int, mean=MEAN, deviation=DEVIATION):
        super().__init__()
        self.side = side
        self.normalised = Normalised(mean, deviation)

    def forward(self, image: Tensor) -> Tensor:
        height, width = image.shape[2], image.shape[3]
        scale = self.side / float(max(height, width))
        # TorchScript's round gives a float.
        rows = max(1, int(round(height * scale)))  # noqa: RUF046
        columns = max(1, int(round(width * scale)))  # noqa: RUF046
        above, left = (self.side - rows) // 2, (self.side - columns) // 2
        margins = [left, self.side - columns - left, above, self.side - rows - above]
        resized = bicubic(image, rows, columns)
        return self.normalised(torch.constant_pad_nd(resized, margins, 0.0))


def configured(source: Source, side: int) -> nn.Module:
    """What preprocessor_config.json says; `side` is what the model takes."""
    config = source.json("preprocessor_config.json")
    for step in ("do_resize", "do_rescale", "do_normalize"):
        if not config.get(step, True):
            raise source.refuse(f"preprocessor_config.json: {step} is false")
    if config.get("resample", _BICUBIC) != _BICUBIC:
        raise source.refuse(
            f"preprocessor_config.json: resample is {config['resample']}; only bicubic (3) is known"
        )
    size = config.get("size", {})
    cropped = config.get("do_center_crop", False)
    if isinstance(size, int):
        size = {"shortest_edge": size} if cropped else {"height": size, "width": size}
    statistics = config.get("image_mean", MEAN), config.get("image_std", DEVIATION)
    if cropped and size.keys() == {"shortest_edge"}:
        crop = config.get("crop_size", side)
        crop = crop if isinstance(crop, int) else crop.get("height")
        if crop == side <= size["shortest_edge"]:
            return CenterCrop(size["shortest_edge"], side, False, *statistics)
    if not cropped and size == {"height": side, "width": side}:
        return Stretch(side, *statistics)
    raise source.refuse(
        f"preprocessor_config.json: size {size} and crop_size {config.get('crop_size')} do not lead to "
        f"the {side} x {side} pixels that the model takes"
    )
