"""Sizes and budgets of one training run."""

from dataclasses import dataclass


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
