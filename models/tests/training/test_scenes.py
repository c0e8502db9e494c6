"""Captions say what scenes show, and only that."""

import numpy as np
import pytest

from probeselect_models.training.prompts import prompts
from probeselect_models.training.scenes import (
    COLOURS,
    SHAPES,
    Description,
    Noun,
    arrange,
    caption,
    facts,
    parse,
    perturb,
    render,
    sample_scene,
    split_of,
)

SEED = 2026


@pytest.fixture(scope="module")
def scenes():
    print(f"seed {SEED}")
    rng = np.random.default_rng(SEED)
    return [sample_scene(rng) for _ in range(500)]


def described(text, seed=0):
    return arrange(parse(text), np.random.default_rng(seed))


def test_parsing_a_caption_gives_the_description_it_was_made_from(scenes):
    for scene in scenes:
        assert parse(caption(scene)) == scene.description


def test_a_caption_states_only_facts_of_its_own_scene(scenes):
    for scene in scenes:
        assert facts(scene, caption(scene)) == 1, caption(scene)


def test_a_perturbed_caption_is_a_caption_and_false(scenes):
    rng = np.random.default_rng(SEED)
    for scene in scenes:
        wrong = perturb(scene, rng)
        parse(wrong)
        assert 0 < facts(scene, wrong) < 1, (caption(scene), wrong)


def test_a_perturbed_caption_differs_in_one_word(scenes):
    rng = np.random.default_rng(SEED)
    for scene in scenes:
        true, wrong = (
            text.replace(" an ", " a ").replace("an ", "a ").replace(" of ", " ").split()
            for text in (caption(scene), perturb(scene, rng))
        )
        assert len(true) == len(wrong)
        assert sum(a != b for a, b in zip(true, wrong)) == 1


@pytest.mark.parametrize(
    ("shown", "said", "share"),
    [
        ("a red circle on a pink background", "a red circle on a tan background", 2 / 3),
        ("a red circle on a pink background", "a red square on a pink background", 2.5 / 3),
        ("two red circles on a pink background", "three red circles on a pink background", 3 / 5),
        ("a large red circle on a tan background", "a red circle on a tan background", 1),
        ("a red circle on a dotted tan background", "a red circle on a tan background", 1),
        (
            "a red circle left of a blue star on a tan background",
            "a red circle right of a blue star on a tan background",
            4 / 5,
        ),
        (
            "a red circle and a blue star on a tan background",
            "a blue circle and a red star on a tan background",
            3 / 4,
        ),
    ],
)
def test_facts_are_the_share_of_true_statements(shown, said, share):
    assert facts(described(shown), said) == pytest.approx(share)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a red dog",
        "an red circle on a pink background",
        "a red circles on a pink background",
        "a red circle and a red circle on a pink background",
        "four red circles and a blue star on a pink background",
        "two red circles left of a blue star on a pink background",
        "a medium red circle on a plain pink background",
    ],
)
def test_text_outside_the_grammar_is_refused(text):
    with pytest.raises(ValueError, match="not a caption"):
        parse(text)


def test_objects_lie_inside_the_picture_and_apart(scenes):
    for scene in scenes:
        for i, a in enumerate(scene.objects):
            assert a.radius < a.x < 64 - a.radius
            assert a.radius < a.y < 64 - a.radius
            for b in scene.objects[:i]:
                assert max(abs(a.x - b.x), abs(a.y - b.y)) > a.radius + b.radius


def test_an_object_is_drawn_in_its_colour_at_its_place():
    for colour, rgb in COLOURS.items():
        for shape in SHAPES:
            noun = Noun(1, "large", colour, shape)
            description = Description((noun,), None, "checkered", "gray")
            scene = arrange(description, np.random.default_rng(5))
            thing = scene.objects[0]
            pixel = render(scene)[round(thing.y), round(thing.x)]
            assert np.abs(pixel - np.asarray(rgb)).max() <= 9


def test_a_scene_is_the_same_for_the_same_seed():
    first, second = (render(sample_scene(np.random.default_rng(3))) for _ in range(2))
    assert np.array_equal(first, second)


def test_prompts_of_the_files_are_unique_and_of_their_split():
    chosen = prompts({"train": 200, "validation": 40, "test": 40})
    for split, texts in chosen.items():
        assert len(texts) == len(set(texts))
        assert {split_of(text) for text in texts} == {split}


def test_the_split_of_a_prompt_never_changes():
    assert split_of("a red circle on a pink background") == "train"
    assert split_of("a black star above a green cross on a dotted tan background") == "test"
