"""Draws a page of pictures to judge by eye.

    python -m probeselect_models.training.sample --pipeline DIRECTORY --output page.png

One row per prompt, with the prompt above it, one column per seed.
"""

import argparse
from pathlib import Path

import torch
from diffusers import DiffusionPipeline
from PIL import Image, ImageDraw

from probeselect_models.files.prompt_file import read_prompts
from probeselect_models.training.scenes import SIDE

TITLE = 12


def open_pipeline(directory: Path) -> DiffusionPipeline:
    """A pipeline of any kind that this package makes, in single precision and without a progress bar."""
    pipeline = DiffusionPipeline.from_pretrained(
        directory, dtype=torch.float32, local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def draw(
    pipeline, prompts: list[str], seeds: list[int], steps: int, guidance: float
) -> list[Image.Image]:
    """One picture for each prompt with its seed, each from its own CPU generator."""
    options = {}
    t5 = getattr(pipeline, "tokenizer_3", None) or getattr(pipeline, "tokenizer_2", None)
    if t5 is not None:
        options["max_sequence_length"] = t5.model_max_length
    return pipeline(
        prompts,
        height=SIDE,
        width=SIDE,
        num_inference_steps=steps,
        guidance_scale=guidance,
        generator=[torch.Generator("cpu").manual_seed(seed) for seed in seeds],
        **options,
    ).images


def page(rows: dict[str, list[Image.Image]]) -> Image.Image:
    columns = max(len(pictures) for pictures in rows.values())
    sheet = Image.new("RGB", (columns * SIDE, len(rows) * (SIDE + TITLE)), "white")
    pen = ImageDraw.Draw(sheet)
    for row, (prompt, pictures) in enumerate(rows.items()):
        top = row * (SIDE + TITLE)
        pen.text((2, top), prompt, fill="black")
        for column, picture in enumerate(pictures):
            sheet.paste(picture, (column * SIDE, top + TITLE))
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipeline", type=Path, default=Path("models/tiny-sd2/pipeline"))
    parser.add_argument("--prompts", type=Path, default=Path("models/prompts/test.txt"))
    parser.add_argument("--output", type=Path, default=Path("page.png"))
    parser.add_argument("--rows", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=3.0)
    options = parser.parse_args()
    pipeline = open_pipeline(options.pipeline)
    rows = {}
    for prompt in read_prompts(options.prompts, options.rows):
        seeds = list(range(options.seeds))
        prompts = [prompt] * len(seeds)
        rows[prompt] = draw(pipeline, prompts, seeds, options.steps, options.guidance)
    page(rows).save(options.output)


if __name__ == "__main__":
    main()
