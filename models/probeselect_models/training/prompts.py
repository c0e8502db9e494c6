"""Writes the prompt files: `python -m probeselect_models.training.prompts --output models/prompts`.

The same prompts every time: unique, each in the split that `split_of` gives it.
"""

import argparse
from pathlib import Path

import numpy as np

from probeselect_models.training.scenes import caption, sample_description, split_of

COUNTS = {"train": 4000, "validation": 300, "test": 300}
SEED = 20


def prompts(counts: dict[str, int] = COUNTS, seed: int = SEED) -> dict[str, list[str]]:
    """Unique random prompts by split."""
    rng = np.random.default_rng(seed)
    chosen: dict[str, dict[str, None]] = {split: {} for split in counts}
    while any(len(chosen[split]) < count for split, count in counts.items()):
        prompt = caption(sample_description(rng))
        split = split_of(prompt)
        if split in counts and len(chosen[split]) < counts[split]:
            chosen[split][prompt] = None
    return {split: list(found) for split, found in chosen.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("models/prompts"))
    output = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    for split, lines in prompts().items():
        (output / f"{split}.txt").write_text(
            "\n".join(lines) + "\n", encoding="utf-8", newline="\n"
        )


if __name__ == "__main__":
    main()
