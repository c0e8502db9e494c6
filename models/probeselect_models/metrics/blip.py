"""BLIP: the prompt's words look at the image, and what they see is judged."""

from __future__ import annotations

from torch import Tensor, nn
from transformers import BertTokenizer, BlipForImageTextRetrieval

from probeselect_models.metrics.judge import Judge
from probeselect_models.metrics.preprocessing import configured, scripted
from probeselect_models.metrics.source import Source

LENGTH = 35
"""Ids that the authors cut prompts to."""


class Reader(nn.Module):
    """The first word's features [B, width] once the prompt has looked at the image."""

    def __init__(self, preprocessing: nn.Module, vision_model: nn.Module, text_encoder: nn.Module):
        super().__init__()
        self.preprocessing = scripted(preprocessing)
        self.vision_model = vision_model
        self.text_encoder = text_encoder
        self.pad_id = text_encoder.config.pad_token_id

    def forward(self, image: Tensor, ids: Tensor) -> Tensor:
        seen = self.vision_model(self.preprocessing(image)).last_hidden_state
        words = self.text_encoder(
            ids, attention_mask=(ids != self.pad_id).long(), encoder_hidden_states=seen
        )
        return words.last_hidden_state[:, 0]


class MatchProbability(nn.Module):
    """The probability that the prompt belongs to the image: Li et al. 2022."""

    def __init__(self, reader: Reader, head: nn.Linear):
        super().__init__()
        self.reader = reader
        self.head = head

    def forward(self, image: Tensor, ids: Tensor) -> Tensor:
        return self.head(self.reader(image, ids)).softmax(-1)[:, 1]


def itm(source: Source) -> Judge:
    model = source.model(BlipForImageTextRetrieval)
    preprocessing = configured(source, model.config.vision_config.image_size)
    reader = Reader(preprocessing, model.vision_model, model.text_encoder)
    return Judge(MatchProbability(reader, model.itm_head), source.tokenizer(BertTokenizer), LENGTH)
