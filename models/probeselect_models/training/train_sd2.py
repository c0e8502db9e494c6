"""Trains the small text-to-image model: `python -m probeselect_models.training.train_sd2 --output DIR`.

Stages: tokenizer, autoencoder, latents, denoiser, decoder, pipeline. Each leaves its result under
`DIRECTORY/checkpoints`; after a stop the same command goes on where it was. The finished pipeline is
`DIRECTORY/pipeline`.
"""

import argparse
import sys
from pathlib import Path

from transformers import CLIPTokenizer

from probeselect_models.training.sd2.autoencoder import train_autoencoder
from probeselect_models.training.sd2.dataset import encoded_scenes, training_scenes
from probeselect_models.training.sd2.decoder import sharpen_decoder
from probeselect_models.training.sd2.denoiser import train_denoiser
from probeselect_models.training.sd2.pipeline import save_pipeline
from probeselect_models.training.settings import Settings
from probeselect_models.training.tokenizer import build_tokenizer, save_tokenizer


def train(settings: Settings, output: Path) -> Path:
    """Runs, or goes on with, all stages; returns the pipeline directory."""
    checkpoints = output / "checkpoints"
    if not (checkpoints / "tokenizer").exists():
        save_tokenizer(build_tokenizer(), checkpoints / "tokenizer")
    tokenizer = CLIPTokenizer.from_pretrained(checkpoints / "tokenizer")
    scenes = training_scenes(settings.pictures, settings.seed)
    autoencoder = train_autoencoder(settings, scenes, checkpoints / "autoencoder.pt")
    latents, ids = encoded_scenes(autoencoder, tokenizer, scenes, checkpoints / "latents.pt")
    early = output / "early" / "pipeline"
    denoiser = train_denoiser(
        settings,
        tokenizer,
        latents,
        ids,
        checkpoints / "denoiser.pt",
        at_early_step=lambda averaged: save_pipeline(early, tokenizer, autoencoder, averaged),
    )
    sharpen_decoder(settings, autoencoder, scenes, latents, checkpoints / "decoder.pt")
    save_pipeline(output / "pipeline", tokenizer, autoencoder, denoiser)
    return output / "pipeline"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("models/build/tiny-sd2"))
    print(train(Settings(), parser.parse_args().output), file=sys.stderr)


if __name__ == "__main__":
    main()
