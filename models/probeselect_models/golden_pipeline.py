"""What diffusers itself makes with a pipeline, as test data for other implementations.

    python -m probeselect_models.golden_pipeline --pipeline DIR --output DIR

Writes golden.json, which lists the cases, and for each case a PNG and a JSON file with the latents
after some of its steps (step 0 is the noise). Numbers have seven significant digits.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from torch import Tensor

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


def cases(steps: int, guidance_scale: float) -> list[Case]:
    """Three prompts with two seeds each, then one case for each thing that may differ."""
    usual = [
        Case(f"prompt-{i}-seed-{seed}", prompt, seed, steps, guidance_scale)
        for i, prompt in enumerate(PROMPTS)
        for seed in (7, 2**40 + i)
    ]
    return usual + [
        Case("wide", PROMPTS[0], 3, steps, guidance_scale, height=48, width=96),
        Case("guidance-off", PROMPTS[1], 5, steps, 1.0),
        Case("negative-prompt", PROMPTS[1], 5, steps, guidance_scale, negativePrompt=PROMPTS[2]),
    ]


def write_golden(pipeline, directory: Path, chosen: list[Case]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    entries = []
    for case in chosen:
        picture, latents = run(pipeline, case)
        picture.save(directory / f"{case.name}.png", optimize=True)
        noted = sorted({0, 1, case.steps // 5, case.steps})
        shown = {str(step): _numbers(latents[step]) for step in noted}
        _write(directory / f"{case.name}.json", {"shape": _shape(latents[0]), "latents": shown})
        entries.append({**asdict(case), "image": f"{case.name}.png", "latents": f"{case.name}.json"})
    embedding, _ = pipeline.encode_prompt(PROMPTS[0], "cpu", 1, False)
    text = {
        "prompt": PROMPTS[0],
        "shape": list(embedding.shape[1:]),
        "embedding": _numbers(embedding.detach()),
    }
    _write(directory / "prompt-embedding.json", text)
    golden = {"cases": entries, "promptEmbedding": "prompt-embedding.json"}
    (directory / "golden.json").write_text(json.dumps(golden, indent=2) + "\n")


def run(pipeline, case: Case):
    """The picture of a case, and its latents after 0, 1, ... steps."""
    side = 2 ** (len(pipeline.vae.config.block_out_channels) - 1)
    shape = (1, pipeline.unet.config.in_channels, case.height // side, case.width // side)
    noise = torch.Generator("cpu").manual_seed(case.seed)
    latents = [torch.randn(shape, generator=noise)]

    def note(_pipeline, _step, _timestep, state):
        latents.append(state["latents"].clone())
        return {}

    made = pipeline(
        case.prompt,
        negative_prompt=case.negativePrompt,
        height=case.height,
        width=case.width,
        num_inference_steps=case.steps,
        guidance_scale=case.guidanceScale,
        generator=torch.Generator("cpu").manual_seed(case.seed),
        callback_on_step_end=note,
    )
    return made.images[0], latents


def _shape(latents: Tensor) -> list[int]:
    return list(latents.shape[1:])


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
    pipeline = StableDiffusionPipeline.from_pretrained(
        given.pipeline, dtype=torch.float32, local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    write_golden(pipeline, given.output, cases(given.steps, given.guidance_scale))


if __name__ == "__main__":
    main()
