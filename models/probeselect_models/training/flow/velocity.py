"""Flow matching, and the velocity that a trained noise-prediction model would give.

At noise level sigma in [0, 1] the latents are `x = (1 - sigma) * clean + sigma * noise`, and the
velocity to learn is `noise - clean`.
"""

import numpy as np
import torch
from torch import Tensor


def mixed(clean: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
    """The latents at noise level `sigma` [B]."""
    sigma = sigma[:, None, None, None]
    return (1 - sigma) * clean + sigma * noise


def shifted(sigma: Tensor, shift: float) -> Tensor:
    """Noise levels moved towards pure noise, as FlowMatchEulerDiscreteScheduler does it."""
    return shift * sigma / (1 + (shift - 1) * sigma)


def spread_sigmas(count: int, shift: float, generator: torch.Generator) -> Tensor:
    """Random noise levels [count], one from each of equal ranges before the shift, in random order.

    With the shift of the sampler every step of a trajectory is trained equally often.
    """
    offsets = torch.rand(count, generator=generator)
    order = torch.randperm(count, generator=generator)
    return shifted((order + offsets) / count, shift)


class VelocityTeacher:
    """A model that predicts v on variance-preserving noise, asked for the velocity of a flow.

    `predict(x, timestep, prompt)` gives v at fractional timesteps; `alphas_cumprod` is its noise
    schedule. Divided by `norm = sqrt((1 - sigma)^2 + sigma^2)` the latents of the flow are those of
    the schedule, with signal `a = (1 - sigma) / norm` and noise `s = sigma / norm`. There
    `clean = a x - s v` and `noise = s x + a v`, so the velocity is `(s - a) x + (a + s) v`.
    """

    def __init__(self, predict, alphas_cumprod: Tensor):
        self.predict = predict
        self.angles = alphas_cumprod.double().sqrt().arccos().numpy()

    def timestep(self, sigma: Tensor) -> Tensor:
        """The timestep of equal signal-to-noise ratio, between two whole ones; below the first: 0."""
        angle = torch.atan2(sigma.double(), 1 - sigma.double()).numpy()
        steps = np.interp(angle, self.angles, np.arange(len(self.angles)))
        return torch.from_numpy(steps).float()

    @torch.no_grad()
    def velocity(self, latents: Tensor, sigma: Tensor, prompt: Tensor) -> Tensor:
        signal, spread = (1 - sigma)[:, None, None, None], sigma[:, None, None, None]
        norm = (signal.square() + spread.square()).sqrt()
        scaled, a, s = latents / norm, signal / norm, spread / norm
        return (s - a) * scaled + (a + s) * self.predict(scaled, self.timestep(sigma), prompt)
