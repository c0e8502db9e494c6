"""What diffusers makes with a pipeline under every scheduler, as test data for other implementations.

    python -m golden.schedulers --pipeline DIR --output DIR

For each scheduler a JSON file and a page of pictures. The file has the scheduler's configuration and
twelve cases: three prompts, two sizes, guidance on and off. Each case has some of the numbers that the
denoiser was shown at every step, and of the last latents, always at the same places, and the root mean
square of all of them. The page has the pictures, one row of them per size.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    PNDMScheduler,
    UniPCMultistepScheduler,
)
from PIL import Image
from torch import Tensor

from golden.pipeline import PROMPTS, Case, Sampler
from probeselect_models.families import open_family
from probeselect_models.families.tokens import latent_map
from probeselect_models.training.sample import open_pipeline

STEPS = 8
STRIDE = 31
"""Every 31st number is kept: other places in every channel and row."""

DIFFUSION = {
    "ddim-leading": (DDIMScheduler, {"timestep_spacing": "leading"}),
    "ddim-trailing": (DDIMScheduler, {"timestep_spacing": "trailing"}),
    "plms": (PNDMScheduler, {"skip_prk_steps": True, "timestep_spacing": "leading"}),
    "euler": (EulerDiscreteScheduler, {"timestep_spacing": "trailing"}),
    "dpm-solver": (DPMSolverMultistepScheduler, {"timestep_spacing": "trailing"}),
    "dpm-solver-karras": (DPMSolverMultistepScheduler, {"use_karras_sigmas": True}),
    "unipc": (UniPCMultistepScheduler, {"timestep_spacing": "linspace"}),
}
_FLOW = {"use_flow_sigmas": True, "prediction_type": "flow_prediction"}
_STATIC = {**_FLOW, "flow_shift": 3.0}
_DYNAMIC = {**_FLOW, "use_dynamic_shifting": True}
FLOW = {
    "flow-euler-static": (
        FlowMatchEulerDiscreteScheduler,
        {"use_dynamic_shifting": False, "shift": 3.0},
    ),
    "flow-euler-dynamic": (
        FlowMatchEulerDiscreteScheduler,
        {"use_dynamic_shifting": True, "shift": 1.0},
    ),
    "dpm-solver": (DPMSolverMultistepScheduler, _STATIC),
    "dpm-solver-dynamic": (DPMSolverMultistepScheduler, _DYNAMIC),
    "unipc": (UniPCMultistepScheduler, _STATIC),
    "unipc-dynamic": (UniPCMultistepScheduler, _DYNAMIC),
}
_CARRIED_OVER = ("beta_start", "beta_end", "beta_schedule", "prediction_type", "steps_offset")


@dataclass(frozen=True)
class Walk:
    """What was seen of one case."""

    shown: list[Tensor]
    picture: Image.Image


def schedulers(pipeline) -> dict[str, object]:
    """Those that can sample the pipeline's network, by the name of their golden files."""
    own = pipeline.scheduler.config
    if isinstance(pipeline.scheduler, FlowMatchEulerDiscreteScheduler):
        # FluxPipeline always tells its scheduler a shift, and DPM-Solver++ takes none if it is static.
        refused = {"dpm-solver"} if isinstance(pipeline, FluxPipeline) else set()
        return {
            name: kind(**options) for name, (kind, options) in FLOW.items() if name not in refused
        }
    carried = {key: own[key] for key in _CARRIED_OVER}
    made = {}
    for name, (kind, options) in DIFFUSION.items():
        clipped = {"clip_sample": False} if kind is DDIMScheduler else {}
        made[name] = kind(**carried, **clipped, **options)
    return made


def cases(side: int, guidance_scale: float) -> list[Case]:
    sizes = ((side, side), (side * 3 // 4, side * 3 // 2))
    return [
        Case(f"{height}x{width}", prompt, seed, STEPS, scale, height=height, width=width)
        for (height, width), (seed, prompt), scale in product(
            sizes, enumerate(PROMPTS, 11), (guidance_scale, 1.0)
        )
    ]


def walk(pipeline, sampler: Sampler, case: Case) -> Walk:
    """Samples one case, listening to the denoiser's input; the last row is the conditional one."""
    network = getattr(pipeline, sampler.family.network)
    cell = sampler.family.pixels_per_latent
    shown = []

    def hear(_module, arguments, named):
        latents = named["hidden_states"] if "hidden_states" in named else arguments[0]
        shown.append(latent_map(latents[-1:], case.height // cell, case.width // cell))

    hook = network.register_forward_pre_hook(hear, with_kwargs=True)
    try:
        picture, latents = sampler.run(case)
    finally:
        hook.remove()
    evaluations = len(latents) - 1
    return Walk([*shown[-evaluations:], latents[-1]], Image.fromarray(picture))


def write(pipeline, directory: Path, output: Path, chosen: list[Case]) -> None:
    output.mkdir(parents=True, exist_ok=True)
    given = pipeline.scheduler
    sampler = Sampler(pipeline, directory)
    made = schedulers(pipeline)
    for name, scheduler in made.items():
        pipeline.scheduler = scheduler
        walks = [walk(pipeline, sampler, case) for case in chosen]
        config = sampler.family.scheduler_config(scheduler)
        golden = {
            "type": type(scheduler).__name__,
            "config": {key: value for key, value in config.items() if not key.startswith("_")},
            "stride": STRIDE,
            "cases": [_entry(case, seen) for case, seen in zip(chosen, walks)],
        }
        text = json.dumps(golden, separators=(",", ":")).replace('{"prompt"', '\n{"prompt"')
        (output / f"{name}.json").write_text(text + "\n")
        page([seen.picture for seen in walks]).save(output / f"{name}.png", optimize=True)
    pipeline.scheduler = given
    (output / "schedulers.json").write_text(json.dumps(sorted(made), indent=2) + "\n")


def _entry(case: Case, seen: Walk) -> dict:
    return {
        "prompt": case.prompt,
        "seed": case.seed,
        "steps": case.steps,
        "guidanceScale": case.guidanceScale,
        "height": case.height,
        "width": case.width,
        "shown": [_numbers(latents.flatten()[::STRIDE]) for latents in seen.shown],
        "rms": _numbers(torch.stack([latents.square().mean().sqrt() for latents in seen.shown])),
    }


def _numbers(values: Tensor) -> list[float]:
    return [float(f"{value:.6g}") for value in values.tolist()]


def page(pictures: list[Image.Image]) -> Image.Image:
    """Pictures of one size side by side, sizes below each other, in the order of the cases."""
    rows: dict[tuple[int, int], list[Image.Image]] = {}
    for picture in pictures:
        rows.setdefault(picture.size, []).append(picture)
    width = max(size[0] * len(row) for size, row in rows.items())
    whole = Image.new("RGB", (width, sum(size[1] for size in rows)))
    top = 0
    for (wide, high), row in rows.items():
        for i, picture in enumerate(row):
            whole.paste(picture, (i * wide, top))
        top += high
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pipeline", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--guidance-scale", type=float, default=3.0)
    given = parser.parse_args()
    pipeline = open_pipeline(given.pipeline)
    side = open_family(given.pipeline).size()["height"]
    write(pipeline, given.pipeline, given.output, cases(side, given.guidance_scale))


if __name__ == "__main__":
    main()
