"""ImageReward: what people prefer, read by a BLIP under the names of its own authors."""

from __future__ import annotations

import re

from torch import Tensor, nn
from transformers import BertTokenizer, BlipTextConfig, BlipVisionConfig
from transformers.models.blip.modeling_blip import BlipVisionModel
from transformers.models.blip.modeling_blip_text import BlipTextModel

from probeselect_models.metrics.blip import LENGTH, Reader
from probeselect_models.metrics.judge import Judge
from probeselect_models.metrics.preprocessing import CenterCrop
from probeselect_models.metrics.rating import RatingHead
from probeselect_models.metrics.source import Source, filled

MEAN, DEVIATION = 0.16717362830052426, 1.0333394966054072
"""Of the ratings that the authors' model gives; the published score is free of them."""
_HEAD = 64
"""Width of an attention head in BLIP's vision transformers, base and large."""
_TEXT_OPTIONS = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "max_position_embeddings",
    "hidden_act",
    "layer_norm_eps",
    "pad_token_id",
)
_VISION_NAMES = (
    (r"^cls_token$", "embeddings.class_embedding"),
    (r"^pos_embed$", "embeddings.position_embedding"),
    (r"^patch_embed\.proj\.", "embeddings.patch_embedding."),
    (r"^blocks\.", "encoder.layers."),
    (r"^norm\.", "post_layernorm."),
    (r"\.norm([12])\.", r".layer_norm\1."),
    (r"\.attn\.qkv\.", ".self_attn.qkv."),
    (r"\.attn\.proj\.", ".self_attn.projection."),
)


class ImageReward(nn.Module):
    """The rating of what the prompt's words saw, standardised: Xu et al. 2023."""

    def __init__(self, reader: Reader, head: RatingHead):
        super().__init__()
        self.reader = reader
        self.head = head

    def forward(self, image: Tensor, ids: Tensor) -> Tensor:
        return (self.head(self.reader(image, ids)) - MEAN) / DEVIATION


def image_reward(source: Source) -> Judge:
    weights = source.weights_beside("*.pt", "*.safetensors")
    if weights is None:
        raise source.refuse("no .pt file with the weights of ImageReward")
    vision = _part(weights, "blip.visual_encoder.")
    text = _part(weights, "blip.text_encoder.")
    text.pop("embeddings.position_ids", None)
    head = _part(weights, "mlp.")
    for name, part in (("blip.visual_encoder", vision), ("blip.text_encoder", text), ("mlp", head)):
        if not part:
            raise source.refuse(f"the weights are not those of ImageReward: no {name}")
    vision_config = _vision_config(vision)
    text_config = _text_config(source, vision_config.hidden_size)
    reader = Reader(
        CenterCrop(vision_config.image_size, vision_config.image_size, True),
        filled(BlipVisionModel(vision_config), _renamed(vision), source),
        filled(BlipTextModel(text_config, add_pooling_layer=False), text, source),
    )
    head = filled(RatingHead(text_config.hidden_size), head, source)
    return Judge(ImageReward(reader, head), source.tokenizer(BertTokenizer), LENGTH)


def _part(weights: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)
    }


def _renamed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    renamed = {}
    for key, value in weights.items():
        for pattern, replacement in _VISION_NAMES:
            key = re.sub(pattern, replacement, key)
        renamed[key] = value
    return renamed


def _vision_config(weights: dict[str, Tensor]) -> BlipVisionConfig:
    """What the shapes say."""
    patches, width = weights["pos_embed"].shape[1:]
    patch = weights["patch_embed.proj.weight"].shape[-1]
    layers = 1 + max(int(key.split(".")[1]) for key in weights if key.startswith("blocks."))
    return BlipVisionConfig(
        hidden_size=width,
        intermediate_size=weights["blocks.0.mlp.fc1.weight"].shape[0],
        num_hidden_layers=layers,
        num_attention_heads=width // _HEAD,
        image_size=patch * round((patches - 1) ** 0.5),
        patch_size=patch,
        hidden_act="gelu",
        layer_norm_eps=1e-6,
    )


def _text_config(source: Source, image_width: int) -> BlipTextConfig:
    """What med_config.json says, a BERT configuration."""
    config = source.json("med_config.json")
    absent = [option for option in _TEXT_OPTIONS if option not in config]
    if absent:
        raise source.refuse(f"med_config.json does not say {absent[0]}")
    return BlipTextConfig(
        **{option: config[option] for option in _TEXT_OPTIONS},
        encoder_hidden_size=image_width,
        is_decoder=True,
    )
