"""Writes the trained networks as a pipeline directory in the diffusers format."""

import copy
import shutil
from pathlib import Path

from diffusers import AutoencoderKL, StableDiffusionPipeline
from transformers import CLIPTokenizer

from probeselect_models.denoiser import Denoiser, new_scheduler
from probeselect_models.tokenizer import save_tokenizer


def save_pipeline(
    directory: Path, tokenizer: CLIPTokenizer, autoencoder: AutoencoderKL, denoiser: Denoiser
) -> None:
    """Replaces `directory`. Weights are rounded to half precision, so that loading them is exact."""
    pipeline = StableDiffusionPipeline(
        vae=copy.deepcopy(autoencoder).half(),
        text_encoder=copy.deepcopy(denoiser.text_encoder).half(),
        tokenizer=tokenizer,
        unet=copy.deepcopy(denoiser.unet).half(),
        scheduler=new_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    partial = directory.with_name(directory.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    pipeline.save_pretrained(partial, safe_serialization=True)
    save_tokenizer(tokenizer, partial / "tokenizer")
    shutil.rmtree(directory, ignore_errors=True)
    partial.rename(directory)
