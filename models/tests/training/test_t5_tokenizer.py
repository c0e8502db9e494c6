"""The T5 tokenizer: a word is a piece, any text has ids, and every library reads the same."""

import numpy as np
import pytest
from tokenizers import Tokenizer
from transformers import T5Tokenizer, T5TokenizerFast

from probeselect_models.training.scenes import caption, sample_description
from probeselect_models.training.settings import TextSettings
from probeselect_models.training.t5_tokenizer import build_t5_tokenizer
from probeselect_models.training.tokenizer import build_tokenizer, encode

LENGTH = TextSettings.length


@pytest.fixture(scope="module")
def tokenizer():
    return build_t5_tokenizer(LENGTH)


def test_every_word_of_a_caption_is_one_piece(tokenizer):
    text = "a red circle, three blue squares"
    pieces = tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"])
    assert pieces == ["▁a", "▁red", "▁circle", ",", "▁three", "▁blue", "▁squares", "</s>"]


def test_ids_begin_as_in_t5(tokenizer):
    assert tokenizer.convert_tokens_to_ids(["<pad>", "</s>", "<unk>"]) == [0, 1, 2]
    ids = encode(tokenizer, ["a red circle"])[0]
    assert len(ids) == LENGTH
    assert list(ids[3:]) == [1] + [0] * (LENGTH - 4)


def test_other_words_are_spelt(tokenizer):
    pieces = tokenizer.convert_ids_to_tokens(tokenizer("A Tiny 3D fish!")["input_ids"])
    assert "<unk>" not in pieces
    assert "".join(pieces[:-1]) == "▁A▁Tiny▁3D▁fish!"


def test_opened_by_either_library_it_gives_the_same_ids(tokenizer, tmp_path):
    tokenizer.save_pretrained(tmp_path)
    for opened in (
        T5TokenizerFast.from_pretrained(tmp_path),
        T5Tokenizer.from_pretrained(tmp_path),
    ):
        for text in ("a red circle, two stars", "Ünïcode ☃", "", "word " * 40):
            assert encode(opened, [text]).tolist() == encode(tokenizer, [text]).tolist()
    alone = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    alone.no_padding()
    assert alone.encode("a red circle").ids == tokenizer("a red circle")["input_ids"]


def test_no_caption_is_cut(tokenizer):
    rng = np.random.default_rng(5)
    captions = [caption(sample_description(rng)) for _ in range(2000)]
    clip = build_tokenizer()
    assert max(len(ids) for ids in tokenizer(captions)["input_ids"]) == LENGTH - 1
    assert max(len(ids) for ids in clip(captions)["input_ids"]) == LENGTH
