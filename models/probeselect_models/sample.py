"""Draws a page of pictures to judge by eye.

`python -m probeselect_models.sample --pipeline DIRECTORY --output page.png`: one row per prompt, with
the prompt above it, one column per seed.
"""

import argparse
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from PIL import Image, ImageDraw

from probeselect_models.scenes import SIDE

TITLE = 12


def draw(pipeline, prompt: str, seeds: list[int], steps: int, guidance: float) -> list[Image.Image]:
    """One picture for each seed, each from its own CPU generator."""
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    return pipeline(
        [prompt] * len(seeds),
        num_inference_steps=steps,
        guidance_scale=guidance,
        generator=generators,
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
    pipeline = StableDiffusionPipeline.from_pretrained(
        options.pipeline, dtype=torch.float32, local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    rows = {}
    for prompt in options.prompts.read_text().splitlines()[: options.rows]:
        seeds = list(range(options.seeds))
        rows[prompt] = draw(pipeline, prompt, seeds, options.steps, options.guidance)
    page(rows).save(options.output)


if __name__ == "__main__":
    main()
