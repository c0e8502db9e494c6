"""Trains the small SD3 pipeline: `python -m probeselect_models.train_sd3 --output DIRECTORY`.

Stages: text encoders, latents and the teacher's lessons, which the small FLUX shares, then the
transformer. Each leaves its result in a file; after a stop the same command goes on where it was. The
finished pipeline is `DIRECTORY/pipeline`. With `--early` nothing is trained: what the averaged weights
are worth so far is written to `DIRECTORY/early`.
"""

import argparse
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from probeselect_models import sd3
from probeselect_models.flow_lessons import Material
from probeselect_models.flow_training import averaged_so_far, train_flow
from probeselect_models.settings import FlowSettings, Sd3Settings


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
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("build/tiny-sd3"))
    parser.add_argument("--base", type=Path, default=Path("tiny-sd2/pipeline"))
    parser.add_argument("--shared", type=Path, default=Path("build/tiny-shared"))
    parser.add_argument("--steps", type=int, default=Sd3Settings.steps)
    parser.add_argument("--answers", type=int, default=FlowSettings.answers)
    parser.add_argument("--compiled", action="store_true")
    parser.add_argument("--workers", type=int, default=FlowSettings.workers)
    parser.add_argument("--early", action="store_true")
    given = parser.parse_args()
    settings = replace(Sd3Settings(), steps=given.steps, answers=given.answers, compiled=given.compiled, workers=given.workers)
    print(train(settings, given.base, given.shared, given.output, given.early), file=sys.stderr)


if __name__ == "__main__":
    main()
