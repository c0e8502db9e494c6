"""Bundles of small random pipelines, and what diffusers makes with them, for the Java tests.

`python -m golden.random_bundles --output ../../probeselect-djl/src/test/resources/bundles`
"""

from __future__ import annotations

import argparse
import json
import tempfile
import zipfile
from pathlib import Path

import torch
from torch import nn

from golden import modules as golden_modules
from golden import schedulers as golden_schedulers
from golden.pipeline import PROMPTS, Sampler, cases, write_golden
from probeselect_models.export.exporter import export
from probeselect_models.files import manifest
from probeselect_models.training.sample import open_pipeline
from random_pipeline import PIPELINES
from random_tokenizers import CAPTIONS

_STEPS = 16
TAPS = {
    "stable-diffusion-3": ["transformer_blocks.0", "transformer_blocks.1"],
    "flux-dev": ["transformer_blocks.0", "single_transformer_blocks.1"],
}
CASES = ("wide", "guidance-off")


def write_bundle(name: str, output: Path) -> None:
    """The bundle, its modules compressed, golden.json beside it, pictures in `images` and `schedulers`."""
    with tempfile.TemporaryDirectory() as directory:
        pipeline = Path(directory) / "pipeline"
        coarse(PIPELINES[name]()).save_pretrained(pipeline)
        entries = export(
            pipeline,
            output / "bundle",
            name=f"random-{name}",
            taps=TAPS[name],
            tap_channels=4,
            grid=2,
            steps=4,
            prompts=CAPTIONS[:2],
        )
        golden_modules.write_golden(pipeline, output / "bundle", output / "golden.json")
        loaded = open_pipeline(pipeline)
        sampler = Sampler(loaded, pipeline)
        chosen = cases(4, 3.0, side=sampler.side, negative=sampler.takes_negative_prompt)
        write_golden(sampler, output / "images", [case for case in chosen if case.name in CASES])
        walks = [c for c in golden_schedulers.cases(sampler.side, 3.0) if c.prompt == PROMPTS[0]]
        golden_schedulers.write(loaded, pipeline, output / "schedulers", walks)
    for module in (output / "bundle").glob("*.pt"):
        compress(module)
    manifest.write_manifest(output / "bundle", entries)


def coarse(pipeline):
    """Weights in few steps, so that they compress well."""
    modules = [part for part in pipeline.components.values() if isinstance(part, nn.Module)]
    with torch.no_grad():
        for module in modules:
            for parameter in module.parameters():
                parameter.copy_((_STEPS * parameter).round() / _STEPS)
    return pipeline


def compress(archive: Path) -> None:
    """Of a module this small most is code, which shrinks."""
    with zipfile.ZipFile(archive) as stored:
        records = [(record, stored.read(record)) for record in stored.infolist()]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as smaller:
        for record, content in records:
            smaller.writestr(
                zipfile.ZipInfo(record.filename, record.date_time), content, zipfile.ZIP_DEFLATED
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--only", choices=TAPS)
    given = parser.parse_args()
    for name in [given.only] if given.only else TAPS:
        write_bundle(name, given.output / name)
        size = sum(f.stat().st_size for f in (given.output / name).rglob("*") if f.is_file())
        print(f"{name}: {size / 1024:.0f} KiB", json.dumps(TAPS[name]))


if __name__ == "__main__":
    main()
