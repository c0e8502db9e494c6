"""The teacher's velocity is that of the flow, and noise levels fall where the sampler puts them."""

import math

import torch
from diffusers import DDIMScheduler, FlowMatchEulerDiscreteScheduler

from probeselect_models.training.flow.velocity import VelocityTeacher, mixed, shifted, spread_sigmas
from probeselect_models.training.sd2.denoiser import new_scheduler

SPREAD = 0.7
"""Standard deviation of the clean data whose best denoisers are known in closed form."""


def gaussian_teacher(alphas_cumprod):
    """Predicts E[v | x] for clean data of normal distribution: v = sqrt(a) noise - sqrt(1 - a) clean."""

    def predict(x, timestep, prompt):
        known = torch.arange(len(alphas_cumprod), dtype=torch.float64)
        angles = alphas_cumprod.double().sqrt().arccos()
        low = timestep.long().clamp(max=len(known) - 2)
        part = timestep.double() - low
        angle = angles[low] + part * (angles[low + 1] - angles[low])
        signal, noise = angle.cos(), angle.sin()
        variance = (signal * SPREAD) ** 2 + noise**2
        gain = signal * noise * (1 - SPREAD**2) / variance
        return (gain[:, None, None, None] * x.double()).float()

    return VelocityTeacher(predict, alphas_cumprod)


def test_the_teachers_velocity_is_exact_for_gaussian_data():
    generator = torch.Generator().manual_seed(0)
    sigma = torch.linspace(0.03, 1.0, 25)
    clean = SPREAD * torch.randn(25, 4, 16, 16, generator=generator)
    latents = mixed(clean, torch.randn(25, 4, 16, 16, generator=generator), sigma)
    s = sigma[:, None, None, None]
    # E[noise - clean | x] for x = (1 - s) clean + s noise
    expected = latents * (s - (1 - s) * SPREAD**2) / (((1 - s) * SPREAD) ** 2 + s**2)

    teacher = gaussian_teacher(new_scheduler().alphas_cumprod)
    made = teacher.velocity(latents, sigma, prompt=None)

    torch.testing.assert_close(made, expected, rtol=1e-4, atol=1e-4)


def test_a_teacher_that_knows_noise_and_picture_gives_their_difference():
    generator = torch.Generator().manual_seed(1)
    clean, noise = torch.randn(2, 7, 4, 16, 16, generator=generator)
    sigma = torch.linspace(0.1, 0.9, 7)
    norm = ((1 - sigma) ** 2 + sigma**2).sqrt()[:, None, None, None]
    s = sigma[:, None, None, None]

    def predict(x, timestep, prompt):
        return (1 - s) / norm * noise - s / norm * clean

    teacher = VelocityTeacher(predict, new_scheduler().alphas_cumprod)
    made = teacher.velocity(mixed(clean, noise, sigma), sigma, prompt=None)

    torch.testing.assert_close(made, noise - clean, rtol=1e-4, atol=1e-5)


def test_the_teachers_timestep_has_the_signal_to_noise_ratio_of_the_noise_level():
    scheduler: DDIMScheduler = new_scheduler()
    teacher = VelocityTeacher(None, scheduler.alphas_cumprod)
    for step in (0, 1, 250, 998, 999):
        alpha = scheduler.alphas_cumprod[step].double()
        ratio = ((1 - alpha) / alpha).sqrt().item()
        sigma = 1.0 if math.isinf(ratio) else ratio / (1 + ratio)
        assert abs(teacher.timestep(torch.tensor([sigma])).item() - step) < 0.02
    assert teacher.timestep(torch.tensor([0.0])).item() == 0.0


def test_noise_levels_are_spread_as_the_sampler_places_them():
    count, shift = 4000, 2.0
    sigma, _ = spread_sigmas(count, shift, torch.Generator().manual_seed(2)).sort()
    places = shifted((torch.arange(count) + 0.5) / count, shift)
    assert (sigma - places).abs().max() < 2 / count

    scheduler = FlowMatchEulerDiscreteScheduler(shift=shift)
    scheduler.set_timesteps(sigmas=[1.0, 0.5, 0.25])
    expected = shifted(torch.tensor([1.0, 0.5, 0.25]), shift)
    torch.testing.assert_close(scheduler.sigmas[:3], expected)
