"""The head that LAION's aesthetic predictor and ImageReward have in common."""

from __future__ import annotations

from torch import Tensor, nn


class RatingHead(nn.Module):
    """Features [B, width] to a rating [B]. Five affine maps with nothing in between but dropout."""

    def __init__(self, width: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(width, 1024),
            nn.Dropout(0.2),
            nn.Linear(1024, 128),
            nn.Dropout(0.2),
            nn.Linear(128, 64),
            nn.Dropout(0.1),
            nn.Linear(64, 16),
            nn.Linear(16, 1),
        )

    def forward(self, features: Tensor) -> Tensor:
        return self.layers(features)[:, 0]
