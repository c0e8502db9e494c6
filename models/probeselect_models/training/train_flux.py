"""Trains the small FLUX pipeline: `python -m probeselect_models.training.train_flux --output DIRECTORY`.

Stages: text encoders, latents and the teacher's lessons, which the small SD3 shares, then the
transformer, then its guidance distillation. Each leaves its result in a file; after a stop the same
command goes on where it was. The finished pipeline is `DIRECTORY/pipeline`. With `--early` nothing is
trained: what the averaged weights are worth so far is written to `DIRECTORY/early`.
"""

from functools import partial
from pathlib import Path

from probeselect_models.training.flow import flux
from probeselect_models.training.flow.command import run
from probeselect_models.training.flow.flux_guidance import distil_guidance
from probeselect_models.training.flow.lessons import Material
from probeselect_models.training.flow.optimisation import averaged_so_far, train_flow
from probeselect_models.training.settings import FluxSettings


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
    flux.save_flux(pipeline, settings, material.tokenizers, encoders, material.vae(), transformer)
    return pipeline


def main() -> None:
    run(train, FluxSettings(), Path("build/tiny-flux"), __doc__.splitlines()[0])


if __name__ == "__main__":
    main()
