"""Small pipelines of genuine diffusers and transformers classes with random weights, for tests.

`python random_pipeline.py --pipeline stable-diffusion-3 --output DIR`
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
)

from random_tokenizers import t5_tokenizer, tokenizer


def diffusion_scheduler(prediction_type: str) -> DDIMScheduler:
    """As Stable Diffusion 2 is published with."""
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type=prediction_type,
    )


def flux_scheduler(guidance: bool) -> FlowMatchEulerDiscreteScheduler:
    """That of FLUX.1-dev, which has guidance, or of FLUX.1-schnell."""
    return FlowMatchEulerDiscreteScheduler(
        shift=3.0 if guidance else 1.0, use_dynamic_shifting=guidance
    )


def build(seed: int = 0) -> StableDiffusionPipeline:
    """The layout of the default model."""
    torch.manual_seed(seed)
    words = tokenizer()
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(48, 96, 96),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 3, 3),
        cross_attention_dim=128,
        norm_num_groups=12,
        use_linear_projection=True,
    )
    vae = AutoencoderKL(
        block_out_channels=(16, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=64,
        scaling_factor=0.8,
        force_upcast=False,
    )
    return StableDiffusionPipeline(
        vae=vae.eval(),
        text_encoder=CLIPTextModel(clip_config(words, 128, layers=2)).eval(),
        tokenizer=words,
        unet=unet.eval(),
        scheduler=diffusion_scheduler("v_prediction"),
        safety_checker=None,
        feature_extractor=None,
        image_encoder=None,
        requires_safety_checker=False,
    )


def clip_config(
    words: PreTrainedTokenizerFast, width: int, layers: int = 1, **options
) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        max_position_embeddings=words.model_max_length,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
        **options,
    )


def t5_encoder(words: PreTrainedTokenizerFast, width: int) -> T5EncoderModel:
    config = T5Config(
        vocab_size=len(words),
        d_model=width,
        d_kv=8,
        d_ff=2 * width,
        num_layers=2,
        num_heads=2,
        relative_attention_num_buckets=8,
        feed_forward_proj="gated-gelu",
        is_encoder_decoder=False,
        pad_token_id=words.pad_token_id,
        eos_token_id=words.eos_token_id,
    )
    return T5EncoderModel(config).eval()


def flow_vae(channels: int) -> AutoencoderKL:
    """As those of the flow models: shifted latents, no convolutions around the quantisation."""
    return AutoencoderKL(
        block_out_channels=(4, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        layers_per_block=1,
        latent_channels=channels,
        norm_num_groups=4,
        sample_size=64,
        scaling_factor=1.5,
        shift_factor=0.06,
        use_quant_conv=False,
        use_post_quant_conv=False,
        force_upcast=False,
    ).eval()


def stable_diffusion_3(
    seed: int = 0, *, t5: bool = True, dual_attention: bool = False, qk_norm: str | None = None
) -> StableDiffusion3Pipeline:
    """Two CLIP encoders of different width and padding; T5, dual attention blocks on request."""
    torch.manual_seed(seed)
    first, second, third = tokenizer("<|endoftext|>"), tokenizer(), t5_tokenizer()
    transformer = SD3Transformer2DModel(
        sample_size=16,
        patch_size=2,
        in_channels=4,
        out_channels=4,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=64,
        caption_projection_dim=32,
        pooled_projection_dim=40,
        pos_embed_max_size=20,
        dual_attention_layers=(0,) if dual_attention else (),
        qk_norm=qk_norm,
    )
    return StableDiffusion3Pipeline(
        transformer=liven(transformer),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=flow_vae(4),
        text_encoder=CLIPTextModelWithProjection(
            clip_config(first, 16, layers=2, projection_dim=16)
        ).eval(),
        tokenizer=first,
        text_encoder_2=CLIPTextModelWithProjection(
            clip_config(second, 24, layers=2, hidden_act="gelu", projection_dim=24)
        ).eval(),
        tokenizer_2=second,
        text_encoder_3=t5_encoder(third, 64) if t5 else None,
        tokenizer_3=third if t5 else None,
    )


def flux(seed: int = 0, *, guidance: bool = True) -> FluxPipeline:
    """With guidance embedding as FLUX.1-dev, without as FLUX.1-schnell."""
    torch.manual_seed(seed)
    words, pieces = tokenizer("<|endoftext|>"), t5_tokenizer()
    transformer = FluxTransformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=48,
        pooled_projection_dim=32,
        guidance_embeds=guidance,
        axes_dims_rope=(4, 6, 6),
    )
    return FluxPipeline(
        transformer=liven(transformer),
        scheduler=flux_scheduler(guidance),
        vae=flow_vae(4),
        text_encoder=CLIPTextModel(clip_config(words, 32, layers=2)).eval(),
        tokenizer=words,
        text_encoder_2=t5_encoder(pieces, 48),
        tokenizer_2=pieces,
    )


def liven(module: torch.nn.Module) -> torch.nn.Module:
    """Random one-dimensional parameters too: as made, many are zeros or ones and hide mistakes."""
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return module.eval()


PIPELINES = {
    "stable-diffusion-2": build,
    "stable-diffusion-3": stable_diffusion_3,
    "stable-diffusion-3-without-t5": lambda: stable_diffusion_3(t5=False),
    "stable-diffusion-3.5-medium": lambda: stable_diffusion_3(
        dual_attention=True, qk_norm="rms_norm"
    ),
    "flux-dev": flux,
    "flux-schnell": lambda: flux(guidance=False),
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pipeline", choices=PIPELINES, default="stable-diffusion-2")
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args()
    PIPELINES[given.pipeline]().save_pretrained(given.output)
