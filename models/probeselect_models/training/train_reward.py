"""Trains the small judge `scene-reward`.

    python -m probeselect_models.training.train_reward --output DIR

After a stop the same command goes on where it was.

Several things are learnt at once: the score (the share of true statements, and the order of the captions
of one picture), which word of a caption is wrong, where the object stands that a word is about, how the
two objects stand to each other that a relation is about, and what is in each part of the picture. All but
the first are left out of the judge once it is trained; they make it learn from far fewer pictures.
"""

from __future__ import annotations

import argparse
import copy
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from probeselect_models.metrics import scene_reward
from probeselect_models.training.loop import (
    Progress,
    learning_rate,
    load_if_present,
    save_whole,
    seed_step,
    set_learning_rate,
)
from probeselect_models.training.reward_examples import (
    CAPTIONS,
    Example,
    cell_labels,
    example,
    ground_labels,
    places,
    worn,
)
from probeselect_models.training.scenes import (
    BACKGROUNDS,
    COLOURS,
    RELATIONS,
    SHAPES,
    SIZES,
    TEXTURES,
    arrange,
    caption,
    parse,
    perturb,
    render,
    sample_description,
    split_of,
)
from probeselect_models.training.tokenizer import LENGTH, build_tokenizer, encode

BATCH = 32
RATE = 1e-3
DECAY = 0.998
CHECKPOINT_EVERY = 250
SCORE_RANGE = 6.0
"""The score of a picture that satisfies a share f of the statements is about 6 * (f - 1/2)."""


