"""Guidance distillation: one evaluation with a guidance scale does what took two without.

Classifier-free guidance asks the denoiser twice, with the prompt and without, and goes beyond the
first answer: `without + scale * (with - without)`. Here the denoiser learns to give that velocity
at once, told the scale by its guidance embedding (Meng et al. 2023, arXiv 2210.03142). Its teacher
are its own weights from before.
"""

import copy
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from probeselect_models.training.flow.flux import FluxDenoiser
from probeselect_models.training.flow.optimisation import Lessons
from probeselect_models.training.flow.transformer import train_quickly
from probeselect_models.training.flow.velocity import mixed, spread_sigmas
from probeselect_models.training.loop import (
    HalvedBatches,
    Stage,
    average,
    learning_rate,
    seed_step,
)
from probeselect_models.training.settings import FluxSettings


@torch.no_grad()
def guided_velocity(
    denoiser: FluxDenoiser, latents, sigma, sequence, pooled, empty, empty_pooled, scale: Tensor
) -> Tensor:
    """The velocity under classifier-free guidance; `empty` stands for no prompt."""
    count = len(latents)
    both = denoiser.velocity(
        torch.cat([latents, latents]),
        torch.cat([sigma, sigma]),
        torch.cat([sequence, empty.expand_as(sequence)]),
        torch.cat([pooled, empty_pooled.expand_as(pooled)]),
        torch.ones(2 * count),
    )
    given, without = both.chunk(2)
    return without + scale[:, None, None, None] * (given - without)


def distil_guidance(
    settings: FluxSettings, teacher: FluxDenoiser, lessons: Lessons, path: Path
) -> torch.nn.Module:
    """Trains a copy of the teacher, or goes on from `path`; returns the averaged weights."""
    teacher.transformer.eval().requires_grad_(False)
    student = FluxDenoiser(settings)
    student.transformer.load_state_dict(teacher.transformer.state_dict())
    averaged = copy.deepcopy(student.transformer)
    for denoiser in (student, teacher):
        train_quickly(denoiser.transformer, settings.compiled)
    parameters = list(student.transformer.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=0.0, betas=(0.9, 0.99), weight_decay=0.01)
    steps, count = settings.guidance_steps, settings.batch
    stage = Stage(
        "guidance",
        path,
        steps,
        settings.checkpoint_every,
        trained=student.transformer,
        averaged=averaged,
        optimizer=optimizer,
    )
    empty, empty_pooled = lessons.sequence[-1].float(), lessons.pooled[-1].float()
    lowest, highest = settings.guidance

    def loss(clean, noise, sigma, scale, sequence, pooled):
        latents, sequence, pooled = mixed(clean, noise, sigma), sequence.float(), pooled.float()
        wanted = guided_velocity(
            teacher, latents, sigma, sequence, pooled, empty, empty_pooled, scale
        )
        return F.mse_loss(student.velocity(latents, sigma, sequence, pooled, scale), wanted)

    batches = HalvedBatches(parameters, settings.workers)
    for step in stage.left():
        generator = seed_step(settings.seed, step)
        chosen = torch.randint(len(lessons.latents), (count,), generator=generator)
        noise = torch.randn(count, *lessons.latents.shape[1:], generator=generator)
        sigma = spread_sigmas(count, settings.shift, generator)
        scale = lowest + (highest - lowest) * torch.rand(count, generator=generator)
        rate = learning_rate(step, steps, settings.guidance_rate, settings.warmup)
        value = batches.descend(
            [optimizer],
            rate,
            loss,
            lessons.latents[chosen],
            noise,
            sigma,
            scale,
            lessons.sequence[chosen],
            lessons.pooled[chosen],
        )
        average(
            averaged, student.transformer, min(settings.average_decay, (step + 1) / (step + 10))
        )
        stage.done(step + 1, value)
    return averaged
