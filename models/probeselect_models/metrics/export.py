"""Writes a metric directory: metric.json, metric.pt and tokenizer.json, whole or not at all."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import torch

from probeselect_models.files import devices, manifest, tokenizer_file, torchscript
from probeselect_models.metrics import blip, clip, image_reward
from probeselect_models.metrics.judge import Judge
from probeselect_models.metrics.source import Source

FORMAT_VERSION = 1
DESCRIPTION = "metric.json"
KINDS = {
    "clipscore": clip.clip_score,
    "pickscore": clip.pick_score,
    "hpsv2": clip.hps,
    "aesthetic": clip.aesthetic,
    "imagereward": image_reward.image_reward,
    "blip-itm": blip.itm,
}
"""What makes a judge of a source, by the name of the metric."""
_EXAMPLE_SIZE = (40, 56)
"""Of the traced image; the module takes any."""


def export(kind: str, source: Path, output: Path, *, name: str | None = None) -> dict:
    """Writes the metric directory and returns its description (without the file list)."""
    opened = Source(source)
    judge = KINDS[kind](opened)
    with manifest.replacing(output, DESCRIPTION) as directory:
        entries = {
            "formatVersion": FORMAT_VERSION,
            "name": name or kind,
            "file": "metric.pt",
            "tokenizer": tokenizer_file.save(
                judge.tokenizer, judge.length, directory, "tokenizer.json"
            ),
            "dtype": "float32",
            "device": devices.ANY,
            "provenance": _provenance(kind, opened),
        }
        torchscript.write(judge.module, example_inputs(judge), directory / "metric.pt")
        manifest.write_manifest(directory, entries, DESCRIPTION)
    return entries


def example_inputs(judge: Judge) -> dict[str, tuple]:
    texts = [tokenizer_file.CHECK_TEXT, ""]
    ids = judge.tokenizer(
        texts,
        padding="max_length",
        max_length=judge.length,
        truncation=True,
        return_tensors="pt",
    ).input_ids
    image = torch.rand(len(texts), 3, *_EXAMPLE_SIZE, generator=torch.Generator().manual_seed(0))
    return {"forward": (image, ids)}


def _provenance(kind: str, source: Source) -> dict:
    return {
        "exporter": "probeselect_models.metrics",
        "kind": kind,
        "source": source.directory.resolve().name,
        "sourceWeights": {path.name: manifest.sha256(path) for path in source.weight_files},
        "torch": torch.__version__.split("+")[0],
        "transformers": version("transformers"),
    }
