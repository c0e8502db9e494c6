"""The T5 tokenizer: whole words where captions have them, single characters for any other text."""

import math
import string
from collections import Counter

import numpy as np
from tokenizers import pre_tokenizers
from transformers import T5Tokenizer

from probeselect_models.training.scenes import caption, sample_description, split_of

PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"
SPACE = "\u2581"
"""Stands for the space before a word."""
RARE = -20.0
"""Log probability of a piece that no caption needs."""


def build_t5_tokenizer(length: int, captions: int = 4000, seed: int = 2) -> T5Tokenizer:
    """A unigram tokenizer for prompts of `length` ids, learnt from captions of the training split.

    A unigram model is a list of pieces with their log probabilities. Captions use so few words that
    every word is a piece, as likely as it is frequent. All printable ASCII can be encoded, by single
    characters if need be; any other character becomes the unknown token.
    """
    rng = np.random.default_rng(seed)
    texts = (caption(sample_description(rng)) for _ in range(captions))
    counts = Counter(
        piece for text in texts if split_of(text) == "train" for piece in _pieces(text)
    )
    total = counts.total()
    score = {piece: math.log(count / total) for piece, count in sorted(counts.items())}
    for letter in (SPACE, *string.ascii_letters, *string.digits, *string.punctuation):
        score.setdefault(letter, RARE)
    special = [(PAD, 0.0), (END, 0.0), (UNKNOWN, 2 * RARE)]
    return T5Tokenizer(
        vocab=special + list(score.items()),
        extra_ids=0,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        model_max_length=length,
    )


def _pieces(text: str) -> list[str]:
    """Words, each with the mark of the space before it, and punctuation marks."""
    words = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always", split=True),
            pre_tokenizers.Punctuation(),
        ]
    )
    return [piece for piece, _ in words.pre_tokenize_str(text)]
