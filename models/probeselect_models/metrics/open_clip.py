"""A CLIPModel from the weights of an open_clip ViT-H-14, under open_clip's names."""

from __future__ import annotations

import re

from torch import Tensor
from transformers import CLIPConfig, CLIPModel

from probeselect_models.metrics.source import Source, filled

_VISION_HEAD, _TEXT_HEAD = 80, 64
"""Widths of an attention head in a ViT-H-14."""
_NAMES = (
    (r"visual\.class_embedding", "vision_model.embeddings.class_embedding"),
    (r"visual\.positional_embedding", "vision_model.embeddings.position_embedding.weight"),
    (r"visual\.conv1\.", "vision_model.embeddings.patch_embedding."),
    (r"visual\.ln_pre\.", "vision_model.pre_layrnorm."),
    (r"visual\.ln_post\.", "vision_model.post_layernorm."),
    (r"visual\.transformer\.resblocks\.", "vision_model.encoder.layers."),
    (r"token_embedding\.", "text_model.embeddings.token_embedding."),
    (r"positional_embedding", "text_model.embeddings.position_embedding.weight"),
    (r"transformer\.resblocks\.", "text_model.encoder.layers."),
    (r"ln_final\.", "text_model.final_layer_norm."),
)
_NAMES_IN_A_LAYER = (
    (".ln_1.", ".layer_norm1."),
    (".ln_2.", ".layer_norm2."),
    (".mlp.c_fc.", ".mlp.fc1."),
    (".mlp.c_proj.", ".mlp.fc2."),
    (".attn.out_proj.", ".self_attn.out_proj."),
)
_JOINT = re.compile(r"(.*)\.attn\.in_proj_(weight|bias)")
"""Queries, keys and values in one matrix."""
_PROJECTIONS = {"visual.proj": "visual_projection", "text_projection": "text_projection"}
"""Written as columns there, as rows here."""


def load(source: Source) -> CLIPModel:
    weights = source.weights_beside("*.pt", "*.safetensors")
    if weights is None:
        raise source.refuse("no config.json of transformers, and no .pt or .safetensors file")
    missing = [
        key
        for key in ("visual.conv1.weight", "visual.positional_embedding", "text_projection")
        if key not in weights
    ]
    if missing:
        raise source.refuse(f"the weights are not those of an open_clip model: no {missing[0]}")
    return filled(CLIPModel(_config(weights)), _renamed(weights), source)


def _config(weights: dict[str, Tensor]) -> CLIPConfig:
    """What the shapes say; a ViT-H-14 has the exact GELU."""
    patches, width = weights["visual.positional_embedding"].shape
    patch = weights["visual.conv1.weight"].shape[-1]
    length, text_width = weights["positional_embedding"].shape
    vocabulary = weights["token_embedding.weight"].shape[0]
    vision = {
        "hidden_size": width,
        "intermediate_size": weights["visual.transformer.resblocks.0.mlp.c_fc.weight"].shape[0],
        "num_hidden_layers": _layers(weights, "visual.transformer"),
        "num_attention_heads": width // _VISION_HEAD,
        "image_size": patch * round((patches - 1) ** 0.5),
        "patch_size": patch,
        "hidden_act": "gelu",
    }
    text = {
        "vocab_size": vocabulary,
        "hidden_size": text_width,
        "intermediate_size": weights["transformer.resblocks.0.mlp.c_fc.weight"].shape[0],
        "num_hidden_layers": _layers(weights, "transformer"),
        "num_attention_heads": text_width // _TEXT_HEAD,
        "max_position_embeddings": length,
        "hidden_act": "gelu",
        "bos_token_id": vocabulary - 2,
        "eos_token_id": vocabulary - 1,
    }
    return CLIPConfig(
        projection_dim=weights["text_projection"].shape[1], vision_config=vision, text_config=text
    )


def _layers(weights: dict[str, Tensor], tower: str) -> int:
    found = (re.match(rf"{tower}\.resblocks\.(\d+)\.", key) for key in weights)
    return 1 + max(int(layer[1]) for layer in found if layer)


def _renamed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    renamed = {}
    for key, value in weights.items():
        if key == "attn_mask":
            continue
        if key in _PROJECTIONS:
            renamed[f"{_PROJECTIONS[key]}.weight"] = value.T.contiguous()
            continue
        key = _name(key)
        joint = _JOINT.fullmatch(key)
        if joint is None:
            renamed[key] = value
            continue
        for part, rows in zip("qkv", value.chunk(3)):
            renamed[f"{joint[1]}.self_attn.{part}_proj.{joint[2]}"] = rows
    return renamed


def _name(key: str) -> str:
    for pattern, replacement in _NAMES:
        if re.match(pattern, key):
            key = re.sub(rf"^{pattern}", replacement, key)
            break
    for there, here in _NAMES_IN_A_LAYER:
        key = key.replace(there, here)
    return key
