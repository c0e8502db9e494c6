"""A dataset of a random pipeline, as the Java side would have collected it, for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from golden.pipeline import Case, Sampler
from probeselect_models.research.recorded_shards import Shard, write_shard
from probeselect_models.training.sample import open_pipeline
from random_tokenizers import CAPTIONS

STEPS = 5
OBSERVED = [1, 2, 4]
SEEDS = 4
PROMPTS = CAPTIONS[:3]
SCALE = 3.0


def header() -> dict:
    return {
        "bundle": "random",
        "denoiserSha256": "0" * 64,
        "scheduler": {"type": "of the pipeline", "config": {}},
        "steps": STEPS,
        "guidanceScale": SCALE,
        "width": 64,
        "height": 64,
        "latents": {"channels": 4, "height": 16, "width": 16},
        "promptEmbedding": {"name": "encoder_hidden_states", "tokens": 5, "channels": 6},
        "observedAfter": OBSERVED,
        "taps": [{"name": "mid_block", "channels": 2, "gridHeight": 8, "gridWidth": 8}],
        "metrics": ["scene-reward"],
        "previews": True,
        "prompts": 6,
        "promptsSha256": "0" * 64,
        "promptsPerShard": 2,
        "seedsPerPrompt": SEEDS,
        "firstSeed": 50,
    }


def record(pipeline: Path, directory: Path) -> Path:
    """Shards 0 and 2 of three: the first two prompts and the last of them."""
    directory.mkdir()
    sampler = Sampler(open_pipeline(pipeline), pipeline)
    for first, prompts in ((0, PROMPTS[:2]), (4, PROMPTS[2:])):
        seeds = 50 + SEEDS * first + np.arange(SEEDS * len(prompts)).reshape(-1, SEEDS)
        latents = [
            [_latents(sampler, prompt, int(seed)) for seed in row]
            for prompt, row in zip(prompts, seeds)
        ]
        shard = _shard(first, prompts, seeds, np.array(latents, np.float32))
        write_shard(directory / f"shard-{first // 2:05d}.npz", shard)
    return directory


def _latents(sampler: Sampler, prompt: str, seed: int) -> np.ndarray:
    """After the observed steps of a run of this seed alone, from noise to picture."""
    _, latents = sampler.run(Case("recorded", prompt, seed, STEPS, SCALE))
    return np.stack([latents[step][0].numpy() for step in OBSERVED])


def _shard(first: int, prompts: list[str], seeds: np.ndarray, latents: np.ndarray) -> Shard:
    """All but seeds and latents is random."""
    random = np.random.default_rng(first)
    candidates, times = (len(prompts), SEEDS), len(OBSERVED)
    arrays = {
        "seeds": seeds,
        "prompt_embedding": random.random((len(prompts), 5, 6), np.float32),
        "taps/mid_block": random.random((*candidates, times, 2, 8, 8), np.float32),
        "latents": latents,
        "x0": random.random(latents.shape, np.float32),
        "guidance_gap": random.random((*candidates, times)),
        "previews/scene-reward": random.random((*candidates, times)),
        "scores/scene-reward": random.random(candidates),
        "images": random.integers(0, 256, (*candidates, 64, 64, 3), np.uint8),
    }
    return Shard(header(), first, prompts, arrays)
