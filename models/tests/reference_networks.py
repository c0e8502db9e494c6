"""Networks written from their papers, with the weights' published names, to compare conversions with.

Nothing here is taken from transformers or from the exporter.
"""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class OpenClip(nn.Module):
    """A small ViT-H-14: heads of 80 in the image's tower and of 64 in the text's, exact GELU."""

    def __init__(self, vocabulary: int, length: int, side: int, layers: int = 2):
        super().__init__()
        width, text_width, joint = 160, 128, 32
        self.visual = OpenClipVision(width, side, layers, joint)
        self.transformer = Blocks(text_width, layers, 64)
        self.token_embedding = nn.Embedding(vocabulary, text_width)
        self.positional_embedding = nn.Parameter(0.1 * torch.randn(length, text_width))
        self.ln_final = nn.LayerNorm(text_width)
        self.text_projection = nn.Parameter(0.1 * torch.randn(text_width, joint))
        self.logit_scale = nn.Parameter(torch.tensor(4.6))

    def cosine(self, pixels: Tensor, ids: Tensor) -> Tensor:
        seen = F.normalize(self.visual(pixels), dim=-1)
        later = torch.full((ids.shape[1],) * 2, float("-inf")).triu(1)
        words = self.token_embedding(ids) + self.positional_embedding
        words = self.ln_final(self.transformer(words, later))
        last = words[torch.arange(len(ids)), ids.argmax(1)]
        return (seen * F.normalize(last @ self.text_projection, dim=-1)).sum(1)


