"""Muon: momentum whose matrices are made orthogonal before they are applied.

Jordan et al. 2024 (https://kellerjordan.github.io/posts/muon), with the scale of Liu et al. 2025
(arXiv 2502.16982), which lets matrices and all other parameters share one learning rate: an update
then has the root mean square of an AdamW update.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import torch
from torch import Tensor

UPDATE_RMS = 0.2
SIGN_POLYNOMIAL = (3.4445, -4.7750, 2.0315)
"""Jordan's coefficients: singular values end near 1, between about 0.7 and 1.2."""


def orthogonal(matrices: Tensor, rounds: int = 5) -> Tensor:
    """Matrices [N, m, n] with their singular values moved to about 1, by Newton-Schulz rounds."""
    a, b, c = SIGN_POLYNOMIAL
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(rounds):
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Muon for the matrices; AdamW for what it is combined with has to be another optimizer."""

    def __init__(self, matrices, momentum: float = 0.95, weight_decay: float = 0.01, workers=2):
        super().__init__(matrices, {"lr": 0.0, "momentum": momentum, "weight_decay": weight_decay})
        self.pool = ThreadPoolExecutor(workers)

    def step(self) -> None:
        for group in self.param_groups:
            shapes: dict[torch.Size, list[Tensor]] = {}
            for parameter in group["params"]:
                shapes.setdefault(parameter.shape, []).append(parameter)
            work = [
                same[i : i + 4]
                for _, same in sorted(shapes.items(), key=lambda item: -item[0].numel())
                for i in range(0, len(same), 4)
            ]
            list(self.pool.map(partial(self._update, group), work))

    @torch.no_grad()
    def _update(self, group: dict, parameters: list[Tensor]) -> None:
        moments = []
        for parameter in parameters:
            state = self.state[parameter]
            if not state:
                state["momentum"] = torch.zeros_like(parameter)
            moment = state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
            moments.append(parameter.grad.lerp(moment, group["momentum"]))
        rate = group["lr"]
        scale = UPDATE_RMS * max(parameters[0].shape) ** 0.5
        for parameter, update in zip(parameters, orthogonal(torch.stack(moments))):
            parameter.mul_(1 - rate * group["weight_decay"]).add_(update, alpha=-rate * scale)
