"""The command line that both transformers' trainings share."""

import argparse
import sys
from dataclasses import fields, replace
from pathlib import Path

from probeselect_models.training.settings import FlowSettings

CHANGEABLE = ("steps", "answers", "taught", "workers", "guidance_steps")
"""Settings that an option can change from run to run."""


def run(train, defaults: FlowSettings, output: Path, description: str) -> None:
    """Calls `train(settings, base, shared, output, early)` with what the command line says."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--output", type=Path, default=output)
    parser.add_argument(
        "--base", type=Path, default=Path("tiny-sd2/pipeline"), help="the first model's pipeline"
    )
    parser.add_argument(
        "--shared",
        type=Path,
        default=Path("build/tiny-shared"),
        help="where text encoders, latents and answers are kept, for both transformers",
    )
    parser.add_argument(
        "--early", action="store_true", help="train nothing; save what the last checkpoint holds"
    )
    parser.add_argument(
        "--compiled", action="store_true", help="compile the blocks; needs a C++ compiler"
    )
    changeable = [f.name for f in fields(defaults) if f.name in CHANGEABLE]
    for name in changeable:
        default = getattr(defaults, name)
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    given = parser.parse_args()
    changes = {name: getattr(given, name) for name in changeable}
    settings = replace(defaults, compiled=given.compiled, **changes)
    print(train(settings, given.base, given.shared, given.output, given.early), file=sys.stderr)
