"""What the text encoders and the middle of a transformer are taught is true of caption and scene."""

import numpy as np
import torch

from probeselect_models.training.flow.layout import CELLS, PARTS, LayoutReader, layout
from probeselect_models.training.flow.reading import (
    SKIP,
    WORD_ANSWERS,
    caption_answers,
    word_answers,
)
from probeselect_models.training.flow.text_encoders import training_descriptions
from probeselect_models.training.scenes import (
    COLOURS,
    SHAPES,
    SIDE,
    arrange,
    caption,
    coverage,
    parse,
    sample_description,
    sample_scene,
    split_of,
)

TEXT = "two red circles and a blue star on a striped tan background"


def answers(text, word):
    start = text.index(word)
    made = word_answers(parse(text), [(start, start + len(word))])[0]
    return dict(zip(WORD_ANSWERS, made.tolist()))


def test_every_word_of_a_noun_answers_for_the_objects_of_its_phrase():
    first = dict(noun=1, number=2, size=2, colour=1, shape=1)
    for word in ("two", "red", "circles"):
        assert answers(TEXT, word).items() >= first.items()
    second = dict(noun=2, number=1, size=2, colour=5, shape=4)
    for word in ("blue", "star"):
        assert answers(TEXT, word).items() >= second.items()
    assert set(answers(TEXT, "and").values()) == {0}


def test_words_of_the_ground_answer_for_background_and_texture():
    assert answers(TEXT, "tan") == dict.fromkeys(WORD_ANSWERS, 0) | {"background": 4, "texture": 2}


def test_a_relation_is_seen_from_either_side():
    text = "a small red circle left of a blue star on a pink background"
    assert answers(text, "red")["relation"] == 1
    assert answers(text, "star")["relation"] == 2
    assert answers(text, "red")["size"] == 1


def test_special_tokens_are_skipped():
    assert (word_answers(parse(TEXT), [(0, 0)]) == SKIP).all()


def test_a_caption_answers_for_all_its_phrases():
    assert caption_answers(parse(TEXT)).tolist() == [2, 2, 1, 1, 1, 2, 5, 4, 0, 0, 0, 0, 0, 4, 2]


def test_answers_exist_for_every_caption():
    rng = np.random.default_rng(3)
    for _ in range(300):
        d = sample_description(rng)
        assert (caption_answers(d)[::4][: len(d.nouns)] > 0).all()
        text = caption(d)
        spans = [(i, i + 1) for i in range(len(text))]
        made = word_answers(d, spans)
        assert set(made[:, 0]) == set(range(len(d.nouns) + 1))
        assert (made < list(WORD_ANSWERS.values())).all()


def test_reading_is_learnt_from_captions_of_the_training_split_only():
    assert {split_of(caption(d)) for d in training_descriptions(200, seed=4)} == {"train"}


def test_shares_of_a_cell_add_up_to_one():
    rng = np.random.default_rng(6)
    for _ in range(50):
        shares = layout(sample_scene(rng)).astype(float) / 255
        assert shares.shape == (CELLS * CELLS, sum(PARTS))
        for part in np.split(shares, [PARTS[0]], axis=1):
            np.testing.assert_allclose(part.sum(1), 1, atol=0.02)


def test_the_layout_shows_colour_and_shape_where_the_object_is():
    scene = arrange(parse("a large green square on a gray background"), np.random.default_rng(8))
    shares = layout(scene).reshape(CELLS, CELLS, -1)
    thing = scene.objects[0]
    cell = shares[int(thing.y) * CELLS // SIDE, int(thing.x) * CELLS // SIDE]
    assert cell[1 + list(COLOURS).index("green")] == 255
    assert cell[PARTS[0] + 1 + SHAPES.index("square")] == 255
    area = shares[..., 1 + list(COLOURS).index("green")].sum() / 255 * (SIDE / CELLS) ** 2
    assert abs(area - coverage(thing).sum()) < 20


def test_reading_the_layout_right_costs_least():
    torch.manual_seed(0)
    reader = LayoutReader(8)
    tokens = torch.randn(2, CELLS * CELLS, 8)
    wanted = torch.zeros(2, CELLS * CELLS, sum(PARTS), dtype=torch.uint8)
    wanted[..., 0] = wanted[..., PARTS[0]] = 255
    before = reader.loss(tokens, wanted)
    with torch.no_grad():
        reader.answer.bias[[0, PARTS[0]]] += 5
    assert reader.loss(tokens, wanted) < before
