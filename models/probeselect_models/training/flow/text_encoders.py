"""The text encoders of the transformers: two CLIP and one T5, in the arrangement of SD3 and FLUX.

They learn to read from captions alone, before any denoiser, and stay as they are from then on: as in
the large models, the denoiser is trained on the states of frozen encoders.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import (
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

from probeselect_models.training.flow.reading import (
    CAPTION_ANSWERS,
    WORD_ANSWERS,
    caption_answers,
    word_answers,
)
from probeselect_models.training.loop import HalvedBatches, Stage, learning_rate, seed_step
from probeselect_models.training.networks import Networks
from probeselect_models.training.scenes import Description, caption, sample_description, split_of
from probeselect_models.training.settings import TextSettings
from probeselect_models.training.tokenizer import encode


@dataclass(frozen=True)
class Tokenizers:
    """Both CLIP encoders share one vocabulary."""

    clip: CLIPTokenizer
    t5: T5Tokenizer

    def ids(self, texts: list[str]) -> tuple[Tensor, Tensor]:
        """Ids for CLIP and for T5, each [number of texts, the tokenizer's length]."""
        clip, t5 = encode(self.clip, texts), encode(self.t5, texts)
        return torch.from_numpy(clip), torch.from_numpy(t5)


@dataclass(frozen=True)
class TextEncoders(Networks):
    clip: CLIPTextModelWithProjection
    clip_2: CLIPTextModelWithProjection
    t5: T5EncoderModel

    def states(self, clip_ids: Tensor, t5_ids: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Of each CLIP encoder: the states before its last layer, and its pooled embedding."""
        made = [model(clip_ids, output_hidden_states=True) for model in (self.clip, self.clip_2)]
        return [(one.hidden_states[-2], one.text_embeds) for one in made] + [
            (self.t5(t5_ids).last_hidden_state, None)
        ]


def new_text_encoders(settings: TextSettings, tokenizers: Tokenizers) -> TextEncoders:
    words = tokenizers.clip

    def clip(width: int) -> CLIPTextModelWithProjection:
        return CLIPTextModelWithProjection(
            CLIPTextConfig(
                vocab_size=len(words),
                hidden_size=width,
                intermediate_size=4 * width,
                projection_dim=width,
                num_hidden_layers=settings.clip_layers,
                num_attention_heads=width // 32,
                max_position_embeddings=settings.length,
                hidden_act="gelu",
                pad_token_id=words.pad_token_id,
                bos_token_id=words.bos_token_id,
                eos_token_id=words.eos_token_id,
            )
        )

    t5 = T5Config(
        vocab_size=len(tokenizers.t5),
        d_model=settings.t5_width,
        d_kv=32,
        num_heads=settings.t5_heads,
        d_ff=settings.t5_hidden,
        num_layers=settings.t5_layers,
        relative_attention_num_buckets=32,
        relative_attention_max_distance=64,
        dropout_rate=0.0,
        feed_forward_proj="gated-gelu",
        is_encoder_decoder=False,
        use_cache=False,
        pad_token_id=tokenizers.t5.pad_token_id,
        eos_token_id=tokenizers.t5.eos_token_id,
    )
    return TextEncoders(clip(settings.clip_width), clip(settings.clip_2_width), T5EncoderModel(t5))


class ReadingTest(nn.Module):
    """Linear answers from the states of every encoder: how well they have read."""

    def __init__(self, settings: TextSettings):
        super().__init__()
        words, whole = sum(WORD_ANSWERS.values()), sum(CAPTION_ANSWERS.values())
        clips = (settings.clip_width, settings.clip_2_width)
        self.words = nn.ModuleList(nn.Linear(w, words) for w in (*clips, settings.t5_width))
        self.whole = nn.ModuleList(nn.Linear(width, whole) for width in clips)

    def forward(self, read, clip_words, t5_words, whole) -> Tensor:
        loss = 0.0
        for i, (states, pooled) in enumerate(read):
            wanted = clip_words if pooled is not None else t5_words
            loss = loss + _answered(self.words[i](states), wanted, WORD_ANSWERS)
            if pooled is not None:
                loss = loss + _answered(self.whole[i](pooled), whole, CAPTION_ANSWERS)
        return loss


def _answered(logits: Tensor, wanted: Tensor, answers: dict[str, int]) -> Tensor:
    """Mean cross-entropy per question."""
    parts = logits.split(list(answers.values()), -1)
    losses = [
        F.cross_entropy(part.flatten(0, -2), wanted[..., i].flatten())
        for i, part in enumerate(parts)
    ]
    return torch.stack(losses).mean()


def train_text_encoders(settings: TextSettings, tokenizers: Tokenizers, path: Path) -> TextEncoders:
    """Trains, or goes on from the checkpoint at `path`; returns the encoders, frozen."""
    torch.manual_seed(settings.seed)
    encoders, test = new_text_encoders(settings, tokenizers), ReadingTest(settings)
    parameters = [*encoders.parameters(), *test.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=0.0, betas=(0.9, 0.99), weight_decay=0.01)
    steps, every = settings.steps, settings.checkpoint_every
    stage = Stage(
        "text encoders", path, steps, every, encoders=encoders, test=test, optimizer=optimizer
    )
    if stage.finished:
        return encoders.frozen()
    lesson = _lesson(tokenizers, settings)
    batches = HalvedBatches(parameters)

    def loss(clip_ids, t5_ids, clip_words, t5_words, whole):
        return test(encoders.states(clip_ids, t5_ids), clip_words, t5_words, whole)

    for step in stage.left():
        generator = seed_step(settings.seed, step)
        chosen = torch.randint(len(lesson[0]), (settings.batch,), generator=generator)
        rate = learning_rate(step, steps, settings.rate, 50)
        value = batches.descend([optimizer], rate, loss, *(part[chosen] for part in lesson))
        stage.done(step + 1, value)
    return encoders.frozen()


def _lesson(tokenizers: Tokenizers, settings: TextSettings) -> tuple[Tensor, ...]:
    """Ids of captions of the training split for both tokenizers, with the answers for each."""
    captions = training_descriptions(settings.captions, settings.seed)
    texts = [caption(d) for d in captions]
    words = [
        np.stack([word_answers(d, spans) for d, spans in zip(captions, _spans(tokenizer, texts))])
        for tokenizer in (tokenizers.clip, tokenizers.t5)
    ]
    whole = np.stack([caption_answers(d) for d in captions])
    return *tokenizers.ids(texts), *(torch.from_numpy(part) for part in (*words, whole))


def training_descriptions(count: int, seed: int) -> list[Description]:
    rng = np.random.default_rng(seed)
    found: list[Description] = []
    while len(found) < count:
        description = sample_description(rng)
        if split_of(caption(description)) == "train":
            found.append(description)
    return found


def _spans(tokenizer, texts: list[str]) -> list[list[tuple[int, int]]]:
    """Where each token stands in its text; (0, 0) for special tokens."""
    return tokenizer(
        texts,
        padding="max_length",
        truncation=True,
        max_length=tokenizer.model_max_length,
        return_offsets_mapping=True,
    )["offset_mapping"]
