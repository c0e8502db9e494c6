"""`scene-reward`: a small learned judge of how well a picture shows what a caption says.

A convolutional network turns the picture into an 8 x 8 grid of features, a transformer reads the
caption, and the caption's words look at the picture through cross-attention. The score is an affine
function of the share of the caption's statements that the picture satisfies: higher is better.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from probeselect_models.files import torchscript

SIDE = 64
CHECK_TEXT = "two small red circles and an orange cross on a dotted tan background"
"""The ids of this text tell whether a tokenizer is the one that the judge was trained with."""


@dataclass(frozen=True)
class RewardConfig:
    vocabulary: int
    length: int
    eos_id: int
    check_ids: tuple[int, ...]
    width: int = 96
    heads: int = 4
    text_layers: int = 2
    fusion_layers: int = 3


class SceneReward(nn.Module):
    """forward(image [B, 3, H, W] in [0, 1], ids [B, L]) -> score [B], for any H and W."""

    def __init__(self, config: RewardConfig):
        super().__init__()
        self.config = config
        self.picture = PictureEncoder(config.width)
        self.caption = CaptionEncoder(config)
        self.fusion = nn.ModuleList(
            Layer(config.width, config.heads, looks=True) for _ in range(config.fusion_layers)
        )
        self.norm = nn.LayerNorm(config.width)
        self.score = nn.Sequential(
            nn.Linear(2 * config.width, config.width), nn.GELU(), nn.Linear(config.width, 1)
        )

    def forward(self, image: Tensor, ids: Tensor) -> Tensor:
        said = words_said(ids, self.config.eos_id)
        return self.judge(self.read(self.picture(image), ids, said), said)

    def read(self, seen: Tensor, ids: Tensor, said: Tensor) -> Tensor:
        """The captions' words [N, L, width] after they have looked at the pictures' features.

        N is a multiple of the number of pictures: captions of one picture follow each other.
        """
        return self.norm(self.readings(seen, ids, said)[-1])

    def readings(self, seen: Tensor, ids: Tensor, said: Tensor) -> list[Tensor]:
        """The words after each look."""
        words = self.caption(ids, said)
        readings = []
        for layer in self.fusion:
            words = layer(words, said, seen)
            readings.append(words)
        return readings

    def judge(self, words: Tensor, said: Tensor) -> Tensor:
        weights = said.to(words.dtype)[:, :, None]
        mean = (words * weights).sum(1) / weights.sum(1)
        return self.score(torch.cat([words[:, 0], mean], 1))[:, 0]


def words_said(ids: Tensor, eos_id: int) -> Tensor:
    """Which tokens count [B, L]: all up to the first end token; what follows is padding."""
    ends = (ids == eos_id).long()
    return (ends.cumsum(1) - ends) == 0


def up_to_the_end(ids: Sequence[int], eos_id: int) -> list[int]:
    """The ids that count, whatever length they are padded to."""
    ids = list(ids)
    return ids[: ids.index(eos_id) + 1] if eos_id in ids else ids


class PictureEncoder(nn.Module):
    """Picture of any size to 64 feature vectors, row by row: [B, 64, width]."""

    def __init__(self, width: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 24, 5, stride=2, padding=2),
            nn.GroupNorm(4, 24),
            nn.GELU(),
            nn.Conv2d(24, 48, 3, stride=2, padding=1),
            Residual(48),
            nn.Conv2d(48, width, 3, stride=2, padding=1),
            Residual(width),
        )
        self.position = nn.Parameter(0.02 * torch.randn(1, 64, width))
        self.norm = nn.LayerNorm(width)

    def forward(self, image: Tensor) -> Tensor:
        image = F.interpolate(image, (SIDE, SIDE), mode="bilinear", antialias=True)
        grid = self.layers((image - 0.5) * 4)
        return self.norm(grid.flatten(2).transpose(1, 2) + self.position)


class Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.GroupNorm(8, channels),
            nn.GELU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.GroupNorm(8, channels),
            nn.GELU(),
            nn.Conv2d(channels, channels, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class CaptionEncoder(nn.Module):
    def __init__(self, config: RewardConfig):
        super().__init__()
        self.words = nn.Embedding(config.vocabulary, config.width)
        self.position = nn.Parameter(0.02 * torch.randn(1, config.length, config.width))
        self.layers = nn.ModuleList(
            Layer(config.width, config.heads, looks=False) for _ in range(config.text_layers)
        )

    def forward(self, ids: Tensor, said: Tensor) -> Tensor:
        words = self.words(ids) + self.position[:, : ids.shape[1]]
        for layer in self.layers:
            words = layer(words, said, None)
        return words


class Layer(nn.Module):
    """Pre-norm transformer layer; one that `looks` also attends to the picture."""

    def __init__(self, width: int, heads: int, looks: bool):
        super().__init__()
        self.among = Attention(width, heads)
        self.looking = Attention(width, heads) if looks else None
        self.thinking = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )

    def forward(self, words: Tensor, said: Tensor, seen: Tensor | None) -> Tensor:
        words = words + self.among(words, None, said)
        if self.looking is not None:
            words = words + self.looking(words, seen, None)
        return words + self.thinking(words)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, context: Tensor | None, visible: Tensor | None) -> Tensor:
        x = self.norm(x)
        query = self.query(x)
        if context is None:
            context = x
        else:
            query = query.reshape(context.shape[0], -1, x.shape[2])
        key, value = self.key_value(context).chunk(2, 2)
        mask = None if visible is None else visible[:, None, None, :]
        mixed = F.scaled_dot_product_attention(
            self._split(query), self._split(key), self._split(value), attn_mask=mask
        )
        return self.out(mixed.transpose(1, 2).reshape(x.shape))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


def save(model: SceneReward, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    config = {"type": "scene-reward", **asdict(model.config)}
    (directory / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(model.state_dict(), directory / "model.safetensors")


def load(directory: Path) -> SceneReward:
    config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    if config.pop("type", None) != "scene-reward":
        raise ValueError(f"{directory}/config.json is not of a scene-reward")
    config["check_ids"] = tuple(config["check_ids"])
    model = SceneReward(RewardConfig(**config))
    model.load_state_dict(load_file(directory / "model.safetensors"))
    return model.eval()


def grown(model: SceneReward, fusion_layers: int) -> SceneReward:
    """The same judge with more looks at the picture, which at first change nothing."""
    bigger = SceneReward(replace(model.config, fusion_layers=fusion_layers))
    bigger.load_state_dict(model.state_dict(), strict=False)
    for layer in bigger.fusion[model.config.fusion_layers :]:
        for last in (layer.among.out, layer.looking.out, layer.thinking[-1]):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
    return bigger


def write(model: SceneReward, file: Path) -> None:
    """The metric's module, as a bundle has it."""
    ids = torch.full((2, model.config.length), model.config.eos_id)
    torchscript.write(model, {"forward": (torch.rand(2, 3, SIDE, SIDE), ids)}, file)


# The names in the archive stay, whatever this module is called: equal weights give equal bytes.
for _kind in (SceneReward, PictureEncoder, Residual, CaptionEncoder, Layer, Attention):
    _kind._jit_override_qualname = f"__torch__.probeselect_models.reward.{_kind.__name__}"
