"""Judges a pipeline quickly, while it is being trained.

`python -m probeselect_models.training.judge --pipeline DIRECTORY`: pictures for validation prompts, scored by
`scene-reward`. Prints the mean score, as the share of the prompt's statements that a picture shows, and
how much of the variance lies within prompts. With `--output` the pictures are kept: a page for the eye,
and single files `PROMPT-SEED.png`.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from probeselect_models.files.prompt_file import read_prompts
from probeselect_models.metrics import scene_reward
from probeselect_models.training.sample import draw, open_pipeline, page
from probeselect_models.training.sd2.autoencoder import as_tensor
from probeselect_models.training.tokenizer import encode

BATCH = 16


def pictures(
    pipeline, prompts: list[str], seeds: int, steps: int, guidance: float
) -> list[list[Image.Image]]:
    """One row per prompt, one picture per seed."""
    wanted = [(prompt, seed) for prompt in prompts for seed in range(seeds)]
    parts = [wanted[i : i + BATCH] for i in range(0, len(wanted), BATCH)]
    drawn = [draw(pipeline, *map(list, zip(*part)), steps, guidance) for part in parts]
    flat = [picture for part in drawn for picture in part]
    return [flat[i : i + seeds] for i in range(0, len(flat), seeds)]


@torch.no_grad()
def scores(
    judge: scene_reward.SceneReward, tokenizer, prompts: list[str], rows: list[list[Image.Image]]
) -> np.ndarray:
    """How much of its prompt each picture shows, [prompts, seeds]: 1 for all, by `scene-reward`."""
    values = []
    for prompt, row in zip(prompts, rows):
        images = as_tensor(np.stack([np.asarray(picture) for picture in row])) / 2 + 0.5
        ids = torch.from_numpy(encode(tokenizer, [prompt] * len(row)))
        values.append((judge(images, ids) / 6 + 0.5).numpy())
    return np.stack(values)


def share_within(values: np.ndarray) -> float:
    """The share of the variance of scores [prompts, seeds] that lies within prompts."""
    return float(values.var(1).mean() / values.var())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipeline", type=Path, required=True)
    parser.add_argument("--reward", type=Path, default=Path("tiny-sd2/scene-reward"))
    parser.add_argument("--prompts", type=Path, default=Path("prompts/validation.txt"))
    parser.add_argument("--rows", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    prompts = read_prompts(options.prompts, options.rows)
    pipeline = open_pipeline(options.pipeline)
    rows = pictures(pipeline, prompts, options.seeds, options.steps, options.guidance)
    values = scores(scene_reward.load(options.reward), pipeline.tokenizer, prompts, rows)
    print(f"mean {values.mean():.3f}, {share_within(values):.0%} of the variance within prompts")
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        page(dict(zip(prompts, rows))).save(options.output / "page.png")
        for i, row in enumerate(rows):
            for seed, picture in enumerate(row):
                picture.save(options.output / f"{i}-{seed}.png")


if __name__ == "__main__":
    main()
