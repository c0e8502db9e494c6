"""Writes the trained networks as a pipeline directory in the diffusers format."""

import copy
import shutil
from pathlib import Path

from diffusers import AutoencoderKL, DiffusionPipeline, StableDiffusionPipeline
from transformers import CLIPTokenizer, PreTrainedTokenizerBase

from probeselect_models.training.sd2.denoiser import Denoiser, new_sampler
from probeselect_models.training.tokenizer import save_tokenizer


def save_pipeline(
    directory: Path, tokenizer: CLIPTokenizer, autoencoder: AutoencoderKL, denoiser: Denoiser
) -> None:
    """Replaces `directory`. Weights are rounded to half precision, so that loading them is exact."""
    pipeline = StableDiffusionPipeline(
        vae=copy.deepcopy(autoencoder).half(),
        text_encoder=copy.deepcopy(denoiser.text_encoder).half(),
        tokenizer=tokenizer,
        unet=copy.deepcopy(denoiser.unet).half(),
        scheduler=new_sampler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    replace_pipeline(directory, pipeline)


def replace_pipeline(directory: Path, pipeline: DiffusionPipeline) -> None:
    """Saves under another name first: `directory` always holds a whole pipeline."""
    partial = directory.with_name(directory.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    pipeline.save_pretrained(partial, safe_serialization=True)
    for name, part in pipeline.components.items():
        if isinstance(part, PreTrainedTokenizerBase):
            save_tokenizer(part, partial / name)
    shutil.rmtree(directory, ignore_errors=True)
    partial.rename(directory)
