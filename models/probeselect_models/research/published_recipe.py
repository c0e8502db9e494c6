"""The features of the published recipe, beside what the Java side recorded of the same seeds.

    python -m probeselect_models.research.published_recipe --pipeline DIR --dataset DIR --output DIR

Runs the pipeline in diffusers with the prompts and seeds of a dataset up to one of its observations
and writes the dataset again, with the published features at that observation in place of its taps:
rows `[0::2]` of the batch, one principal component analysis per sample. A probe trained on it is
the baseline "as published". Shards that are already there stay.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from probeselect_models.families import UnsupportedPipelineError
from probeselect_models.families.taps import UnknownTapError
from probeselect_models.research.early_steps import EarlySteps
from probeselect_models.research.published_cost import Stopwatch, at_paper_size
from probeselect_models.research.published_features import every_second_row, published_features
from probeselect_models.research.recorded_shards import (
    InvalidDatasetError,
    Shard,
    common_header,
    observed_once,
    read_shard,
    shard_files,
    write_shard,
)
from probeselect_models.training.loop import Progress

TOLERANCE = 1e-3
"""Largest relative difference between latents here and latents as recorded."""
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Recipe:
    tap: str | None = None
    """The tapped module; None: the family's default."""
    fraction: float = 0.2
    components: int = 48
    grid: int = 8


def convert(
    pipeline: Path, dataset: Path, output: Path, recipe: Recipe = Recipe()
) -> dict[str, object]:
    """Writes the shards that are not there yet; returns what a sample cost, {} if none was left."""
    sources = shard_files(dataset)
    if not sources:
        raise InvalidDatasetError(f"no dataset at {dataset}: there is no shard in it")
    header = common_header(sources)
    steps = _observed_step(header, recipe.fraction)
    early = EarlySteps(pipeline, header, recipe.tap, steps)
    name, shape = f"published:{early.tap}", (recipe.components, recipe.grid, recipe.grid)
    _refuse_other_settings(output, observed_once(header, steps, name, shape))
    output.mkdir(parents=True, exist_ok=True)
    left = [source for source in sources if not (output / source.name).exists()]
    pca, denoiser = Stopwatch(), Stopwatch()
    progress = Progress(f"{header['bundle']}, shards", 0, len(left), every=1)
    for done, source in enumerate(left, start=1):
        shard = read_shard(source)
        maps, difference = _features(shard, early, recipe, pca, denoiser)
        write_shard(output / source.name, shard.observed_once(steps, name, maps))
        progress.step(done, difference_ppm=1e6 * difference)
    if not left:
        return {}
    return {
        "tap": early.tap,
        "earlySteps": steps,
        "threads": torch.get_num_threads(),
        "pcaSamples": pca.samples,
        "pcaSecondsPerSample": pca.per_sample,
        "denoiserEvaluations": denoiser.samples,
        "evaluationSecondsPerSample": denoiser.per_sample,
    }


def _observed_step(header: dict, fraction: float) -> int:
    step = max(1, math.ceil(fraction * header["steps"] - _ROUNDING))
    if step not in header["observedAfter"]:
        raise InvalidDatasetError(
            f"fraction {fraction} of {header['steps']} steps is step {step}, but the dataset was "
            f"observed after {header['observedAfter']} only"
        )
    return step


def _refuse_other_settings(output: Path, header: dict) -> None:
    there = shard_files(output)
    if there and common_header(there) != header:
        raise InvalidDatasetError(
            f"{output} holds shards of another dataset or of other settings; choose another "
            "directory or delete them"
        )


def _features(
    shard: Shard, early: EarlySteps, recipe: Recipe, pca: Stopwatch, denoiser: Stopwatch
) -> tuple[np.ndarray, float]:
    """Features [prompts, seeds, components, grid, grid], and the latents' largest difference."""
    observation = shard.header["observedAfter"].index(early.steps)
    differences, features = [], []
    for place, prompt in enumerate(shard.prompts):
        seeds = shard.arrays["seeds"][place].tolist()
        run = early.run(prompt, seeds, denoiser)
        recorded = torch.from_numpy(shard.arrays["latents"][place, :, observation])
        differences.append(_largest_difference(run.latents, recorded, prompt, seeds, early.steps))
        rows = every_second_row(run.activation)
        pca.start()
        features.append(published_features(rows, len(seeds), recipe.components, recipe.grid))
        pca.stop(len(rows))
    return torch.stack(features).numpy(), max(differences)


def _largest_difference(
    latents: Tensor, recorded: Tensor, prompt: str, seeds: list[int], step: int
) -> float:
    """Relative, over all seeds; InvalidDatasetError if this is not the recorded trajectory."""
    if latents.shape != recorded.shape:
        raise InvalidDatasetError(
            f"the pipeline's latents are {list(latents.shape[1:])}, the dataset's are "
            f"{list(recorded.shape[1:])}: it was collected with another model"
        )
    distances = (latents - recorded).flatten(1).norm(dim=1) / recorded.flatten(1).norm(dim=1)
    for seed, distance in zip(seeds, distances.tolist()):
        if not distance < TOLERANCE:
            raise InvalidDatasetError(
                f"the pipeline leaves the recorded trajectory of {prompt!r} with seed {seed}: "
                f"after {step} steps its latents differ by {distance:.2g} (relative); was the "
                "dataset collected with another model or scheduler?"
            )
    return float(distances.max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pipeline", type=Path, required=True, help="diffusers directory")
    parser.add_argument("--dataset", type=Path, required=True, help="what the Java side collected")
    parser.add_argument("--output", type=Path, required=True, help="dataset directory to write")
    parser.add_argument("--tap", metavar="MODULE", help="default: the family's first")
    parser.add_argument("--fraction", type=float, default=Recipe.fraction, help="of the steps")
    parser.add_argument("--components", type=int, default=Recipe.components)
    parser.add_argument("--grid", type=int, default=Recipe.grid, help="cells per side of a map")
    parser.add_argument("--cost", type=Path, help="default: beside the output, NAME-cost.json")
    parser.add_argument(
        "--paper-size", action="store_true", help="measure the analysis at the paper's size too"
    )
    given = parser.parse_args()
    recipe = Recipe(given.tap, given.fraction, given.components, given.grid)
    try:
        cost = convert(given.pipeline, given.dataset, given.output, recipe)
    except (UnsupportedPipelineError, UnknownTapError, InvalidDatasetError) as error:
        sys.exit(f"published_recipe failed: {error}")
    if given.paper_size:
        cost["paperSize"] = at_paper_size(given.components)
    if cost:
        text = json.dumps(cost, indent=2)
        file = given.cost or given.output.with_name(given.output.name + "-cost.json")
        file.write_text(text + "\n")
        print(text)


if __name__ == "__main__":
    main()
