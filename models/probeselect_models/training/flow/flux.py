"""A small pipeline in the layout of FLUX."""

import math
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
)
from torch import Tensor
from transformers import CLIPTextModel, T5EncoderModel

from probeselect_models.training.flow.text_encoders import TextEncoders, Tokenizers
from probeselect_models.training.flow.transformer import start_at_identity
from probeselect_models.training.networks import Networks, rounded
from probeselect_models.training.sd2.pipeline import replace_pipeline
from probeselect_models.training.settings import FluxSettings

TOKENS = 64
"""Image tokens of a picture of 64x64 pixels: 2x2 latents each."""


@dataclass(frozen=True)
class FluxTextEncoders(Networks):
    """The first CLIP, only for its pooled state, and T5."""

    clip: CLIPTextModel
    t5: T5EncoderModel

    @classmethod
    def of(cls, encoders: TextEncoders) -> "FluxTextEncoders":
        clip = CLIPTextModel(encoders.clip.config)
        clip.load_state_dict(encoders.clip.text_model.state_dict())
        return cls(clip, encoders.t5).frozen()


def read(encoders: FluxTextEncoders, clip_ids: Tensor, t5_ids: Tensor) -> tuple[Tensor, Tensor]:
    """The states of T5, and the state of CLIP at the end of the prompt."""
    return encoders.t5(t5_ids).last_hidden_state, encoders.clip(clip_ids).pooler_output


def new_scheduler(settings: FluxSettings) -> FlowMatchEulerDiscreteScheduler:
    """Noise levels move towards pure noise with the number of tokens: `exp(mu)` is the shift.

    `mu` is linear in the number of tokens. At 64 it gives the shift of the settings.
    """
    few, many = TOKENS // 4, TOKENS * 4
    mu, slope = math.log(settings.sampler_shift), 0.8 / (many - few)
    return FlowMatchEulerDiscreteScheduler(
        num_train_timesteps=1000,
        use_dynamic_shifting=True,
        base_image_seq_len=few,
        max_image_seq_len=many,
        base_shift=mu - slope * (TOKENS - few),
        max_shift=mu + slope * (many - TOKENS),
    )


def packed(latents: Tensor) -> Tensor:
    """Latents [B, C, h, w] as tokens [B, h/2 * w/2, 4 C]: each token holds 2x2 latents."""
    batch, channels, height, width = latents.shape
    cells = latents.reshape(batch, channels, height // 2, 2, width // 2, 2)
    return cells.permute(0, 2, 4, 1, 3, 5).reshape(batch, -1, 4 * channels)


def unpacked(tokens: Tensor, height: int, width: int) -> Tensor:
    """The inverse of `packed` for latents of this height and width."""
    batch, _, channels = tokens.shape
    cells = tokens.reshape(batch, height // 2, width // 2, channels // 4, 2, 2)
    return cells.permute(0, 3, 1, 4, 2, 5).reshape(batch, channels // 4, height, width)


def places(height: int, width: int) -> Tensor:
    """The row and column of every token of latents of this height and width, [tokens, 3]."""
    rows, columns = torch.meshgrid(
        torch.arange(height // 2.0), torch.arange(width // 2.0), indexing="ij"
    )
    return torch.stack([torch.zeros_like(rows), rows, columns], -1).flatten(0, 1)


class FluxDenoiser:
    """The transformer, with the inputs that training gives to every denoiser."""

    def __init__(self, settings: FluxSettings):
        self.width = settings.heads * settings.head_width
        half = settings.head_width // 8 * 3
        self.transformer = FluxTransformer2DModel(
            patch_size=1,
            in_channels=16,
            num_layers=settings.layers,
            num_single_layers=settings.single_layers,
            attention_head_dim=settings.head_width,
            num_attention_heads=settings.heads,
            joint_attention_dim=settings.text.t5_width,
            pooled_projection_dim=settings.text.clip_width,
            guidance_embeds=True,
            axes_dims_rope=(settings.head_width - 2 * half, half, half),
        )
        start_at_identity(self.transformer)
        self.middle = self.transformer.single_transformer_blocks[settings.layout_block]

    def velocity(
        self, latents: Tensor, sigma: Tensor, sequence: Tensor, pooled: Tensor, guidance: Tensor
    ) -> Tensor:
        height, width = latents.shape[2:]
        tokens = self.transformer(
            packed(latents),
            sequence,
            pooled,
            sigma,
            places(height, width),
            torch.zeros(sequence.shape[1], 3),
            guidance,
            return_dict=False,
        )[0]
        return unpacked(tokens, height, width)


def save_flux(
    directory: Path,
    settings: FluxSettings,
    tokenizers: Tokenizers,
    encoders: FluxTextEncoders,
    vae: AutoencoderKL,
    transformer: FluxTransformer2DModel,
) -> None:
    """Replaces `directory`. Weights are rounded to half precision, so that loading them is exact."""
    pipeline = FluxPipeline(
        scheduler=new_scheduler(settings),
        vae=rounded(vae),
        text_encoder=rounded(encoders.clip),
        tokenizer=tokenizers.clip,
        text_encoder_2=rounded(encoders.t5),
        tokenizer_2=tokenizers.t5,
        transformer=rounded(transformer),
    )
    replace_pipeline(directory, pipeline)
