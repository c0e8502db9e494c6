"""Writes the small TorchScript modules of the tests beside this file.

Needs torch 2.13.0. The modules have no weights; each is a formula that a test can check by hand.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import torch
from torch import Tensor, nn


class Bfloat16Decoder(nn.Module):
    """A VAE decoder of the right shape whose result is bfloat16."""

    def forward(self, latents: Tensor) -> Tensor:
        return nn.functional.interpolate(latents[:, :3], scale_factor=4.0).to(torch.bfloat16)


class TwoTokenizersTextEncoder(nn.Module):
    """The ids themselves: those of the first tokenizer four times over, six of the second."""

    def forward(self, first: Tensor, second: Tensor):
        return first.float().unsqueeze(2).repeat(1, 1, 4), second.float()[:, :6]


class EmbeddedGuidanceDenoiser(nn.Module):
    """latents * timestep + guidance + (second id of both tokenizers) / 1024.

    The tap is the mean of the latents over space, twice as many channels: once as it is, once negated.
    """

    def forward(
        self, latents: Tensor, timestep: Tensor, tokens: Tensor, pooled: Tensor, guidance: Tensor
    ) -> Tensor:
        ids = (tokens[:, 1, 0] + pooled[:, 1]) / 1024
        return latents * timestep.view(-1, 1, 1, 1) + (guidance + ids).view(-1, 1, 1, 1)

    def capture(
        self, latents: Tensor, timestep: Tensor, tokens: Tensor, pooled: Tensor, guidance: Tensor
    ):
        mean = latents.mean((2, 3), keepdim=True)
        prediction = self.forward(latents, timestep, tokens, pooled, guidance)
        return prediction, torch.cat([mean, -mean], 1)


class Metric(nn.Module):
    """Brightness, spoilt: a metric that gives no score that can be used."""

    def __init__(self, fault: str):
        super().__init__()
        self.fault = fault

    def forward(self, image: Tensor, ids: Tensor) -> Tensor:
        score = image.mean((1, 2, 3)) + 0 * ids.sum(1)
        if self.fault == "nan":
            return score / 0 * 0
        if self.fault == "one-score":
            return score[:1]
        if self.fault == "failing":
            return score + image.new_zeros(5)
        return score.to(torch.bfloat16)


def save(module: torch.jit.ScriptModule, path: Path) -> None:
    """Without the entries that hold source paths."""
    buffer = io.BytesIO()
    torch.jit.save(module, buffer)
    with zipfile.ZipFile(buffer) as whole, zipfile.ZipFile(path, "w") as stripped:
        for entry in whole.namelist():
            if not entry.endswith((".debug_pkl", "serialization_id")):
                name = f"{path.stem}/{entry.split('/', 1)[1]}"
                stripped.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), whole.read(entry))


def main() -> None:
    here = Path(__file__).parent
    ids = torch.ones(2, 32, dtype=torch.int64)
    latents = torch.zeros(2, 4, 8, 8)
    inputs = (latents, torch.ones(2), torch.zeros(2, 32, 4), torch.zeros(2, 6), torch.ones(2))
    judged = (torch.zeros(1, 3, 4, 4), torch.ones(1, 3, dtype=torch.int64))
    modules = {
        "bfloat16-decoder.pt": (Bfloat16Decoder(), {"forward": (latents,)}),
        "two-tokenizers-text-encoder.pt": (TwoTokenizersTextEncoder(), {"forward": (ids, ids)}),
        "embedded-guidance-denoiser.pt": (
            EmbeddedGuidanceDenoiser(),
            {"forward": inputs, "capture": inputs},
        ),
    }
    for fault in ("nan", "one-score", "bfloat16", "failing"):
        modules[f"{fault}-metric.pt"] = (Metric(fault), {"forward": judged})
    for name, (module, methods) in modules.items():
        save(torch.jit.trace_module(module.eval(), methods), here / name)


if __name__ == "__main__":
    main()
