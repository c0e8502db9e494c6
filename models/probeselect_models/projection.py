"""The fixed projection of a tap's channels: principal components over many samples, whitened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from probeselect_models.taps import Compression, UnknownTapError, find_taps, listening, pool

if TYPE_CHECKING:
    from probeselect_models.families import Family

SEEDS = 2
FRACTION = 0.3
"""The projection is fixed on the first three tenths of the steps, where decisions are made."""
_TOGETHER = 8
"""Prompts in one batch."""
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


@torch.no_grad()
def fit_compressions(
    family: Family,
    taps: list[str],
    channels: int,
    grid: int,
    prompts: list[str],
    steps: int,
    guidance_scale: float,
) -> list[Compression]:
    """The compression of each tap, fitted on the conditional rows of early steps of all prompts."""
    tapped = find_taps(family.denoiser_module(), taps)
    samples: list[list[Tensor]] = [[] for _ in taps]
    for start in range(0, len(prompts), _TOGETHER):
        some = prompts[start : start + _TOGETHER]
        for activations in _early_activations(family, tapped, some, start, steps, guidance_scale):
            for name, found, activation in zip(taps, samples, activations):
                if activation.dim() != 4:
                    raise UnknownTapError(
                        f"tap {name} is not an image-shaped activation [B, C, h, w] but has shape "
                        f"{list(activation.shape)}"
                    )
                found.append(pool(activation, grid).flatten(2).transpose(1, 2).flatten(0, 1))
    return [Compression(*principal_components(torch.cat(s), channels), grid) for s in samples]


def _early_activations(family, tapped, prompts, seed: int, steps: int, guidance_scale: float):
    """Yields, for each early step, the conditional rows of what the tapped modules put out."""
    rows = SEEDS * len(prompts)
    encoder, denoiser, scheduler = (
        family.text_encoder(),
        family.denoiser_module(),
        family.scheduler(),
    )
    ids = [family.ids(text) for text in [""] * len(prompts) + prompts]
    embedding = encoder(torch.cat(ids))[0].repeat_interleave(SEEDS, 0)
    latents = family.latents()
    cells = family.size()["default"] // latents["pixelsPerLatent"]
    noise = torch.Generator("cpu").manual_seed(seed)
    x = torch.randn(rows, latents["channels"], cells, cells, generator=noise)
    scheduler.set_timesteps(steps)
    for timestep in scheduler.timesteps[: max(1, round(FRACTION * steps))]:
        with listening(tapped) as heard:
            prediction = denoiser(
                torch.cat([x, x]), timestep.expand(2 * rows), embedding, return_dict=False
            )[0]
        yield [activation[rows:] for activation in heard]
        without, given = prediction.chunk(2)
        guided = without + guidance_scale * (given - without)
        x = scheduler.step(guided, timestep, x, return_dict=False)[0]
