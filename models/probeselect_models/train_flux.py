"""Trains the small FLUX pipeline: `python -m probeselect_models.train_flux --output DIRECTORY`.

Stages: text encoders, latents and the teacher's lessons, which the small SD3 shares, then the
transformer, then its guidance distillation. Each leaves its result in a file; after a stop the same
command goes on where it was. The finished pipeline is `DIRECTORY/pipeline`. With `--early` nothing is
trained: what the averaged weights are worth so far is written to `DIRECTORY/early`.
"""

import argparse
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from probeselect_models import flux
from probeselect_models.flow_lessons import Material
from probeselect_models.flow_training import averaged_so_far, train_flow
from probeselect_models.flux_guidance import distil_guidance
from probeselect_models.settings import FlowSettings, FluxSettings


def train(
    settings: FluxSettings, base: Path, shared: Path, output: Path, early: bool = False
) -> Path:
    """Runs, or goes on with, all stages; returns the pipeline directory."""
    material = Material(settings, base, shared)
    encoders = flux.FluxTextEncoders.of(material.encoders)
    denoiser = flux.FluxDenoiser(settings)
    checkpoint = output / "checkpoints" / "denoiser.pt"
    guided = output / "checkpoints" / "guidance.pt"
    if early:
        transformer = averaged_so_far(denoiser, guided if guided.exists() else checkpoint)
    else:
        lessons = material.lessons(partial(flux.read, encoders))
        answers = material.answers()
        averaged = train_flow(settings, denoiser, lessons, checkpoint, answers)
        teacher = flux.FluxDenoiser(settings)
        teacher.transformer.load_state_dict(averaged.state_dict())
        transformer = distil_guidance(settings, teacher, lessons, guided)
    pipeline = output / ("early" if early else "pipeline")
    flux.save_flux(
        pipeline, settings, material.tokenizers, encoders, material.vae(), transformer
    )
    return pipeline


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("build/tiny-flux"))
    parser.add_argument("--base", type=Path, default=Path("tiny-sd2/pipeline"))
    parser.add_argument("--shared", type=Path, default=Path("build/tiny-shared"))
    parser.add_argument("--steps", type=int, default=FluxSettings.steps)
    parser.add_argument("--guidance-steps", type=int, default=FluxSettings.guidance_steps)
    parser.add_argument("--answers", type=int, default=FlowSettings.answers)
    parser.add_argument("--compiled", action="store_true")
    parser.add_argument("--workers", type=int, default=FlowSettings.workers)
    parser.add_argument("--early", action="store_true")
    given = parser.parse_args()
    settings = replace(FluxSettings(), steps=given.steps, guidance_steps=given.guidance_steps, answers=given.answers, compiled=given.compiled, workers=given.workers)
    print(train(settings, given.base, given.shared, given.output, given.early), file=sys.stderr)


if __name__ == "__main__":
    main()
