"""Writes the probe trained elsewhere that the Java tests open, and what it says of some inputs.

    python -m golden.probe

It fits one of the random bundles among the tests' resources, and is random itself. Beside it lie
modules that break the rules of docs/probe-format.md, one each.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
from torch import Tensor, nn

from places import DJL_RESOURCES
from probeselect_models.files.manifest import sha256
from probeselect_models.files.torchscript import save, trace

BUNDLE = DJL_RESOURCES / "bundles/stable-diffusion-3/bundle"
PROBE = DJL_RESOURCES / "probes/torchscript"

SCALES = {
    "taste": {"mean": 5.5, "deviation": 0.75},
    "contrast": {"mean": -0.2, "deviation": 0.1},
}
"""The first metric selects."""
FOLD = 2
CANDIDATES = 3
LATENTS = (5, 6)
"""Height and width: no multiple of the folded grid's."""
FRACTION = 0.2
SEED = 20
WIDTH = 6


class TinyProbe(nn.Module):
    """Scores [N, M] and log variances [N, M], each of all cells, the fraction and the prompt."""

    def __init__(self, inputs: dict) -> None:
        super().__init__()
        self.grid = nn.Linear(_channels(inputs) * math.prod(_grid(inputs)), WIDTH)
        self.prompt = nn.Linear(inputs["promptChannels"], WIDTH)
        self.scores = nn.Linear(2 * WIDTH + 1, len(SCALES))
        self.log_variances = nn.Linear(2 * WIDTH + 1, len(SCALES))

    def forward(self, grid: Tensor, fraction: Tensor, prompt: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.grid(grid.flatten(1)).tanh()
        read = self.prompt(prompt.mean(1)).tanh()
        known = torch.cat([seen, read, fraction], 1)
        return self.scores(known), self.log_variances(known)


class ScoresAlone(nn.Module):
    """The scores of a probe that does not know how far off they may be."""

    def __init__(self, probe: TinyProbe) -> None:
        super().__init__()
        self.probe = probe

    def forward(self, grid: Tensor, fraction: Tensor, prompt: Tensor) -> Tensor:
        return self.probe(grid, fraction, prompt)[0]


class ThreeColumns(nn.Module):
    """A column more than there are metrics."""

    def forward(self, grid: Tensor, fraction: Tensor, prompt: Tensor) -> Tensor:
        return grid.mean((2, 3))[:, :3] * fraction + prompt[:, 0, :3]


class NotANumber(nn.Module):
    """The right shape, but the logarithms of negative numbers."""

    def forward(self, grid: Tensor, fraction: Tensor, prompt: Tensor) -> Tensor:
        negative = -1 - grid.mean((2, 3))[:, :2] ** 2 - fraction - prompt[:, 0, :2] ** 2
        return negative.log()


def modules(inputs: dict) -> dict[str, nn.Module]:
    """The probe's module and the others, by the names of their files."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        probe = TinyProbe(inputs)
    return {
        "probe.pt": probe,
        "scores-alone.pt": ScoresAlone(probe),
        "three-columns.pt": ThreeColumns(),
        "not-a-number.pt": NotANumber(),
    }


def probe_inputs(manifest: dict) -> dict:
    """What a probe reads that reads all taps of a bundle."""
    taps = [
        {
            "name": tap["name"],
            "channels": tap["channels"],
            "gridHeight": tap["grid"][0],
            "gridWidth": tap["grid"][1],
        }
        for tap in manifest["taps"]
    ]
    outputs = {entry["name"]: entry["shape"] for entry in manifest["textEncoder"]["outputs"]}
    tokens, channels = outputs[manifest["promptEmbedding"]]
    return {
        "taps": taps,
        "latentChannels": manifest["latents"]["channels"],
        "promptTokens": tokens,
        "promptChannels": channels,
    }


def wave(shape: tuple[int, ...], phase: float) -> Tensor:
    """Numbers that every language can make: sin(0.61 i + phase)."""
    values = [math.sin(0.61 * i + phase) for i in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float64).float().reshape(shape)


def stacked(taps: list[Tensor], original_prediction: Tensor) -> Tensor:
    """Taps [N, channels, h, w] and the x0 prediction [N, C, H, W], averaged and folded: the grid."""
    height, width = taps[0].shape[2:]
    averaged = nn.functional.adaptive_avg_pool2d(original_prediction, (FOLD * height, FOLD * width))
    return torch.cat([*taps, nn.functional.pixel_unshuffle(averaged, FOLD)], 1)


def example(inputs: dict) -> tuple[Tensor, Tensor, Tensor]:
    """Grid, fraction and prompt of the golden candidates."""
    candidates = range(CANDIDATES)
    taps = [
        torch.stack([wave((tap["channels"], *_grid(inputs)), 10 * c + t) for c in candidates])
        for t, tap in enumerate(inputs["taps"])
    ]
    latents = (inputs["latentChannels"], *LATENTS)
    predictions = torch.stack([wave(latents, 10 * c + len(taps)) for c in candidates])
    prompt = wave((inputs["promptTokens"], inputs["promptChannels"]), -1)
    return (
        stacked(taps, predictions),
        torch.full((CANDIDATES, 1), FRACTION),
        prompt.repeat(CANDIDATES, 1, 1),
    )


@torch.no_grad()
def golden(module, inputs: dict) -> dict:
    """What the probe says of the golden candidates by the metric that selects."""
    scores, log_variances = module(*example(inputs))
    scale = next(iter(SCALES.values()))
    return {
        "latents": [inputs["latentChannels"], *LATENTS],
        "fractionDone": FRACTION,
        "scores": (scale["mean"] + scale["deviation"] * scores[:, 0].double()).tolist(),
        "deviations": (scale["deviation"] * (0.5 * log_variances[:, 0].double()).exp()).tolist(),
    }


def write(bundle: Path, output: Path) -> None:
    """The modules, the probe's JSON and the golden file."""
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    inputs = probe_inputs(manifest)
    output.mkdir(parents=True, exist_ok=True)
    given = modules(inputs)
    for name, module in given.items():
        save(trace(module, {"forward": example(inputs)}), output / name)
    description = {
        "formatVersion": 3,
        "kind": "torchscript",
        "denoiserSha256": manifest["files"][manifest["denoiser"]["file"]]["sha256"],
        "fractions": [FRACTION],
        "promptEmbedding": manifest["promptEmbedding"],
        "inputs": inputs,
        "metrics": list(SCALES),
        "scales": SCALES,
        "module": "probe.pt",
        "moduleSha256": sha256(output / "probe.pt"),
        "provenance": {"weights": f"random, seed {SEED}"},
    }
    _write_json(output / "probe.json", description)
    _write_json(output / "golden.json", golden(given["probe.pt"], inputs))


def _write_json(file: Path, content: dict) -> None:
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _grid(inputs: dict) -> tuple[int, int]:
    return inputs["taps"][0]["gridHeight"], inputs["taps"][0]["gridWidth"]


def _channels(inputs: dict) -> int:
    taps = sum(tap["channels"] for tap in inputs["taps"])
    return taps + inputs["latentChannels"] * FOLD * FOLD


if __name__ == "__main__":
    write(BUNDLE, PROBE)
