"""Published backbones at full width and two layers deep, with random weights, as bundles.

    python -m golden.wide_bundles --output ../build/wide [--only NAME]
    python -m golden.wide_bundles --output ../build/deep --only NAME --full-depth [--dtype bfloat16]

Their configurations are those of the published checkpoints but for the number of layers and for the
image size that they say they were made for, which is 128 pixels to make the export quick. Tokenizers
are small ones with the published lengths. Each bundle gets a golden.json of what diffusers makes
with the pipeline, for the slow test PublishedWidthsTest. A bundle takes 2 to 5 GB of disk, an export
up to 9 GB of memory.

At full depth, number of layers and image size are the published ones too, and what is written is the
diffusers pipeline, to run the exporter on: Stable Diffusion 2.1 takes 5 GB of disk in float32.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DiffusionPipeline,
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

CLIP_LENGTH = 77
DTYPES = ("float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Depth:
    """Layers of each network, and the side of an image that the pipeline is made for, in pixels."""

    clip_l: int = 2
    clip_g: int = 2
    clip_h: int = 2
    t5: int = 2
    unet: int = 1
    sd3: int = 2
    sd3_large: int = 2
    sd35_dual: tuple[int, ...] = (0,)
    flux: tuple[int, int] = (1, 1)
    side: int | None = 128

    def pixels(self, published: int) -> int:
        return self.side or published


TWO_LAYERS = Depth()
PUBLISHED = Depth(12, 32, 23, 24, 2, 24, 38, tuple(range(13)), (19, 38), None)
"""As in the configurations of the published checkpoints."""


def clip(kind: type, width: int, layers: int, heads: int, activation: str, projection: int):
    """Of every CLIP text model here the vocabulary has 49,408 entries and a text 77."""
    words = tokenizer()
    return kind(
        CLIPTextConfig(
            vocab_size=49408,
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            max_position_embeddings=CLIP_LENGTH,
            hidden_act=activation,
            projection_dim=projection,
            bos_token_id=words.bos_token_id,
            eos_token_id=words.eos_token_id,
            pad_token_id=words.pad_token_id,
        )
    )


def t5_xxl(depth: Depth) -> T5EncoderModel:
    return T5EncoderModel(
        T5Config(
            vocab_size=32128,
            d_model=4096,
            d_kv=64,
            d_ff=10240,
            num_layers=depth.t5,
            num_heads=64,
            feed_forward_proj="gated-gelu",
            is_encoder_decoder=False,
        )
    )


def vae(channels: int, scale: float, shift: float | None, side: int) -> AutoencoderKL:
    quantised = shift is None
    return AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=channels,
        sample_size=side,
        scaling_factor=scale,
        shift_factor=shift,
        use_quant_conv=quantised,
        use_post_quant_conv=quantised,
    )


def stable_diffusion_2(prediction_type: str, depth: Depth) -> StableDiffusionPipeline:
    """2.0 base and 2.1 differ in what they predict, in size, and in attention computed in FP32."""
    side = depth.pixels(768 if prediction_type == "v_prediction" else 512)
    unet = UNet2DConditionModel(
        sample_size=side // 8,
        layers_per_block=depth.unet,
        block_out_channels=(320, 640, 1280, 1280),
        down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        attention_head_dim=(5, 10, 20, 20),
        cross_attention_dim=1024,
        use_linear_projection=True,
        upcast_attention=prediction_type == "v_prediction",
    )
    return StableDiffusionPipeline(
        vae=vae(4, 0.18215, None, side),
        text_encoder=clip(CLIPTextModel, 1024, depth.clip_h, 16, "gelu", 512),
        tokenizer=tokenizer(length=CLIP_LENGTH),
        unet=unet,
        scheduler=diffusion_scheduler(prediction_type),
        safety_checker=None,
        feature_extractor=None,
        image_encoder=None,
        requires_safety_checker=False,
    )


def stable_diffusion_3(
    layers: int,
    heads: int,
    positions: int,
    qk_norm: str | None,
    depth: Depth,
    dual: tuple[int, ...] = (),
) -> StableDiffusion3Pipeline:
    side = depth.pixels(1024)
    transformer = SD3Transformer2DModel(
        sample_size=side // 8,
        num_layers=layers,
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
        vae=vae(16, 1.5305, 0.0609, side),
        text_encoder=clip(CLIPTextModelWithProjection, 768, depth.clip_l, 12, "quick_gelu", 768),
        tokenizer=tokenizer("<|endoftext|>", CLIP_LENGTH),
        text_encoder_2=clip(CLIPTextModelWithProjection, 1280, depth.clip_g, 20, "gelu", 1280),
        tokenizer_2=tokenizer(length=CLIP_LENGTH),
        text_encoder_3=t5_xxl(depth),
        tokenizer_3=t5_tokenizer(512),
    )


def flux(guidance: bool, depth: Depth) -> FluxPipeline:
    """Blocks of two kinds."""
    transformer = FluxTransformer2DModel(
        num_layers=depth.flux[0],
        num_single_layers=depth.flux[1],
        joint_attention_dim=4096,
        pooled_projection_dim=768,
        guidance_embeds=guidance,
    )
    return FluxPipeline(
        transformer=transformer,
        scheduler=flux_scheduler(guidance),
        vae=vae(16, 0.3611, 0.1159, depth.pixels(1024)),
        text_encoder=clip(CLIPTextModel, 768, depth.clip_l, 12, "quick_gelu", 768),
        tokenizer=tokenizer("<|endoftext|>", CLIP_LENGTH),
        text_encoder_2=t5_xxl(depth),
        tokenizer_2=t5_tokenizer(512),
    )


PIPELINES: dict[str, Callable[[Depth], DiffusionPipeline]] = {
    "stable-diffusion-2-base": lambda depth: stable_diffusion_2("epsilon", depth),
    "stable-diffusion-2-1": lambda depth: stable_diffusion_2("v_prediction", depth),
    "stable-diffusion-3-medium": lambda depth: stable_diffusion_3(depth.sd3, 24, 192, None, depth),
    "stable-diffusion-3.5-medium": lambda depth: stable_diffusion_3(
        depth.sd3, 24, 384, "rms_norm", depth, depth.sd35_dual
    ),
    "stable-diffusion-3.5-large": lambda depth: stable_diffusion_3(
        depth.sd3_large, 38, 192, "rms_norm", depth
    ),
    "flux-1-dev": lambda depth: flux(True, depth),
    "flux-1-schnell": lambda depth: flux(False, depth),
}


def write_bundle(name: str, output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory(dir=output) as directory:
        pipeline = Path(directory)
        with torch.no_grad():
            PIPELINES[name](TWO_LAYERS).save_pretrained(pipeline)
        gc.collect()
        export(pipeline, output / "bundle", name=name, prompts=CAPTIONS[:1], steps=4)
        gc.collect()
        write_golden(pipeline, output / "bundle", output / "golden.json")
    manifest = json.loads((output / "bundle/manifest.json").read_text(encoding="utf-8"))
    parts = {file: entry["bytes"] // 10**6 for file, entry in manifest["files"].items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    print(f"{name}: peak {peak} MB; {parts}", flush=True)


def write_pipeline(name: str, output: Path, dtype: torch.dtype) -> None:
    """Writes a pipeline of the published depth, its weights drawn in the data type."""
    torch.manual_seed(0)
    torch.set_default_dtype(dtype)
    try:
        with torch.no_grad():
            PIPELINES[name](PUBLISHED).save_pretrained(output)
    finally:
        torch.set_default_dtype(torch.float32)
    print(f"{name}: written to {output}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--only", choices=PIPELINES)
    parser.add_argument("--full-depth", action="store_true", help="write a pipeline, no bundle")
    parser.add_argument("--dtype", choices=DTYPES, default="float32", help="of --full-depth")
    given = parser.parse_args()
    if given.full_depth and given.only is None:
        parser.error("--full-depth writes one pipeline: name it with --only")
    if given.full_depth:
        write_pipeline(given.only, given.output, getattr(torch, given.dtype))
        return
    for name in [given.only] if given.only else PIPELINES:
        write_bundle(name, given.output / name)


if __name__ == "__main__":
    main()
