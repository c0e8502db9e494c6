"""Trains a transformer by flow matching, on the frozen states of the text encoders."""

import copy
import threading
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from probeselect_models.training.flow.answers import Answers, data_answers
from probeselect_models.training.flow.layout import LayoutReader
from probeselect_models.training.flow.muon import Muon
from probeselect_models.training.flow.transformer import train_quickly
from probeselect_models.training.flow.velocity import mixed
from probeselect_models.training.loop import (
    HalvedBatches,
    Progress,
    average,
    load_if_present,
    save_whole,
    seed_step,
)
from probeselect_models.training.settings import FlowSettings


@dataclass(frozen=True)
class Lessons:
    """The training set: row i of everything belongs to scene i. The last row of the prompts is empty."""

    latents: Tensor
    sequence: Tensor
    pooled: Tensor
    layouts: Tensor


class Heard(threading.local):
    """The image tokens that a block put out last, in this thread."""

    tokens: Tensor | None = None

    def listen_to(self, block: nn.Module):
        def hear(_module, _inputs, output):
            self.tokens = output[1]

        return block.register_forward_hook(hear)


def flow_rate(step: int, settings: FlowSettings) -> float:
    """Linear warm-up, constant, and at the end down to zero in a straight line."""
    left = (settings.steps - step) / max(1, settings.steps - peak_step(settings))
    return settings.rate * min(1.0, (step + 1) / settings.warmup, left)


def train_flow(
    settings: FlowSettings,
    denoiser,
    lessons: Lessons,
    path: Path,
    answers: Answers | None = None,
) -> nn.Module:
    """Trains the denoiser's transformer, or goes on from `path`; returns the averaged weights.

    With `answers`, a share of each batch learns the teacher's velocity and not that of the data.
    Raising `settings.steps` later goes on from where the rate began to fall.
    """
    torch.manual_seed(settings.seed)
    trained = denoiser.transformer
    averaged = copy.deepcopy(trained)
    reader = LayoutReader(denoiser.width)
    parameters = [*trained.parameters(), *reader.parameters()]
    optimizers = new_optimizers(trained, reader)
    saved = _last(settings, path)
    first = 0
    if saved:
        trained.load_state_dict(saved["trained"])
        averaged.load_state_dict(saved["averaged"])
        reader.load_state_dict(saved["reader"])
        for optimizer, state in zip(optimizers, saved["optimizers"]):
            optimizer.load_state_dict(state)
        first = saved["step"]
    train_quickly(trained, settings.compiled)
    heard = Heard()
    heard.listen_to(denoiser.middle)

    def loss(clean, noise, sigma, wanted, guidance, sequence, pooled, layouts):
        latents = mixed(clean, noise, sigma)
        made = denoiser.velocity(latents, sigma, sequence.float(), pooled.float(), guidance)
        return F.mse_loss(made, wanted) + settings.layout_weight * reader.loss(
            heard.tokens, layouts
        )

    batches = HalvedBatches(parameters, settings.workers)
    steps, count = settings.steps, settings.batch
    taught = round(settings.taught * count) if answers else 0
    progress = Progress("denoiser", first, steps)
    for step in range(first, steps):
        generator = seed_step(settings.seed, step)
        lesson = data_answers(settings, lessons.latents, count - taught, generator)
        if taught:
            lesson = lesson + answers.draw(taught, generator)
        lesson = lesson.rows(torch.randperm(count, generator=generator))
        prompts = torch.where(lesson.dropped, -1, lesson.scene)
        guidance = 1 + 4 * torch.rand(count, generator=generator)
        value = batches.descend(
            optimizers,
            flow_rate(step, settings),
            loss,
            lessons.latents[lesson.scene],
            lesson.noise.float(),
            lesson.sigma,
            lesson.velocity.float(),
            guidance,
            lessons.sequence[prompts],
            lessons.pooled[prompts],
            lessons.layouts[lesson.scene],
        )
        average(averaged, trained, min(settings.average_decay, (step + 1) / (step + 10)))
        progress.step(step + 1, loss=value)
        done = step + 1
        if done % settings.checkpoint_every == 0 or done in (peak_step(settings), steps):
            checkpoint = {
                "trained": trained.state_dict(),
                "averaged": averaged.state_dict(),
                "reader": reader.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in optimizers],
                "step": done,
                "steps": steps,
            }
            save_whole(checkpoint, path)
            if done == peak_step(settings):
                save_whole(checkpoint, _peak(path))
    return averaged


def averaged_so_far(denoiser, path: Path) -> nn.Module:
    """The denoiser's transformer with the averaged weights of the last checkpoint."""
    denoiser.transformer.load_state_dict(torch.load(path, weights_only=True)["averaged"])
    return denoiser.transformer


def peak_step(settings: FlowSettings) -> int:
    """The last step before the rate falls."""
    return int(settings.steps * (1 - settings.cooldown))


def _peak(path: Path) -> Path:
    return path.with_stem(path.stem + "-peak")


def _last(settings: FlowSettings, path: Path) -> dict | None:
    """The checkpoint to go on from."""
    saved = load_if_present(path)
    if saved and saved["steps"] < settings.steps:
        return load_if_present(_peak(path)) or saved
    return saved


def new_optimizers(*modules: nn.Module) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the blocks, AdamW for everything else."""
    named = [pair for module in modules for pair in module.named_parameters()]
    inside = [p for name, p in named if p.ndim == 2 and "transformer_blocks." in name]
    outside = [p for name, p in named if p.ndim != 2 or "transformer_blocks." not in name]
    return [
        Muon(inside),
        torch.optim.AdamW(outside, lr=0.0, betas=(0.9, 0.99), weight_decay=0.01),
    ]
