"""Random numbers of torch, some of each draw."""

import numpy as np
import torch

SEEDS = [0, 1, 42, 2**32, 2**32 + 42, -1, -(2**63), 2**63 - 1, 8125398413, -6098234751098234]
COUNTS = [1, 2, 15, 16, 17, 31, 64, 1024, 1030, 4 * 96 * 96]


def shortest(values):
    """Single-precision numbers with just the digits that tell them apart."""
    return [float(str(value)) for value in values.astype(np.float32)]


def noise_case(seed, count):
    """Some of the numbers of one draw, and two sums over all of them."""
    generator = torch.Generator("cpu").manual_seed(seed)
    values = torch.randn(count, generator=generator, dtype=torch.float32).numpy()
    if count <= 31:
        indices = np.arange(count)
    else:
        inner = np.linspace(16, count - 33, 8).astype(int)
        indices = np.unique(np.concatenate([[0, 8], inner, np.arange(count - 17, count)]))
    exact = values.astype(np.float64)
    return {
        "seed": seed,
        "count": count,
        "indices": indices.tolist(),
        "values": shortest(values[indices]),
        "sum": float(exact.sum()),
        "weightedSum": float((exact * (np.arange(count) % 17)).sum()),
    }


def noise_cases():
    return [noise_case(seed, count) for seed in SEEDS for count in COUNTS]
