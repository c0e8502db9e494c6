"""What every training stage shares: learning-rate schedule, checkpoints that survive a stop, progress."""

import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch


def learning_rate(step: int, steps: int, peak: float, warmup: int) -> float:
    """Linear warm-up to the peak, then half a cosine down to zero at the last step."""
    if step < warmup:
        return peak * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return peak * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


def save_whole(value: object, path: Path) -> None:
    """Writes under a temporary name, then renames: a stop leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    torch.save(value, partial)
    os.replace(partial, path)


def load_if_present(path: Path) -> dict | None:
    return torch.load(path, weights_only=True) if path.exists() else None


def seed_step(seed: int, step: int) -> torch.Generator:
    """The random numbers of one step: the same whether the training was stopped before it or not."""
    return torch.Generator().manual_seed(seed * 1_000_003 + step)


class HalvedBatches:
    """Gradients of a loss over a batch, its parts computed side by side on one core each.

    Operations here are small: one core per part loses no time waiting for the others after each
    operation, which matters most on a machine that does other work too.
    """

    def __init__(self, parameters, workers: int = 2):
        torch.set_num_threads(1)
        self.parameters = [parameter for parameter in parameters if parameter.requires_grad]
        self.pool = ThreadPoolExecutor(workers)
        self.workers = workers

    def backward(self, loss: Callable[..., torch.Tensor], *batch: torch.Tensor) -> float:
        """Sets the gradients of the mean of `loss(*part)` over the parts, and returns that mean."""
        parts = list(zip(*(tensor.chunk(self.workers) for tensor in batch)))
        results = list(self.pool.map(lambda part: self._part(loss, part), parts))
        for i, parameter in enumerate(self.parameters):
            parameter.grad = sum(gradients[i] for _, gradients in results) / len(parts)
        return sum(value for value, _ in results) / len(parts)

    def descend(
        self,
        optimizers: Sequence[torch.optim.Optimizer],
        rate: float,
        loss: Callable[..., torch.Tensor],
        *batch: torch.Tensor,
    ) -> float:
        """One step at this learning rate, with gradients of a norm of at most 1; returns the loss."""
        for optimizer in optimizers:
            set_learning_rate(optimizer, rate)
        value = self.backward(loss, *batch)
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for optimizer in optimizers:
            optimizer.step()
        return value

    def _part(self, loss, part):
        value = loss(*part)
        return value.item(), torch.autograd.grad(value, self.parameters)


@torch.no_grad()
def average(averaged, trained, decay: float) -> None:
    """Moves the averaged parameters towards the trained ones, in place."""
    torch._foreach_lerp_(list(averaged.parameters()), list(trained.parameters()), 1 - decay)


class Progress:
    """Prints step, losses and time left on stderr, once every `every` steps."""

    def __init__(self, stage: str, first: int, steps: int, every: int = 50):
        self.stage, self.first, self.steps, self.every = stage, first, steps, every
        self.started = time.monotonic()
        self.sums: dict[str, float] = {}
        self.count = 0

    def step(self, done: int, **losses: float) -> dict[str, float] | None:
        """Notes the losses of one step; returns their means when a line was printed."""
        for name, value in losses.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        self.count += 1
        if done % self.every and done != self.steps:
            return None
        seconds = (time.monotonic() - self.started) / (done - self.first)
        left = int(seconds * (self.steps - done))
        means = {name: value / self.count for name, value in self.sums.items()}
        shown = " ".join(f"{name} {value:.5f}" for name, value in means.items())
        print(
            f"{self.stage} {done}/{self.steps} {shown} {seconds:.2f} s/step, "
            f"{left // 60}:{left % 60:02d} left",
            file=sys.stderr,
            flush=True,
        )
        self.sums, self.count = {}, 0
        return means


class Stage:
    """A training that goes on from its checkpoint, prints its progress and leaves checkpoints.

    `parts` are what a checkpoint holds by name: everything with `state_dict` and `load_state_dict`.
    """

    def __init__(self, name: str, path: Path, steps: int, every: int, **parts):
        self.path, self.steps, self.every, self.parts = path, steps, every, parts
        self.saved = load_if_present(path) or {}
        """The checkpoint that it goes on from; empty without one."""
        self.first = self.saved.get("step", 0)
        for part, state in self.saved.items():
            if part in parts:
                parts[part].load_state_dict(state)
        self.progress = Progress(name, self.first, steps)

    @property
    def finished(self) -> bool:
        return self.first >= self.steps

    def left(self) -> range:
        """The steps that are still to be done."""
        return range(self.first, self.steps)

    def done(self, steps: int, loss: float) -> None:
        """Notes the loss of a step, after which so many are done; now and then, and at the end, saves."""
        self.progress.step(steps, loss=loss)
        if steps % self.every == 0 or steps == self.steps:
            self.save(steps)

    def save(self, steps: int, **more) -> None:
        state = {name: part.state_dict() for name, part in self.parts.items()}
        save_whole({**state, "step": steps, **more}, self.path)
