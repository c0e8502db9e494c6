"""What `scene-reward` is trained on: flawed pictures, flawed captions, and no prompt of another split."""

import numpy as np
import torch

from probeselect_models.training import scenes
from probeselect_models.training.reward_examples import CAPTIONS, cell_labels, example, flawed, worn


def test_every_caption_is_of_the_training_split_and_its_truth_lies_between_0_and_1():
    rng = np.random.default_rng(1)
    examples = [example(rng) for _ in range(300)]
    for made in examples:
        assert len(made.captions) == len(made.truth) == CAPTIONS
        assert all(scenes.split_of(text) == "train" for text in made.captions)
        assert all(0 <= share <= 1 for share in made.truth)
        if made.flawless:
            assert made.truth[0] == 1 and max(made.truth[1:3]) < 1
    assert {made.flawless for made in examples} == {True, False}


def test_a_flaw_often_makes_the_caption_less_true_and_never_leaves_the_picture():
    rng = np.random.default_rng(2)
    truths = []
    for _ in range(300):
        scene = scenes.sample_scene(rng)
        spoilt = flawed(scene, rng)
        truths.append(scenes.facts(spoilt, scenes.caption(scene)))
        assert all(t.radius <= t.x <= 64 - t.radius for t in spoilt.objects)
        assert all(t.radius <= t.y <= 64 - t.radius for t in spoilt.objects)
    assert 0.3 < np.mean(np.array(truths) < 1) < 0.95


def test_a_third_caption_has_the_wrong_relation_where_there_is_one():
    rng = np.random.default_rng(6)
    related = [
        e for e in (example(rng) for _ in range(200)) if scenes.parse(e.captions[0]).relation
    ]
    changed = [
        scenes.parse(e.captions[2]).relation != scenes.parse(e.captions[0]).relation
        for e in related
    ]
    assert len(related) > 60
    assert np.mean(changed) > 0.9


def test_cell_labels_find_every_object():
    rng = np.random.default_rng(3)
    for _ in range(100):
        scene = scenes.sample_scene(rng)
        colours, shapes, _ = cell_labels(scene)
        there = {tuple(scenes.COLOURS).index(t.colour) + 1 for t in scene.objects}
        assert set(colours) - {0} == there
        assert ((colours > 0) == (shapes > 0)).all()


def test_worn_pictures_stay_in_range_and_repeat_with_the_generator():
    pictures = torch.rand(8, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    first = worn(pictures, torch.Generator().manual_seed(4))
    again = worn(pictures, torch.Generator().manual_seed(4))
    assert torch.equal(first, again)
    assert first.min() >= 0 and first.max() <= 1
    assert (first - pictures).abs().mean() < 0.15
