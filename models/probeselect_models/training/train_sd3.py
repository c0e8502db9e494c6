"""Trains the small SD3 pipeline: `python -m probeselect_models.training.train_sd3 --output DIRECTORY`.

Stages: text encoders, latents and the teacher's lessons, which the small FLUX shares, then the
transformer. Each leaves its result in a file; after a stop the same command goes on where it was. The
finished pipeline is `DIRECTORY/pipeline`. With `--early` nothing is trained: what the averaged weights
are worth so far is written to `DIRECTORY/early`.
"""

from functools import partial
from pathlib import Path

from probeselect_models.training.flow import sd3
from probeselect_models.training.flow.command import run
from probeselect_models.training.flow.lessons import Material
from probeselect_models.training.flow.optimisation import averaged_so_far, train_flow
from probeselect_models.training.settings import Sd3Settings


def train(
    settings: Sd3Settings, base: Path, shared: Path, output: Path, early: bool = False
) -> Path:
    """Runs, or goes on with, all stages; returns the pipeline directory."""
    material = Material(settings, base, shared)
    denoiser = sd3.Sd3Denoiser(settings)
    checkpoint = output / "checkpoints" / "denoiser.pt"
    if early:
        transformer = averaged_so_far(denoiser, checkpoint)
    else:
        lessons = material.lessons(partial(sd3.read, material.encoders))
        answers = material.answers()
        transformer = train_flow(settings, denoiser, lessons, checkpoint, answers)
    pipeline = output / ("early" if early else "pipeline")
    sd3.save_sd3(
        pipeline,
        settings,
        material.tokenizers,
        material.encoders,
        material.vae(),
        transformer,
    )
    return pipeline


def main() -> None:
    run(train, Sd3Settings(), Path("build/tiny-sd3"), __doc__.splitlines()[0])


if __name__ == "__main__":
    main()
