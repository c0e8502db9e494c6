"""The fixed projection of a tap's channels: principal components over many samples, whitened."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from tqdm import tqdm

from probeselect_models.families.taps import Compression, pool

if TYPE_CHECKING:
    from probeselect_models.families.denoiser import Denoiser
    from probeselect_models.families.family import Family

SEEDS = 2
FRACTION = 0.3
"""The projection is fixed on the first three tenths of the steps, where decisions are made."""
_CELLS_TOGETHER = 8 * 16 * 16
"""Prompts in one batch, times the latent cells of a picture."""
_FLOOR = 1e-3
"""Smallest standard deviation of a component relative to the largest: keeps rounding noise small."""


def principal_components(samples: Tensor, channels: int) -> tuple[Tensor, Tensor]:
    """The map `weight @ x + bias` to the `channels` strongest components of unit variance.

    `samples` is [N, C]. Returns weight [min(channels, C), C] and bias [min(channels, C)]. Each
    component's sign is fixed by making its largest entry positive, so equal samples give equal maps.
    """
    samples = samples.double()
    mean = samples.mean(0)
    centred = samples - mean
    covariance = centred.T @ centred / (len(samples) - 1)
    variances, vectors = torch.linalg.eigh(covariance)
    kept = min(channels, samples.shape[1])
    variances = variances.flip(0)[:kept].clamp(min=0)
    basis = vectors.flip(1)[:, :kept].T
    largest = basis.abs().argmax(1, keepdim=True)
    basis = basis * basis.gather(1, largest).sign()
    deviations = variances.sqrt()
    deviations = deviations.clamp(min=max(float(deviations[0]) * _FLOOR, 1e-8))
    weight = basis / deviations[:, None]
    return weight.float(), -(weight @ mean).float()


@dataclass(frozen=True)
class PromptBatch:
    """Some prompts, encoded; under classifier-free guidance as many empty ones before them."""

    first: int
    """The number of its first prompt."""
    prompts: int
    embeddings: tuple[Tensor, ...]


@torch.no_grad()
def encode(family: Family, encoder: nn.Module, prompts: list[str]) -> list[PromptBatch]:
    """All prompts in batches that are small enough for the denoiser."""
    together = max(1, _CELLS_TOGETHER // math.prod(_default_cells(family)))
    batches = []
    for start in range(0, len(prompts), together):
        some = prompts[start : start + together]
        texts = some
        if family.guidance == "classifier-free":
            texts = [""] * len(some) + some
        ids = [
            torch.cat([text_input.ids(text) for text in texts]).to(family.components.device)
            for text_input in family.text_inputs()
        ]
        batches.append(PromptBatch(start, len(some), encoder(*ids)))
    return batches


@torch.no_grad()
def fit_compressions(
    family: Family,
    denoiser: Denoiser,
    batches: list[PromptBatch],
    channels: int,
    grid: int,
    steps: int,
    guidance_scale: float,
) -> list[Compression]:
    """The compression of each tap, fitted on the conditional rows of early steps of all prompts."""
    samples: list[list[Tensor]] = []
    calls = len(batches) * _early_steps(steps)
    with tqdm(total=calls, desc="denoising for the taps' projection", unit="call") as progress:
        for batch in batches:
            for maps in _early_activations(family, denoiser, batch, steps, guidance_scale):
                samples.append(
                    [
                        pool(each, grid).flatten(2).transpose(1, 2).flatten(0, 1).cpu()
                        for each in maps
                    ]
                )
                progress.update()
    return [
        Compression(*principal_components(torch.cat(of_a_tap), channels), grid)
        for of_a_tap in zip(*samples)
    ]


def _default_cells(family: Family) -> tuple[int, int]:
    """Latent cells along the height and the width of a picture of the default size."""
    height, width = family.default_size()
    return height // family.pixels_per_latent, width // family.pixels_per_latent


def _early_steps(steps: int) -> int:
    return max(1, round(FRACTION * steps))


def _early_activations(
    family: Family, denoiser: Denoiser, batch: PromptBatch, steps: int, guidance_scale: float
) -> Iterator[list[Tensor]]:
    """Yields, for each early step, the conditional rows of the taps' maps."""
    rows = SEEDS * batch.prompts
    scheduler, device = family.scheduler, family.components.device
    height, width = _default_cells(family)
    noise = torch.Generator("cpu").manual_seed(batch.first)
    x = torch.randn(rows, family.latent_channels, height, width, generator=noise).to(device)
    family.set_timesteps(scheduler, steps, height * width)
    x = x * getattr(scheduler, "init_noise_sigma", 1.0)
    guided = family.guidance == "classifier-free"
    conditions = [embedding.repeat_interleave(SEEDS, 0) for embedding in batch.embeddings]
    if family.guidance == "embedded":
        conditions.append(torch.full((rows,), guidance_scale, device=device))
    for timestep in scheduler.timesteps[: _early_steps(steps)]:
        scaled = x
        if hasattr(scheduler, "scale_model_input"):
            scaled = scheduler.scale_model_input(x, timestep)
        prediction, maps = denoiser.observe(
            torch.cat([scaled, scaled]) if guided else scaled,
            timestep.to(device).expand(2 * rows if guided else rows),
            *conditions,
        )
        yield [each[-rows:] for each in maps]
        if guided:
            without, given = prediction.chunk(2)
            prediction = without + guidance_scale * (given - without)
        x = scheduler.step(prediction, timestep, x, return_dict=False)[0]
