"""What the transformers learn to answer: noisy latents, and the velocity there.

The velocity in the data, `noise - clean`, is one sample of what a denoiser should predict. The answer
of a trained model is close to the mean of all of them, and so a far less noisy lesson once a network
knows the rough outlines. Asking a teacher costs nearly half a training step, so its answers are kept
and learnt from several times.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import torch
from torch import Tensor

from probeselect_models.training.flow.velocity import VelocityTeacher, mixed, spread_sigmas
from probeselect_models.training.loop import HalvedBatches, Progress, save_whole, seed_step
from probeselect_models.training.settings import FlowSettings

PART = 2_000
BATCH = 50


@dataclass(frozen=True)
class Answers:
    """Row i of everything belongs to one answer."""

    scene: Tensor
    """Which scene the clean latents are of."""
    dropped: Tensor
    """Whether the question came without its prompt."""
    sigma: Tensor
    noise: Tensor
    velocity: Tensor

    def rows(self, chosen: Tensor) -> "Answers":
        return Answers(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def __add__(self, others: "Answers") -> "Answers":
        pairs = ((getattr(self, f.name), getattr(others, f.name)) for f in fields(self))
        return Answers(*(torch.cat(pair) for pair in pairs))

    def draw(self, count: int, generator: torch.Generator) -> "Answers":
        """One random row from each of `count` equal ranges; the ranges are of noise levels if sorted."""
        places = torch.arange(count) + torch.rand(count, generator=generator)
        return self.rows((places * len(self.sigma) / count).long())


def data_answers(
    settings: FlowSettings, latents: Tensor, count: int, generator: torch.Generator
) -> Answers:
    """Random scenes and noise, with the velocity in the data."""
    scene = torch.randint(len(latents), (count,), generator=generator)
    dropped = torch.rand(count, generator=generator) < settings.prompt_dropout
    sigma = spread_sigmas(count, settings.shift, generator)
    noise = torch.randn(count, *latents.shape[1:], generator=generator)
    return Answers(scene, dropped, sigma, noise, noise - latents[scene])


def teacher_answers(
    settings: FlowSettings,
    teacher: VelocityTeacher,
    latents: Tensor,
    prompts: Tensor,
    directory: Path,
) -> Answers:
    """Asks the teacher, or goes on with it, in parts kept in `directory`; sorted by noise level.

    Row i of `prompts` is what the teacher reads for scene i, the last row is the empty prompt.
    """
    files = [directory / f"{i:03}.pt" for i in range(settings.answers // PART)]
    missing = [i for i, file in enumerate(files) if not file.exists()]
    progress = Progress("teacher", 0, len(missing), every=1)
    workers = HalvedBatches([])
    for done, i in enumerate(missing):
        asked = data_answers(settings, latents, PART, seed_step(settings.seed + 1, i))
        parts = [asked.rows(rows) for rows in torch.arange(PART).split(BATCH)]

        def answer(part: Answers) -> Tensor:
            read = prompts[torch.where(part.dropped, -1, part.scene)].float()
            noisy = mixed(latents[part.scene], part.noise, part.sigma)
            return teacher.velocity(noisy, part.sigma, read)

        velocity = torch.cat(list(workers.pool.map(answer, parts)))
        kept = {**vars(asked), "noise": asked.noise.half(), "velocity": velocity.half()}
        save_whole(kept, files[i])
        progress.step(done + 1)
    parts = [torch.load(file, weights_only=True) for file in files]
    whole = Answers(**{name: torch.cat([part[name] for part in parts]) for name in parts[0]})
    return whole.rows(whole.sigma.argsort())
