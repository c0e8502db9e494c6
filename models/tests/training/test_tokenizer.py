"""The tokenizer gives the same ids wherever it is opened."""

import pytest
from tokenizers import Tokenizer
from transformers import CLIPTokenizer

from probeselect_models.training.tokenizer import LENGTH, build_tokenizer, encode, save_tokenizer

TEXTS = [
    "a red circle",
    "Two small ORANGE crosses, on  a striped pink background",
    "",
    "Ünïcode \N{SNOWMAN} 中文 isn't in any caption!",
    "a red circle and " * 30,
]


@pytest.fixture(scope="module")
def tokenizer():
    return build_tokenizer()


def test_opened_by_either_library_it_gives_the_same_ids(tokenizer, tmp_path):
    save_tokenizer(tokenizer, tmp_path)
    by_transformers = CLIPTokenizer.from_pretrained(tmp_path)
    by_tokenizers = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    for text in TEXTS:
        ids = encode(tokenizer, [text])[0].tolist()
        assert encode(by_transformers, [text])[0].tolist() == ids
        assert by_tokenizers.encode(text).ids == ids
        assert len(ids) == LENGTH


def test_every_word_of_a_caption_is_one_id(tokenizer):
    text = "three purple crosses and an orange triangle on a checkered gray background"
    ids = encode(tokenizer, [text])[0]
    start, end, pad = tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id
    assert ids[0] == start
    assert list(ids).index(end) == len(text.split()) + 1
    assert set(ids[list(ids).index(end) + 1 :]) == {pad}


def test_no_text_is_unknown(tokenizer):
    ids = encode(tokenizer, ["ÿ☃中"])[0]
    assert list(ids).index(tokenizer.eos_token_id) > 3
    assert list(ids).count(tokenizer.eos_token_id) == 1


def test_a_long_text_is_cut_and_still_ends(tokenizer):
    assert encode(tokenizer, ["a red circle and " * 30])[0][-1] == tokenizer.eos_token_id
