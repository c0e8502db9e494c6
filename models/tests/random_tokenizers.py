"""Small tokenizers of every kind whose vocabulary is the words of a few captions."""

from __future__ import annotations

import string

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertTokenizer, CLIPTokenizer, PreTrainedTokenizerFast

LENGTH = 32
T5_LENGTH = 24
METRIC_LENGTH = 16
CAPTIONS = [
    "a red circle left of a small blue square on a gray background",
    "two green stars and a white cross on a dotted cyan background",
    "a large purple triangle on a striped pink background",
    "an orange circle above a black star on a checkered tan background",
    "three yellow crosses and a red square on a plain gray background",
    "four small squares, a large circle and a star right of a cross below a triangle",
]


WORDS = sorted({word for caption in CAPTIONS for word in caption.replace(",", " ,").split()})
"""The tokenizers are made of these and not trained: training orders its result at random."""


LETTERS = [letter + end for letter in string.ascii_lowercase + "," for end in ("", "</w>")]


def merged_pairs() -> list[tuple[str, str]]:
    """What a byte-pair tokenizer merges that reads the words of the captions from left to right."""
    merges: dict[tuple[str, str], None] = {}
    for word in WORDS:
        left, *rest = [*word[:-1], word[-1] + "</w>"]
        for right in rest:
            merges[left, right] = None
            left += right
    return list(merges)


def tokenizer(pad_token: str = "<|pad|>", length: int = LENGTH) -> PreTrainedTokenizerFast:
    """A BPE tokenizer that merges the words of the captions from left to right, padded with id 0."""
    specials = ["<|pad|>", "<|startoftext|>", "<|endoftext|>"]
    merges = merged_pairs()
    tokens = dict.fromkeys([*specials, *LETTERS, *map("".join, merges)])
    bpe = Tokenizer(
        models.BPE(
            vocab={token: i for i, token in enumerate(tokens)},
            merges=merges,
            unk_token="<|endoftext|>",
            end_of_word_suffix="</w>",
        )
    )
    bpe.add_special_tokens(specials)
    bpe.normalizer = normalizers.Lowercase()
    bpe.pre_tokenizer = pre_tokenizers.Whitespace()
    bos, eos = (bpe.token_to_id(token) for token in ("<|startoftext|>", "<|endoftext|>"))
    bpe.post_processor = processors.TemplateProcessing(
        single="<|startoftext|> $A <|endoftext|>",
        special_tokens=[("<|startoftext|>", bos), ("<|endoftext|>", eos)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token="<|startoftext|>",
        eos_token="<|endoftext|>",
        pad_token=pad_token,
        model_max_length=length,
    )


def t5_tokenizer(length: int = T5_LENGTH) -> PreTrainedTokenizerFast:
    """A unigram tokenizer as T5 has it: an end token, no begin token, padded with id 0."""
    specials = [(token, 0.0) for token in ("<pad>", "</s>", "<unk>")]
    words = [("▁" + word, -3.0) for word in WORDS]
    letters = [(letter, -6.0) for letter in "▁" + string.ascii_lowercase]
    unigram = Tokenizer(models.Unigram([*specials, *words, *letters], unk_id=2))
    unigram.add_special_tokens([token for token, _ in specials])
    unigram.normalizer = normalizers.Lowercase()
    unigram.pre_tokenizer = pre_tokenizers.Metaspace()
    unigram.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", unigram.token_to_id("</s>"))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=unigram,
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=length,
    )


def clip_tokenizer() -> CLIPTokenizer:
    """Merges the words of the captions from left to right; the end token has the highest id."""
    merges = merged_pairs()
    words = dict.fromkeys([*LETTERS, *map("".join, merges)])
    tokens = [*words, "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(
        vocab={token: i for i, token in enumerate(tokens)},
        merges=merges,
        model_max_length=METRIC_LENGTH,
    )


def bert_tokenizer() -> BertTokenizer:
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [f"##{letter}" for letter in string.ascii_lowercase]
    tokens = dict.fromkeys([*specials, *WORDS, *string.ascii_lowercase, ",", *pieces])
    return BertTokenizer(vocab={token: i for i, token in enumerate(tokens)}, model_max_length=512)