class OpenClipVision(nn.Module):
    def __init__(self, width: int, side: int, layers: int, joint: int, patch: int = 14):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding = nn.Parameter(0.1 * torch.randn(width))
        self.positional_embedding = nn.Parameter(0.1 * torch.randn((side // patch) ** 2 + 1, width))
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Blocks(width, layers, 80)
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(0.1 * torch.randn(width, joint))

    def forward(self, pixels: Tensor) -> Tensor:
        patches = self.conv1(pixels).flatten(2).mT
        first = self.class_embedding.expand(len(pixels), 1, -1)
        tokens = torch.cat([first, patches], 1) + self.positional_embedding
        return self.ln_post(self.transformer(self.ln_pre(tokens), None)[:, 0]) @ self.proj


class Blocks(nn.Module):
    def __init__(self, width: int, layers: int, head: int):
        super().__init__()
        self.resblocks = nn.ModuleList(Block(width, head) for _ in range(layers))

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        for block in self.resblocks:
            x = block(x, mask)
        return x


class Block(nn.Module):
    def __init__(self, width: int, head: int):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, width // head, batch_first=True)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.ModuleDict(
            {"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)}
        )

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        normed = self.ln_1(x)
        x = x + self.attn(normed, normed, normed, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp["c_proj"](F.gelu(self.mlp["c_fc"](self.ln_2(x))))


class RewardNetwork(nn.Module):
    """ImageReward: `score` gives the published one."""

    def __init__(self, config: dict, side: int, patch: int = 16, width: int = 128):
        super().__init__()
        self.blip = nn.ModuleDict(
            {
                "visual_encoder": RewardVision(side, patch, width, layers=2),
                "text_encoder": RewardText(config, width),
            }
        )
        self.blip["vision_proj"] = nn.Linear(width, 8)
        self.blip["text_proj"] = nn.Linear(config["hidden_size"], 8)
        widths = (config["hidden_size"], 1024, 128, 64, 16, 1)
        affine = {str(i): nn.Linear(*pair) for i, pair in zip((0, 2, 4, 6, 7), pairwise(widths))}
        self.mlp = nn.ModuleDict({"layers": nn.ModuleDict(affine)})

    def score(self, pixels: Tensor, ids: Tensor, said: Tensor) -> Tensor:
        features = self.blip["text_encoder"](ids, said, self.blip["visual_encoder"](pixels))[:, 0]
        for affine in self.mlp["layers"].values():
            features = affine(features)
        return (features[:, 0] - 0.16717362830052426) / 1.0333394966054072


class RewardVision(nn.Module):
    def __init__(self, side: int, patch: int, width: int, layers: int):
        super().__init__()
        self.cls_token = nn.Parameter(0.1 * torch.randn(1, 1, width))
        self.pos_embed = nn.Parameter(0.1 * torch.randn(1, (side // patch) ** 2 + 1, width))
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, width, patch, patch)})
        self.blocks = nn.ModuleList(RewardVisionBlock(width) for _ in range(layers))
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, pixels: Tensor) -> Tensor:
        patches = self.patch_embed["proj"](pixels).flatten(2).mT
        x = torch.cat([self.cls_token.expand(len(pixels), -1, -1), patches], 1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class RewardVisionBlock(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = nn.ModuleDict(
            {"qkv": nn.Linear(width, 3 * width), "proj": nn.Linear(width, width)}
        )
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.ModuleDict(
            {"fc1": nn.Linear(width, 4 * width), "fc2": nn.Linear(4 * width, width)}
        )

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = self.attn["qkv"](self.norm1(x)).chunk(3, 2)
        x = x + self.attn["proj"](attention(query, key, value, x.shape[2] // 64))
        return x + self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.norm2(x))))


class RewardText(nn.Module):
    """BERT whose words, in every layer, look at each other and then at the image."""

    def __init__(self, config: dict, image_width: int):
        super().__init__()
        width = config["hidden_size"]
        self.embeddings = nn.ModuleDict(
            {
                "word_embeddings": nn.Embedding(config["vocab_size"], width),
                "position_embeddings": nn.Embedding(config["max_position_embeddings"], width),
                "LayerNorm": nn.LayerNorm(width, eps=1e-12),
            }
        )
        self.embeddings.register_buffer(
            "position_ids", torch.arange(config["max_position_embeddings"])[None]
        )
        layers = (RewardTextLayer(config, image_width) for _ in range(config["num_hidden_layers"]))
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(layers)})

    def forward(self, ids: Tensor, said: Tensor, seen: Tensor) -> Tensor:
        parts = self.embeddings
        words = parts["word_embeddings"](ids) + parts["position_embeddings"].weight[: ids.shape[1]]
        words = parts["LayerNorm"](words)
        for layer in self.encoder["layer"]:
            words = layer(words, said, seen)
        return words


class RewardTextLayer(nn.Module):
    def __init__(self, config: dict, image_width: int):
        super().__init__()
        width, inner = config["hidden_size"], config["intermediate_size"]
        self.heads = config["num_attention_heads"]
        self.attention = _looking(width, width)
        self.crossattention = _looking(width, image_width)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(width, inner)})
        self.output = _added(inner, width)

    def forward(self, words: Tensor, said: Tensor, seen: Tensor) -> Tensor:
        words = self._look(self.attention, words, words, said)
        words = self._look(self.crossattention, words, seen, None)
        inner = F.gelu(self.intermediate["dense"](words))
        return self.output["LayerNorm"](self.output["dense"](inner) + words)

    def _look(
        self, part: nn.ModuleDict, words: Tensor, at: Tensor, visible: Tensor | None
    ) -> Tensor:
        own = part["self"]
        mixed = attention(
            own["query"](words), own["key"](at), own["value"](at), self.heads, visible
        )
        return part["output"]["LayerNorm"](part["output"]["dense"](mixed) + words)


def _looking(width: int, other: int) -> nn.ModuleDict:
    parts = {"query": nn.Linear(width, width)}
    parts |= {name: nn.Linear(other, width) for name in ("key", "value")}
    return nn.ModuleDict({"self": nn.ModuleDict(parts), "output": _added(width, width)})


def _added(inner: int, width: int) -> nn.ModuleDict:
    return nn.ModuleDict(
        {"dense": nn.Linear(inner, width), "LayerNorm": nn.LayerNorm(width, eps=1e-12)}
    )


def attention(
    query: Tensor, key: Tensor, value: Tensor, heads: int, visible: Tensor | None = None
) -> Tensor:
    """Tokens [B, n, width] that see those of [B, m, width] where `visible` [B, m] is not 0."""
    query, key, value = (x.unflatten(2, (heads, -1)).transpose(1, 2) for x in (query, key, value))
    scores = query @ key.mT / query.shape[3] ** 0.5
    if visible is not None:
        scores = scores.masked_fill(visible[:, None, None] == 0, float("-inf"))
    return (scores.softmax(-1) @ value).transpose(1, 2).flatten(2)
