"""The training set: scenes of the training split, their captions and latents."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from transformers import CLIPTokenizer

from probeselect_models.training.loop import Progress, load_if_present, save_whole
from probeselect_models.training.scenes import (
    Scene,
    arrange,
    caption,
    render,
    sample_description,
    split_of,
)
from probeselect_models.training.sd2.autoencoder import encode_pictures
from probeselect_models.training.tokenizer import encode

CHUNK = 100


def training_scenes(count: int, seed: int) -> list[Scene]:
    """Random scenes whose captions all belong to the training split."""
    rng = np.random.default_rng(seed)
    scenes: list[Scene] = []
    while len(scenes) < count:
        description = sample_description(rng)
        if split_of(caption(description)) == "train":
            scenes.append(arrange(description, rng))
    return scenes


def encoded_scenes(
    model: AutoencoderKL, tokenizer: CLIPTokenizer, scenes: list[Scene], path: Path
) -> tuple[torch.Tensor, torch.Tensor]:
    """Latents [N, 4, 16, 16] and ids [N, 32] of all scenes, kept at `path` once made."""
    saved = load_if_present(path)
    if saved is None:
        chunks = [scenes[start : start + CHUNK] for start in range(0, len(scenes), CHUNK)]
        torch.set_num_threads(1)
        progress = Progress("latents", 0, len(chunks), every=20)
        latents = []
        with ThreadPoolExecutor(2) as pool:
            for made in pool.map(lambda chunk: _encoded(model, chunk), chunks):
                latents.append(made)
                progress.step(len(latents))
        ids = torch.from_numpy(encode(tokenizer, [caption(scene) for scene in scenes]))
        saved = {"latents": torch.cat(latents), "ids": ids.short()}
        save_whole(saved, path)
    return saved["latents"].float(), saved["ids"].long()


def _encoded(model: AutoencoderKL, scenes: list[Scene]) -> torch.Tensor:
    return encode_pictures(model, np.stack([render(scene) for scene in scenes])).half()
