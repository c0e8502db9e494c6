"""What each metric is by definition: by transformers where it has the network, else by its paper.

Images go through Pillow and the real image processors, prompts through the real tokenizers.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from transformers import BertTokenizer, BlipForImageTextRetrieval, CLIPModel, CLIPTokenizer
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from random_metrics import BLIP_SIDE, CLIP_SIDE
from random_tokenizers import METRIC_LENGTH
from reference_networks import OpenClip, RewardNetwork

MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1)
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1)


def tensor(images: list[Image.Image]) -> torch.Tensor:
    return torch.stack([torch.tensor(np.asarray(image)).permute(2, 0, 1) for image in images]) / 255


def cropped(image: Image.Image, side: int) -> torch.Tensor:
    """As torchvision does it: a half is rounded to the even number."""
    shortest = min(image.size)
    resized = image.resize(
        [int(side * length / shortest) for length in image.size], Image.Resampling.BICUBIC
    )
    left, top = (round((length - side) / 2) for length in resized.size)
    return standardised(tensor([resized.crop((left, top, left + side, top + side))])[0])


def framed(image: Image.Image, side: int) -> torch.Tensor:
    scale = side / max(image.size)
    columns, rows = (round(length * scale) for length in image.size)
    resized = F.interpolate(tensor([image]), (rows, columns), mode="bicubic", antialias=True)
    black = torch.zeros(3, side, side)
    top, left = (side - rows) // 2, (side - columns) // 2
    black[:, top : top + rows, left : left + columns] = resized[0]
    return standardised(black)


def standardised(pixels: torch.Tensor) -> torch.Tensor:
    return (pixels - MEAN) / DEVIATION


def clip_outputs(source: Path, images: list[Image.Image], prompts: list[str]):
    model = CLIPModel.from_pretrained(source)
    pixels = CLIPImageProcessorPil.from_pretrained(source)(images, return_tensors="pt")
    words = CLIPTokenizer.from_pretrained(source)(
        prompts, padding=True, truncation=True, max_length=METRIC_LENGTH, return_tensors="pt"
    )
    return model(**pixels, **words)


def clip_score(source: Path, images: list[Image.Image], prompts: list[str]) -> torch.Tensor:
    found = clip_outputs(source, images, prompts)
    return (100 * (found.image_embeds * found.text_embeds).sum(1)).clamp(min=0)


def pick_score(source: Path, images: list[Image.Image], prompts: list[str]) -> torch.Tensor:
    return clip_outputs(source, images, prompts).logits_per_image.diagonal()


def hps(source: Path, images: list[Image.Image], prompts: list[str]) -> torch.Tensor:
    words = CLIPTokenizer.from_pretrained(source)
    network = OpenClip(len(words), METRIC_LENGTH, CLIP_SIDE).eval()
    network.load_state_dict(torch.load(source / "HPS_v2.1_compressed.pt")["state_dict"])
    ids = words(
        prompts,
        padding="max_length",
        truncation=True,
        max_length=METRIC_LENGTH,
        return_tensors="pt",
    ).input_ids
    return network.cosine(torch.stack([framed(image, CLIP_SIDE) for image in images]), ids)


def aesthetic(source: Path, images: list[Image.Image], prompts: list[str]) -> torch.Tensor:
    model = CLIPModel.from_pretrained(source)
    pixels = torch.stack([cropped(image, CLIP_SIDE) for image in images])
    features = F.normalize(model.get_image_features(pixels).pooler_output, dim=1)
    weights = torch.load(source / "sac+logos+ava1-l14-linearMSE.pth")
    for layer in (0, 2, 4, 6, 7):
        features = F.linear(features, *(weights[f"layers.{layer}.{x}"] for x in ("weight", "bias")))
    return features[:, 0]


def image_reward(source: Path, images: list[Image.Image], prompts: list[str]) -> torch.Tensor:
    network = RewardNetwork(json.loads((source / "med_config.json").read_text()), BLIP_SIDE).eval()
    network.load_state_dict(torch.load(source / "ImageReward.pt"))
    pixels = torch.stack([cropped(image, BLIP_SIDE) for image in images])
    words = BertTokenizer.from_pretrained(source)(
        prompts, padding="max_length", truncation=True, max_length=35, return_tensors="pt"
    )
    return network.score(pixels, words.input_ids, words.attention_mask)


def blip_itm(source: Path, images: list[Image.Image], prompts: list[str]) -> torch.Tensor:
    model = BlipForImageTextRetrieval.from_pretrained(source)
    pixels = BlipImageProcessorPil.from_pretrained(source)(images, return_tensors="pt")
    words = BertTokenizer.from_pretrained(source)(
        prompts, padding=True, truncation=True, max_length=35, return_tensors="pt"
    )
    logits = model(words.input_ids, **pixels, attention_mask=words.attention_mask).itm_score
    return logits.softmax(1)[:, 1]


DEFINITIONS = {
    "clipscore": clip_score,
    "pickscore": pick_score,
    "hpsv2": hps,
    "aesthetic": aesthetic,
    "imagereward": image_reward,
    "blip-itm": blip_itm,
}
