"""The byte-pair tokenizer: CLIP's rules, with a small vocabulary learnt from captions."""

import copy
import json
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, trainers
from transformers import CLIPTokenizer, PreTrainedTokenizerBase

from probeselect_models.training.scenes import caption, sample_description, split_of

LENGTH = 32
"""Every prompt becomes this many ids: start, words, end, padding."""
PAD, START, END = "<|pad|>", "<|startoftext|>", "<|endoftext|>"
WORD_END = "</w>"


def build_tokenizer(captions: int = 4000, seed: int = 1) -> CLIPTokenizer:
    """A tokenizer learnt from random captions of the training split.

    Its alphabet is all 256 bytes, inside and at the end of a word, so that any text can be encoded.
    """
    rng = np.random.default_rng(seed)
    texts = (caption(sample_description(rng)) for _ in range(captions))
    merges = _learn_merges([text for text in texts if split_of(text) == "train"])
    letters = sorted(_byte_alphabet())
    words = [PAD, *letters, *(letter + WORD_END for letter in letters)]
    words += [first + second for first, second in merges]
    words = list(dict.fromkeys(words)) + [START, END]
    tokenizer = CLIPTokenizer(
        vocab={word: i for i, word in enumerate(words)},
        merges=merges,
        pad_token=PAD,
        model_max_length=LENGTH,
    )
    backend = tokenizer.backend_tokenizer
    backend.enable_truncation(LENGTH)
    backend.enable_padding(length=LENGTH, pad_id=tokenizer.pad_token_id, pad_token=PAD)
    return tokenizer


def save_tokenizer(tokenizer: PreTrainedTokenizerBase, directory: Path) -> None:
    """Writes the files that both transformers and the tokenizers library read."""
    tokenizer.save_pretrained(directory)


def shortened(tokenizer: CLIPTokenizer, length: int) -> CLIPTokenizer:
    """The same tokenizer for prompts of `length` ids."""
    shorter = copy.deepcopy(tokenizer)
    shorter.model_max_length = length
    shorter.backend_tokenizer.enable_truncation(length)
    shorter.backend_tokenizer.enable_padding(
        length=length, pad_id=shorter.pad_token_id, pad_token=shorter.pad_token
    )
    return shorter


def encode(tokenizer: PreTrainedTokenizerBase, texts: list[str]) -> np.ndarray:
    """Ids of texts, int64 [number of texts, the tokenizer's length]."""
    length = tokenizer.model_max_length
    ids = tokenizer(texts, padding="max_length", truncation=True, max_length=length)["input_ids"]
    return np.asarray(ids, np.int64)


def _byte_alphabet() -> list[str]:
    from tokenizers.pre_tokenizers import ByteLevel

    return ByteLevel.alphabet()


def _learn_merges(texts: list[str]) -> list[tuple[str, str]]:
    plain = CLIPTokenizer().backend_tokenizer
    learner = Tokenizer(models.BPE(end_of_word_suffix=WORD_END))
    learner.normalizer = plain.normalizer
    learner.pre_tokenizer = plain.pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=2000, min_frequency=2, end_of_word_suffix=WORD_END, show_progress=False
    )
    learner.train_from_iterator(texts, trainer)
    merges = json.loads(learner.to_str())["model"]["merges"]
    return [tuple(merge) for merge in merges]
