"""What diffusers itself makes with a pipeline, as test data for other implementations.

    python -m golden.pipeline --pipeline DIR --output DIR

Writes golden.json, which lists the cases, and for each case a PNG and a JSON file with the latents
after some of its steps (step 0 is the noise). Numbers have seven significant digits.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from probeselect_models.families import open_family
from probeselect_models.families.tokens import latent_map
from probeselect_models.research.early_steps import t5_length
from probeselect_models.training.sample import open_pipeline

PROMPTS = (
    "a black star above a green cross on a dotted tan background",
    "two black circles on a striped pink background",
    "a black triangle and a blue circle on a striped pink background",
)
"""The first three of the test split."""


@dataclass(frozen=True)
class Case:
    name: str
    prompt: str
    seed: int
    steps: int
    guidanceScale: float
    negativePrompt: str | None = None
    height: int = 64
    width: int = 64


def cases(
    steps: int, guidance_scale: float, *, side: int = 64, negative: bool = True
) -> list[Case]:
    """Three prompts with two seeds each, then one case for each thing that may differ."""

    def case(name: str, prompt: int, seed: int, scale: float = guidance_scale, **different) -> Case:
        size = {"height": side, "width": side}
        return Case(name, PROMPTS[prompt], seed, steps, scale, **(size | different))

    usual = [case(f"prompt-{i}-seed-{seed}", i, seed) for i in range(3) for seed in (7, 2**40 + i)]
    special = [
        case("wide", 0, 3, height=side * 3 // 4, width=side * 3 // 2),
        case("guidance-off", 1, 5, 1.0),
    ]
    if negative:
        special.append(case("negative-prompt", 1, 5, negativePrompt=PROMPTS[2]))
    return usual + special


class Sampler:
    """A diffusers pipeline, and what has to be said to it that its family's bundle takes for granted."""

    def __init__(self, pipeline, directory: Path):
        self._pipeline = pipeline
        self.family = open_family(directory)
        self.side = self.family.size()["height"]
        self.takes_negative_prompt = self.family.guidance == "classifier-free"

    def run(self, case: Case) -> tuple[np.ndarray, list[Tensor]]:
        """The picture [H, W, 3] of a case, and its latents [1, C, h, w] after 0, 1, ... steps."""
        cell = self.family.pixels_per_latent
        height, width = case.height // cell, case.width // cell
        noise = torch.Generator("cpu").manual_seed(case.seed)
        shape = (1, self.family.latent_channels, height, width)
        latents = [torch.randn(shape, generator=noise)]

        def note(_pipeline, _step, _timestep, state):
            latents.append(latent_map(state["latents"], height, width))
            return {}

        negative = {"negative_prompt": case.negativePrompt} if self.takes_negative_prompt else {}
        made = self._pipeline(
            case.prompt,
            height=case.height,
            width=case.width,
            num_inference_steps=case.steps,
            guidance_scale=case.guidanceScale,
            generator=torch.Generator("cpu").manual_seed(case.seed),
            callback_on_step_end=note,
            **negative,
            **t5_length(self.family),
        )
        return np.asarray(made.images[0]), latents


def write_golden(sampler: Sampler, directory: Path, chosen: list[Case]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    entries = []
    for case in chosen:
        picture, latents = sampler.run(case)
        Image.fromarray(picture).save(directory / f"{case.name}.png", optimize=True)
        noted = sorted({0, 1, case.steps // 5, case.steps})
        shown = {str(step): _numbers(latents[step]) for step in noted}
        _write(directory / f"{case.name}.json", {"shape": _shape(latents[0]), "latents": shown})
        entries.append(
            {**asdict(case), "image": f"{case.name}.png", "latents": f"{case.name}.json"}
        )
    golden = {"cases": entries}
    (directory / "golden.json").write_text(json.dumps(golden, indent=2) + "\n")


def _shape(rows: Tensor) -> list[int]:
    """Without the batch."""
    return list(rows.shape[1:])


def _numbers(values: Tensor) -> list[float]:
    return [float(f"{value:.7g}") for value in values.flatten().tolist()]


def _write(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pipeline", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance-scale", type=float, default=3.0)
    given = parser.parse_args()
    sampler = Sampler(open_pipeline(given.pipeline), given.pipeline)
    chosen = cases(
        given.steps,
        given.guidance_scale,
        side=sampler.side,
        negative=sampler.takes_negative_prompt,
    )
    write_golden(sampler, given.output, chosen)


if __name__ == "__main__":
    main()
