"""Writes the cases on which a judge of scenes is tested: renders, true captions, wrong captions.

    python -m golden.judge_cases ../src/test/resources/scenes

All captions are of the test split. The renders stand side by side in one PNG, row by row; the lines of
a tab-separated file name, in the same order, the kind of word that is wrong, the true caption, and the
wrong one.
"""

import argparse
from dataclasses import fields
from pathlib import Path

import numpy as np
from PIL import Image

from probeselect_models.training import scenes

COUNT = 1000
COLUMNS = 40
SEED = 20


def cases(count: int, seed: int):
    """Yields (scene, kind of wrong word, wrong caption) of `count` different test captions."""
    rng = np.random.default_rng(seed)
    seen = set()
    while len(seen) < count:
        scene = scenes.sample_scene(rng)
        caption = scenes.caption(scene)
        if scenes.split_of(caption) != "test" or caption in seen:
            continue
        seen.add(caption)
        wrong = scenes.perturb(scene, rng)
        yield scene, changed_word(scene.description, scenes.parse(wrong)), wrong


def changed_word(true: scenes.Description, wrong: scenes.Description) -> str:
    """The kind of the one word in which two descriptions differ, such as `colour`."""
    pairs = [(true, wrong), *zip(true.nouns, wrong.nouns)]
    (name,) = [
        field.name
        for one, other in pairs
        for field in fields(one)
        if field.name != "nouns" and getattr(one, field.name) != getattr(other, field.name)
    ]
    return name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    side = scenes.SIDE
    sheet = np.zeros((-(-COUNT // COLUMNS) * side, COLUMNS * side, 3), np.uint8)
    lines = ["word\tcaption\twrong caption"]
    for i, (scene, word, wrong) in enumerate(cases(COUNT, SEED)):
        top, left = i // COLUMNS * side, i % COLUMNS * side
        sheet[top : top + side, left : left + side] = scenes.render(scene)
        lines.append(f"{word}\t{scenes.caption(scene)}\t{wrong}")
    Image.fromarray(sheet).save(folder / "judge-cases.png", optimize=True)
    (folder / "judge-cases.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
