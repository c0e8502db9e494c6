"""Sizes and budgets of one training run."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    """The defaults are the model that ships; the tests use smaller ones."""

    seed: int = 7
    pictures: int = 24_000
    """Scenes, all of the training split, whose latents the denoiser learns from."""

    autoencoder_channels: tuple[int, ...] = (16, 32, 64)
    autoencoder_pictures: int = 8_000
    autoencoder_crop_steps: int = 1_650
    """Steps on 32x32 crops, cheap, before the whole pictures."""
    autoencoder_steps: int = 1_900
    autoencoder_crop_batch: int = 16
    autoencoder_batch: int = 4
    autoencoder_rate: float = 3e-3
    divergence_weight: float = 2e-4

    decoder_steps: int = 1_200
    decoder_rate: float = 2e-3
    decoder_noise: float = 0.05
    """Standard deviation of what is added to the latents: the denoiser's are not perfect either."""

    denoiser_channels: tuple[int, ...] = (48, 96, 96)
    denoiser_heads: tuple[int, ...] = (2, 3, 3)
    text_width: int = 128
    text_layers: int = 3
    denoiser_steps: int = 5_000
    denoiser_batch: int = 48
    denoiser_rate: float = 1.6e-3
    denoiser_warmup: int = 100
    prompt_dropout: float = 0.1
    average_decay: float = 0.998
    checkpoint_every: int = 100
    early_step: int = 500
    """A usable pipeline is also written after this many denoiser steps."""


@dataclass(frozen=True)
class TextSettings:
    """The text encoders that the transformers share."""

    seed: int = 7
    length: int = 18
    """Ids of a prompt, for CLIP and for T5. The longest caption takes 18 of CLIP, 17 of T5."""
    clip_width: int = 128
    clip_2_width: int = 64
    clip_layers: int = 3
    t5_width: int = 192
    t5_heads: int = 4
    t5_hidden: int = 256
    t5_layers: int = 2
    captions: int = 12_000
    steps: int = 800
    batch: int = 64
    rate: float = 2e-3
    checkpoint_every: int = 200


@dataclass(frozen=True)
class FlowSettings:
    """What the training of both transformers has in common."""

    seed: int = 7
    pictures: int = 24_000
    text: TextSettings = field(default_factory=TextSettings)
    heads: int = 4
    head_width: int = 32
    shift: float = 2.0
    """Of the noise levels in training: most of it where the layout of a picture is decided."""
    sampler_shift: float = 0.3
    """Of the noise levels of the finished pipeline: what a seed becomes shows early."""
    batch: int = 32
    rate: float = 2e-3
    warmup: int = 100
    cooldown: float = 0.25
    """The share of the steps at the end over which the rate falls to zero."""
    prompt_dropout: float = 0.1
    average_decay: float = 0.998
    answers: int = 20_000
    """How many answers of the teacher to learn from; 0: from the data alone."""
    taught: float = 0.75
    """The share of each batch that learns from them."""
    layout_weight: float = 0.2
    compiled: bool = False
    """Whether the blocks are compiled for the training."""
    workers: int = 2
    """Parts of a batch that are computed side by side. Compiled blocks hold Python's lock: use 1."""
    checkpoint_every: int = 100


@dataclass(frozen=True)
class Sd3Settings(FlowSettings):
    layers: int = 6
    layout_block: int = 3
    steps: int = 4_400


@dataclass(frozen=True)
class FluxSettings(FlowSettings):
    layers: int = 2
    single_layers: int = 6
    layout_block: int = 2
    """Counted among the single blocks."""
    steps: int = 4_400
    guidance: tuple[float, float] = (1.0, 5.0)
    """Lowest and highest guidance scale that the finished model understands."""
    guidance_steps: int = 1_000
    guidance_rate: float = 5e-4
