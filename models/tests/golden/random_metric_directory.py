"""The metric directory of the Java tests, and what transformers makes of some images and prompts.

`python -m golden.random_metric_directory --output ../../probeselect-djl/src/test/resources/metrics`
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import torch
from PIL import Image

from golden.random_bundles import compress
from metric_definitions import clip_score
from probeselect_models.files import manifest
from probeselect_models.metrics.export import DESCRIPTION, export
from random_metrics import clip_model, write_clip
from random_tokenizers import clip_tokenizer

NAME = "random-clipscore"
SIZES = ((28, 28), (45, 62), (20, 25))
"""Heights and widths: as the network takes it, reduced, enlarged."""
PROMPTS = [
    "a red circle left of a small blue square",
    "",
    "two green stars and a white cross on a dotted cyan background " * 8,
]
_SEED = 1


def picture(height: int, width: int) -> Image.Image:
    """Red, green and blue in row y and column x, for a test in any language to make again."""
    values = ((7 * x + 3 * y, x * y, 255 - 5 * x + y) for y in range(height) for x in range(width))
    pixels = bytes(value % 256 for colours in values for value in colours)
    return Image.frombytes("RGB", (width, height), pixels)


def write(output: Path) -> None:
    """The metric directory, its module compressed, and golden.json beside it."""
    with tempfile.TemporaryDirectory() as directory:
        source = Path(directory) / "clip"
        torch.manual_seed(_SEED)
        write_clip(source, clip_model(clip_tokenizer(), layers=1).half().float())
        entries = export("clipscore", source, output / NAME, name=NAME)
        golden = {"prompts": PROMPTS, "images": [_judged(source, *size) for size in SIZES]}
    compress(output / NAME / "metric.pt")
    manifest.write_manifest(output / NAME, entries, DESCRIPTION)
    (output / "golden.json").write_text(json.dumps(golden, indent=2) + "\n")


@torch.no_grad()
def _judged(source: Path, height: int, width: int) -> dict:
    images = [picture(height, width)] * len(PROMPTS)
    scores = clip_score(source, images, PROMPTS).tolist()
    return {"height": height, "width": width, "scores": [float(f"{x:.6g}") for x in scores]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    write(parser.parse_args().output)
