"""A small pipeline in the layout of Stable Diffusion 3."""

from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
)
from torch import Tensor

from probeselect_models.training.flow.text_encoders import TextEncoders, Tokenizers
from probeselect_models.training.flow.transformer import start_at_identity
from probeselect_models.training.networks import rounded
from probeselect_models.training.sd2.pipeline import replace_pipeline
from probeselect_models.training.settings import Sd3Settings


def read(encoders: TextEncoders, clip_ids: Tensor, t5_ids: Tensor) -> tuple[Tensor, Tensor]:
    """Both CLIPs side by side, padded to the width of T5, then T5; and both pooled embeddings."""
    (first, pooled), (second, pooled_2), (t5, _) = encoders.states(clip_ids, t5_ids)
    clip = torch.cat([first, second], -1)
    sequence = torch.cat([F.pad(clip, (0, t5.shape[-1] - clip.shape[-1])), t5], 1)
    return sequence, torch.cat([pooled, pooled_2], -1)


def new_scheduler(settings: Sd3Settings) -> FlowMatchEulerDiscreteScheduler:
    return FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000, shift=settings.sampler_shift)


class Sd3Denoiser:
    """The transformer, with the inputs that training gives to every denoiser."""

    def __init__(self, settings: Sd3Settings):
        text = settings.text
        self.width = settings.heads * settings.head_width
        self.transformer = SD3Transformer2DModel(
            sample_size=16,
            patch_size=2,
            in_channels=4,
            out_channels=4,
            num_layers=settings.layers,
            attention_head_dim=settings.head_width,
            num_attention_heads=settings.heads,
            joint_attention_dim=text.t5_width,
            caption_projection_dim=self.width,
            pooled_projection_dim=text.clip_width + text.clip_2_width,
            pos_embed_max_size=16,
            qk_norm="rms_norm",
        )
        start_at_identity(self.transformer)
        self.middle = self.transformer.transformer_blocks[settings.layout_block]

    def velocity(
        self, latents: Tensor, sigma: Tensor, sequence: Tensor, pooled: Tensor, guidance: Tensor
    ) -> Tensor:
        """Without use for the guidance scale: classifier-free guidance is the sampler's affair."""
        return self.transformer(latents, sequence, pooled, 1000 * sigma, return_dict=False)[0]


def save_sd3(
    directory: Path,
    settings: Sd3Settings,
    tokenizers: Tokenizers,
    encoders: TextEncoders,
    vae: AutoencoderKL,
    transformer: SD3Transformer2DModel,
) -> None:
    """Replaces `directory`. Weights are rounded to half precision, so that loading them is exact."""
    pipeline = StableDiffusion3Pipeline(
        transformer=rounded(transformer),
        scheduler=new_scheduler(settings),
        vae=rounded(vae),
        text_encoder=rounded(encoders.clip),
        tokenizer=tokenizers.clip,
        text_encoder_2=rounded(encoders.clip_2),
        tokenizer_2=tokenizers.clip,
        text_encoder_3=rounded(encoders.t5),
        tokenizer_3=tokenizers.t5,
    )
    replace_pipeline(directory, pipeline)
