"""Metrics on top of CLIP: similarity of image and prompt, and a rating of the image alone."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn
from transformers import CLIPModel, CLIPTokenizer

from probeselect_models.metrics import open_clip
from probeselect_models.metrics.judge import Judge
from probeselect_models.metrics.preprocessing import CenterCrop, Letterbox, configured, scripted
from probeselect_models.metrics.rating import RatingHead
from probeselect_models.metrics.source import Source, filled


class Similarity(nn.Module):
    """The cosine between CLIP's embeddings of the image and of the prompt."""

    def __init__(self, preprocessing: nn.Module, clip: CLIPModel):
        super().__init__()
        self.preprocessing = scripted(preprocessing)
        self.clip = clip

    def forward(self, image: Tensor, ids: Tensor) -> Tensor:
        pixels = self.preprocessing(image)
        seen = F.normalize(self.clip.get_image_features(pixels).pooler_output, dim=-1)
        said = F.normalize(self.clip.get_text_features(ids).pooler_output, dim=-1)
        return (seen * said).sum(-1)


class ClipScore(Similarity):
    """100 * max(cosine, 0): Hessel et al. 2021, with the factor of torchmetrics instead of 2.5."""

    def forward(self, image: Tensor, ids: Tensor) -> Tensor:
        return 100 * F.relu(super().forward(image, ids))


class PickScore(Similarity):
    """The cosine times the model's temperature: Kirstain et al. 2023."""

    def forward(self, image: Tensor, ids: Tensor) -> Tensor:
        return self.clip.logit_scale.exp() * super().forward(image, ids)


class Aesthetic(nn.Module):
    """How people would rate the image, by the direction of its embedding; the prompt has no part in it."""

    def __init__(self, preprocessing: nn.Module, clip: CLIPModel, head: RatingHead):
        super().__init__()
        self.preprocessing = scripted(preprocessing)
        self.vision_model = clip.vision_model
        self.visual_projection = clip.visual_projection
        self.head = head

    def forward(self, image: Tensor, ids: Tensor) -> Tensor:
        pooled = self.vision_model(self.preprocessing(image)).pooler_output
        return self.head(F.normalize(self.visual_projection(pooled), dim=-1))


def clip_score(source: Source) -> Judge:
    clip = source.model(CLIPModel)
    return _judge(source, ClipScore(configured(source, _side(clip)), clip), clip)


def pick_score(source: Source) -> Judge:
    clip = source.model(CLIPModel)
    return _judge(source, PickScore(configured(source, _side(clip)), clip), clip)


def hps(source: Source) -> Judge:
    """Wu et al. 2023: the cosine, of an image that is not cropped but framed in black."""
    clip = source.model(CLIPModel) if source.has("config.json") else open_clip.load(source)
    return _judge(source, Similarity(Letterbox(_side(clip)), clip), clip)


def aesthetic(source: Source) -> Judge:
    """LAION's linear predictor; the image is resized and cropped as OpenAI's CLIP does it."""
    clip = source.model(CLIPModel)
    weights = source.weights_beside("*.pth")
    if weights is None:
        raise source.refuse("no .pth file with the weights of the predictor")
    head = filled(RatingHead(clip.config.projection_dim), weights, source)
    side = _side(clip)
    return _judge(source, Aesthetic(CenterCrop(side, side, True), clip, head), clip)


def _judge(source: Source, module: nn.Module, clip: CLIPModel) -> Judge:
    length = clip.config.text_config.max_position_embeddings
    return Judge(module, source.tokenizer(CLIPTokenizer), length)


def _side(clip: CLIPModel) -> int:
    return clip.config.vision_config.image_size