class Lessons(nn.Module):
    """The judge with the heads of its side tasks."""

    def __init__(self, judge: scene_reward.SceneReward):
        super().__init__()
        width = judge.config.width
        self.judge = judge
        self.cells = nn.Linear(width, len(COLOURS) + len(SHAPES) + len(SIZES) + 3)
        self.ground = nn.Linear(width, len(BACKGROUNDS) + len(TEXTURES) + 6)
        self.wrong = nn.Linear(width, 1)
        self.place = nn.Linear(width, 2)
        self.apart = nn.Linear(width, 2)

    def losses(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        seen = self.judge.picture(batch["pictures"])
        ids = batch["ids"].flatten(0, 1)
        said = scene_reward.words_said(ids, self.judge.config.eos_id)
        readings = self.judge.readings(seen, ids, said)
        words = self.judge.norm(readings[-1])
        scores = self.judge.judge(words, said).view(-1, CAPTIONS)
        wrong = self.wrong(words).view(*batch["ids"].shape)
        place = self.place(readings[0]).view(*batch["ids"].shape, 2)[:, 0]
        placed = ~batch["place"].isnan()
        apart = self.apart(readings[1]).view(*batch["ids"].shape, 2)
        related = ~batch["apart"].isnan()
        return {
            "score": _score_loss(scores, batch["truth"]),
            "order": _order_loss(scores, batch["truth"]),
            "words": _masked_bce(wrong, batch["wrong"], batch["known"]),
            "place": F.smooth_l1_loss(place[placed], batch["place"][placed], beta=0.2),
            "apart": F.smooth_l1_loss(apart[related], batch["apart"][related], beta=0.2),
            "cells": _split_ce(self.cells(seen), batch["cells"], (9, 6, 4)),
            "ground": _split_ce(self.ground(seen.mean(1)), batch["ground"], (4, 4, 6)),
        }


def _score_loss(scores: Tensor, truth: Tensor) -> Tensor:
    return F.smooth_l1_loss(scores, SCORE_RANGE * (truth - 0.5))


def _order_loss(scores: Tensor, truth: Tensor) -> Tensor:
    better = truth[:, :, None] - truth[:, None, :] > 0.02
    lead = scores[:, :, None] - scores[:, None, :]
    return F.softplus(-4 * lead[better]).mean()


def _masked_bce(logits: Tensor, target: Tensor, known: Tensor) -> Tensor:
    weight = torch.where(target > 0, 4.0, 1.0)[known]
    return F.binary_cross_entropy_with_logits(logits[known], target[known], weight)


def _split_ce(logits: Tensor, labels: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Sum of the cross-entropies of several labels whose logits stand side by side."""
    parts = logits.split(sizes, -1)
    return sum(
        F.cross_entropy(part.flatten(0, -2), labels[:, i].flatten()) for i, part in enumerate(parts)
    )


def batch_of(examples: list[Example], tokenizer, generator: torch.Generator) -> dict[str, Tensor]:
    pictures = torch.from_numpy(np.stack([e.picture for e in examples])).permute(0, 3, 1, 2) / 255
    ids = torch.from_numpy(encode(tokenizer, [text for e in examples for text in e.captions]))
    ids = ids[:, : int((ids != 0).sum(1).max())].view(len(examples), CAPTIONS, -1)
    said = ids != 0
    changed = (ids != ids[:, :1]) & said
    same_length = (said.sum(2) == said[:, :1].sum(2))[:, :, None]
    one_word = torch.tensor([True, True, True, False])[None, :, None]
    flawless = torch.tensor([e.flawless for e in examples])[:, None, None]
    return {
        "pictures": worn(pictures, generator),
        "ids": ids,
        "truth": torch.tensor([e.truth for e in examples], dtype=torch.float32),
        "wrong": changed.float(),
        "known": said & same_length & one_word & flawless,
        "place": _place_of_words(examples, ids[:, 0], tokenizer),
        "apart": _displacement_at_relations(examples, ids, tokenizer),
        "cells": torch.from_numpy(np.stack([cell_labels(e.scene) for e in examples])),
        "ground": torch.tensor([ground_labels(e.scene) for e in examples]),
    }


def _place_of_words(examples: list[Example], ids: Tensor, tokenizer) -> Tensor:
    """Where the object of each colour and shape word is, [B, L, 2]; not a number at other words."""
    colours = torch.from_numpy(encode(tokenizer, list(COLOURS)))[:, 1]
    place = torch.full((*ids.shape, 2), torch.nan)
    for row, made in enumerate(examples):
        if made.flawless:
            nouns = torch.isin(ids[row], colours).nonzero()[:, 0].tolist()
            for word, centre in zip(nouns, torch.from_numpy(places(made.scene))):
                place[row, word] = place[row, word + 1] = centre
    return place


def _displacement_at_relations(examples: list[Example], ids: Tensor, tokenizer) -> Tensor:
    """From the first object to the second, [B, captions, L, 2], at the relation's first word.

    Only in captions that name the two objects of the picture; not a number elsewhere. The relation itself
    may be false, so that the displacement can be learnt from the picture only.
    """
    words = [relation.split()[0] for relation in RELATIONS]
    relations = torch.from_numpy(encode(tokenizer, words))[:, 1]
    apart = torch.full((*ids.shape, 2), torch.nan)
    for row, made in enumerate(examples):
        description = made.scene.description
        if made.flawless and description.relation:
            first, second, _ = torch.from_numpy(places(made.scene))
            for i, text in enumerate(made.captions):
                if parse(text).nouns == description.nouns:
                    apart[row, i][torch.isin(ids[row, i], relations)] = second - first
    return apart


WEIGHTS = {
    "score": 1.0,
    "order": 1.0,
    "words": 0.5,
    "place": 1.0,
    "apart": 1.0,
    "cells": 0.3,
    "ground": 0.2,
}


def train(output: Path, steps: int, start: Path | None = None, seed: int = 11) -> None:
    """Trains for `steps` in all; `start` has the weights to begin with, unless there is a checkpoint."""
    torch.manual_seed(seed)
    tokenizer = build_tokenizer()
    check = tuple(encode(tokenizer, [scene_reward.CHECK_TEXT])[0].tolist())
    config = scene_reward.RewardConfig(len(tokenizer), LENGTH, tokenizer.eos_token_id, check)
    judge = scene_reward.SceneReward(config)
    if start:
        judge = scene_reward.grown(scene_reward.load(start), config.fusion_layers).train()
    lessons = Lessons(judge)
    average = copy.deepcopy(judge).requires_grad_(False)
    optimizer = torch.optim.AdamW(lessons.parameters(), lr=RATE, weight_decay=0.02)
    checkpoint = output / "checkpoint.pt"
    first = 0
    if saved := load_if_present(checkpoint):
        lessons.load_state_dict(saved["lessons"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["step"]
    progress = Progress("scene-reward", first, steps)
    for step in range(first, steps):
        set_learning_rate(optimizer, learning_rate(step, steps, RATE, 100))
        rng = np.random.default_rng((seed, step))
        examples = [example(rng) for _ in range(BATCH)]
        losses = lessons.losses(batch_of(examples, tokenizer, seed_step(seed, step)))
        optimizer.zero_grad()
        sum(WEIGHTS[name] * loss for name, loss in losses.items()).backward()
        nn.utils.clip_grad_norm_(lessons.parameters(), 1.0)
        optimizer.step()
        with torch.no_grad():
            decay = min(DECAY, (step + 1) / (step + 10))
            for mean, weight in zip(average.parameters(), lessons.judge.parameters()):
                mean.lerp_(weight, 1 - decay)
        done = step + 1
        progress.step(done, **{name: float(loss.detach()) for name, loss in losses.items()})
        if done % CHECKPOINT_EVERY == 0 or done == steps:
            state = {
                "lessons": lessons.state_dict(),
                "average": average.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": done,
            }
            save_whole(state, checkpoint)
            scene_reward.save(average, output)
            right = validation_accuracy(average, tokenizer)
            print(f"validation: true above wrong {right:.3f}", file=sys.stderr, flush=True)


@torch.no_grad()
def validation_accuracy(judge: scene_reward.SceneReward, tokenizer, count: int = 300) -> float:
    """Share of clean validation renders whose caption scores above the same with a wrong word."""
    rng = np.random.default_rng(3)
    scenes = []
    while len(scenes) < count:
        description = sample_description(rng)
        if split_of(caption(description)) == "validation":
            scenes.append(arrange(description, rng))
    pictures = torch.from_numpy(np.stack([render(s) for s in scenes])).permute(0, 3, 1, 2) / 255
    true = torch.from_numpy(encode(tokenizer, [caption(s) for s in scenes]))
    wrong = torch.from_numpy(encode(tokenizer, [perturb(s, rng) for s in scenes]))
    return float((judge(pictures, true) > judge(pictures, wrong)).float().mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("build/scene-reward"))
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument(
        "--start", type=Path, help="directory of a trained scene-reward to go on from"
    )
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    train(given.output, given.steps, given.start)


if __name__ == "__main__":
    main()
