"""Published backbones at full width and two layers deep, with random weights, as bundles.

    python -m golden.wide_bundles --output ../build/wide [--only NAME]

Their configurations are those of the published checkpoints but for the number of layers and for the
image size that they say they were made for, which is 128 pixels to make the export quick. Tokenizers
are small ones with the published lengths. Each bundle gets a golden.json of what diffusers makes
with the pipeline, for the slow test PublishedWidthsTest. A bundle takes 2 to 5 GB of disk, an export
up to 9 GB of memory.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import tempfile
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
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
    T5Config,
    T5EncoderModel,
)

from golden.modules import write_golden
from probeselect_models.export.exporter import export
from random_pipeline import diffusion_scheduler, flux_scheduler
from random_tokenizers import CAPTIONS, t5_tokenizer, tokenizer

LAYERS = 2
SIDE = 128
CLIP_LENGTH = 77


def clip(kind: type, width: int, heads: int, activation: str, projection: int):
    """Of every CLIP text model here the vocabulary has 49,408 entries and a text 77."""
    words = tokenizer()
    return kind(
        CLIPTextConfig(
            vocab_size=49408,
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=LAYERS,
            num_attention_heads=heads,
            max_position_embeddings=CLIP_LENGTH,
            hidden_act=activation,
            projection_dim=projection,
            bos_token_id=words.bos_token_id,
            eos_token_id=words.eos_token_id,
            pad_token_id=words.pad_token_id,
        )
    )


def t5_xxl() -> T5EncoderModel:
    return T5EncoderModel(
        T5Config(
            vocab_size=32128,
            d_model=4096,
            d_kv=64,
            d_ff=10240,
            num_layers=LAYERS,
            num_heads=64,
            feed_forward_proj="gated-gelu",
            is_encoder_decoder=False,
        )
    )


def vae(channels: int, scale: float, shift: float | None) -> AutoencoderKL:
    quantised = shift is None
    return AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=channels,
        sample_size=SIDE,
        scaling_factor=scale,
        shift_factor=shift,
        use_quant_conv=quantised,
        use_post_quant_conv=quantised,
    )


def stable_diffusion_2(prediction_type: str) -> StableDiffusionPipeline:
    """2.0 base and 2.1 differ in what they predict and in where attention is computed in FP32."""
    unet = UNet2DConditionModel(
        sample_size=SIDE // 8,
        layers_per_block=1,
        block_out_channels=(320, 640, 1280, 1280),
        down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        attention_head_dim=(5, 10, 20, 20),
        cross_attention_dim=1024,
        use_linear_projection=True,
        upcast_attention=prediction_type == "v_prediction",
    )
    return StableDiffusionPipeline(
        vae=vae(4, 0.18215, None),
        text_encoder=clip(CLIPTextModel, 1024, 16, "gelu", 512),
        tokenizer=tokenizer(length=CLIP_LENGTH),
        unet=unet,
        scheduler=diffusion_scheduler(prediction_type),
        safety_checker=None,
        feature_extractor=None,
        image_encoder=None,
        requires_safety_checker=False,
    )


def stable_diffusion_3(
    heads: int, positions: int, qk_norm: str | None, dual: tuple[int, ...] = ()
) -> StableDiffusion3Pipeline:
    transformer = SD3Transformer2DModel(
        sample_size=SIDE // 8,
        num_layers=LAYERS,
        attention_head_dim=64,
        num_attention_heads=heads,
        joint_attention_dim=4096,
        caption_projection_dim=64 * heads,
        pooled_projection_dim=2048,
        pos_embed_max_size=positions,
        dual_attention_layers=dual,
        qk_norm=qk_norm,
    )
    return StableDiffusion3Pipeline(
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=vae(16, 1.5305, 0.0609),
        text_encoder=clip(CLIPTextModelWithProjection, 768, 12, "quick_gelu", 768),
        tokenizer=tokenizer("<|endoftext|>", CLIP_LENGTH),
        text_encoder_2=clip(CLIPTextModelWithProjection, 1280, 20, "gelu", 1280),
        tokenizer_2=tokenizer(length=CLIP_LENGTH),
        text_encoder_3=t5_xxl(),
        tokenizer_3=t5_tokenizer(512),
    )


def flux(guidance: bool) -> FluxPipeline:
    """One block of each kind."""
    transformer = FluxTransformer2DModel(
        num_layers=LAYERS // 2,
        num_single_layers=LAYERS // 2,
        joint_attention_dim=4096,
        pooled_projection_dim=768,
        guidance_embeds=guidance,
    )
    return FluxPipeline(
        transformer=transformer,
        scheduler=flux_scheduler(guidance),
        vae=vae(16, 0.3611, 0.1159),
        text_encoder=clip(CLIPTextModel, 768, 12, "quick_gelu", 768),
        tokenizer=tokenizer("<|endoftext|>", CLIP_LENGTH),
        text_encoder_2=t5_xxl(),
        tokenizer_2=t5_tokenizer(512),
    )


PIPELINES = {
    "stable-diffusion-2-base": lambda: stable_diffusion_2("epsilon"),
    "stable-diffusion-2-1": lambda: stable_diffusion_2("v_prediction"),
    "stable-diffusion-3-medium": lambda: stable_diffusion_3(24, 192, None),
    "stable-diffusion-3.5-medium": lambda: stable_diffusion_3(24, 384, "rms_norm", (0,)),
    "stable-diffusion-3.5-large": lambda: stable_diffusion_3(38, 192, "rms_norm"),
    "flux-1-dev": lambda: flux(True),
    "flux-1-schnell": lambda: flux(False),
}


def write_bundle(name: str, output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory(dir=output) as directory:
        pipeline = Path(directory)
        with torch.no_grad():
            PIPELINES[name]().save_pretrained(pipeline)
        gc.collect()
        export(pipeline, output / "bundle", name=name, prompts=CAPTIONS[:1], steps=4)
        gc.collect()
        write_golden(pipeline, output / "bundle", output / "golden.json")
    manifest = json.loads((output / "bundle/manifest.json").read_text(encoding="utf-8"))
    parts = {file: entry["bytes"] // 10**6 for file, entry in manifest["files"].items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    print(f"{name}: peak {peak} MB; {parts}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--only", choices=PIPELINES)
    given = parser.parse_args()
    for name in [given.only] if given.only else PIPELINES:
        write_bundle(name, given.output / name)


if __name__ == "__main__":
    main()
