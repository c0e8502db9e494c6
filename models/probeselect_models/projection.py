"""The fixed projection of a tap's channels: principal components over many samples, whitened."""

from __future__ import annotations

import torch
from torch import Tensor

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
