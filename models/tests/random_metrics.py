"""Small metrics with random weights, in the layouts of the published ones, for tests.

`python random_metrics.py --kind clipscore --output DIR`
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from transformers import (
    BlipConfig,
    BlipForImageTextRetrieval,
    BlipTextConfig,
    BlipVisionConfig,
    CLIPConfig,
    CLIPModel,
    CLIPTextConfig,
    CLIPTokenizer,
    CLIPVisionConfig,
)
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from probeselect_models.metrics.rating import RatingHead
from random_tokenizers import METRIC_LENGTH, bert_tokenizer, clip_tokenizer
from reference_networks import OpenClip, RewardNetwork

CLIP_SIDE = 28
BLIP_SIDE = 32


def lively(module: torch.nn.Module) -> torch.nn.Module:
    """Random weights so large that every input shows in the output: as made, most are next to zero."""
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
            elif parameter.dim() > 1:
                parameter.normal_(0, parameter[0].numel() ** -0.5)
    return module.eval()


def clip_model(words: CLIPTokenizer, layers: int = 2) -> CLIPModel:
    text = CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=layers,
        num_attention_heads=4,
        max_position_embeddings=METRIC_LENGTH,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
    )
    vision = CLIPVisionConfig(
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=layers,
        num_attention_heads=4,
        image_size=CLIP_SIDE,
        patch_size=7,
    )
    config = CLIPConfig(
        text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=24
    )
    return lively(CLIPModel(config))


def write_clip(directory: Path, model: CLIPModel | None = None) -> None:
    words = clip_tokenizer()
    (model or clip_model(words)).save_pretrained(directory)
    words.save_pretrained(directory)
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": CLIP_SIDE},
        crop_size={"height": CLIP_SIDE, "width": CLIP_SIDE},
        resample=3,
    )
    processor.save_pretrained(directory)


def write_open_clip(directory: Path) -> None:
    words = clip_tokenizer()
    words.save_pretrained(directory)
    network = lively(OpenClip(len(words), METRIC_LENGTH, CLIP_SIDE))
    torch.save({"state_dict": network.state_dict()}, directory / "HPS_v2.1_compressed.pt")


def write_aesthetic(directory: Path) -> None:
    write_clip(directory)
    head = lively(RatingHead(24))
    torch.save(head.state_dict(), directory / "sac+logos+ava1-l14-linearMSE.pth")


def write_image_reward(directory: Path) -> None:
    words = bert_tokenizer()
    words.save_pretrained(directory)
    config = {
        "architectures": ["BertModel"],
        "attention_probs_dropout_prob": 0.1,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": 48,
        "initializer_range": 0.02,
        "intermediate_size": 96,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 64,
        "model_type": "bert",
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "pad_token_id": 0,
        "type_vocab_size": 2,
        "vocab_size": len(words),
        "encoder_width": 768,
        "add_cross_attention": True,
    }
    (directory / "med_config.json").write_text(json.dumps(config))
    network = lively(RewardNetwork(config, BLIP_SIDE))
    torch.save(network.state_dict(), directory / "ImageReward.pt")


def write_blip(directory: Path) -> None:
    words = bert_tokenizer()
    words.save_pretrained(directory)
    text = BlipTextConfig(
        vocab_size=len(words),
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=64,
    )
    vision = BlipVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=BLIP_SIDE,
        patch_size=8,
        initializer_range=0.02,
    )
    config = BlipConfig(text_config=text.to_dict(), vision_config=vision.to_dict())
    lively(BlipForImageTextRetrieval(config)).save_pretrained(directory)
    processor = BlipImageProcessorPil(size={"height": BLIP_SIDE, "width": BLIP_SIDE}, resample=3)
    processor.save_pretrained(directory)


SOURCES = {
    "clipscore": write_clip,
    "pickscore": write_clip,
    "hpsv2": write_open_clip,
    "aesthetic": write_aesthetic,
    "imagereward": write_image_reward,
    "blip-itm": write_blip,
}


def write_source(kind: str, directory: Path, seed: int = 0) -> None:
    """The directory that the exporter reads."""
    torch.manual_seed(seed)
    directory.mkdir(parents=True, exist_ok=True)
    SOURCES[kind](directory)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=SOURCES, required=True)
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args()
    write_source(given.kind, given.output)
