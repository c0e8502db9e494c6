"""Complete tokenizer.json files: padding and truncation to a fixed length are inside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count, islice, product
from pathlib import Path
from string import ascii_lowercase

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerBase

CHECK_TEXT = "a red circle"
_PROSE = (
    "A red circle.",
    "two caf\u00e9s, it's 3.5 m away",
    "  CAFE\u0301\t\u21165 \u2014\n 日本語  😀👍🏽 <b>ﬁn</b>!!! ",
)
"""With a final period and without; with what normalizers change and what is split into single bytes."""


class TokenizerFileError(ValueError):
    """The tokenizers library alone does not give the ids that transformers gives."""


def save(
    tokenizer: PreTrainedTokenizerBase,
    length: int,
    directory: Path,
    file: str,
    encoder: str | None = None,
) -> dict:
    """Writes `file` in `directory`; returns the entry that describes it in a manifest.

    `encoder` is what to call the text encoder that reads its ids.
    """
    backend = _backend(tokenizer, length, file)
    texts = _texts(tokenizer, length)
    kept = {text: _verified(backend, tokenizer, length, file, text) for text in texts}
    (directory / file).parent.mkdir(exist_ok=True)
    (directory / file).write_text(backend.to_str(pretty=True), encoding="utf-8")
    check, *checks = ({"text": text, "ids": ids} for text, ids in kept.items())
    return {
        "file": file,
        **({} if encoder is None else {"encoder": encoder}),
        "length": length,
        "padId": tokenizer.pad_token_id,
        **_special_ids(backend, tokenizer),
        "check": check,
        "checks": checks,
    }


def missing_special_token(
    tokenizer: PreTrainedTokenizerBase, directory: Path
) -> tuple[str, str] | None:
    """A special token that the files of the tokenizer lack, and the file that should hold it.

    transformers gives such a token a new id, for which the text encoder has no embedding.
    """
    file = "tokenizer.json"
    tokens = tokenizer.all_special_tokens
    if (directory / file).is_file():
        known = set(Tokenizer.from_file(str(directory / file)).get_vocab(with_added_tokens=True))
    else:
        # Such as vocab.json, without the further tokens that some classes always add, T5 its extra ids.
        names = tokenizer.vocab_files_names.values()
        file = next((name for name in names if (directory / name).is_file()), file)
        known = set(tokenizer.backend_tokenizer.get_vocab(with_added_tokens=False))
        known |= _added_tokens(directory)
        roles = ("bos_token", "eos_token", "unk_token", "pad_token", "cls_token", "sep_token")
        tokens = [token for token in (getattr(tokenizer, role) for role in roles) if token]
    return next(((token, file) for token in tokens if token not in known), None)


def _added_tokens(directory: Path) -> set[str]:
    """Those that a tokenizer without tokenizer.json has, with ids, beside its vocabulary."""
    beside = directory / "added_tokens.json"
    config = directory / "tokenizer_config.json"
    added = set(_object(beside)) if beside.is_file() else set()
    decoder = _object(config).get("added_tokens_decoder", {}) if config.is_file() else {}
    return added | {entry["content"] for entry in decoder.values()}


def _object(file: Path) -> dict:
    return json.loads(file.read_text(encoding="utf-8-sig"))


def _backend(tokenizer: PreTrainedTokenizerBase, length: int, file: str) -> Tokenizer:
    kind = type(tokenizer).__name__
    if getattr(tokenizer, "backend_tokenizer", None) is None:
        raise TokenizerFileError(
            f"{file}: a {kind} works without the tokenizers library, which is all that a reader has"
        )
    if tokenizer.truncation_side != "right":
        raise TokenizerFileError(
            f"{file}: truncation_side of the {kind} is {tokenizer.truncation_side!r}; only "
            "tokenizers that cut a too long text at its end are supported"
        )
    backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    backend.enable_truncation(length)
    backend.enable_padding(
        length=length,
        direction=tokenizer.padding_side,
        pad_id=tokenizer.pad_token_id,
        pad_token=tokenizer.pad_token,
    )
    return backend


def _texts(tokenizer: PreTrainedTokenizerBase, length: int) -> list[str]:
    """Texts in which a mistake shows: of ordinary kinds, empty, and of lengths around the limit."""
    sizes: dict[int, str] = {}
    for words in count(0):
        text = " ".join(islice(_words(), words))
        tokens = len(tokenizer(text, verbose=False).input_ids)
        sizes[tokens] = text
        if tokens > length + 1 or words > length + 1:
            break
    around = [sizes[size] for size in (length, length + 1, max(sizes)) if size in sizes]
    return list(dict.fromkeys([CHECK_TEXT, "", *_PROSE, *around]))


def _words() -> Iterator[str]:
    """Of one letter, of two and so on, no word twice: the end of a text is unlike its beginning."""
    for letters in count(1):
        yield from map("".join, product(ascii_lowercase, repeat=letters))


def _verified(
    backend: Tokenizer, tokenizer: PreTrainedTokenizerBase, length: int, file: str, text: str
) -> list[int]:
    """The ids of a text, which both libraries give, as many as `length`."""
    wanted = tokenizer(text, padding="max_length", max_length=length, truncation=True).input_ids
    found = backend.encode(text).ids
    if found != wanted:
        raise TokenizerFileError(
            f"{file} gives other ids than the tokenizer that it was made from, for {text[:80]!r}: "
            f"{found}, expected were {wanted}"
        )
    if len(found) != length:
        raise TokenizerFileError(
            f"{file} gives {len(found)} ids for {text[:80]!r}, expected were {length}"
        )
    return found


def _special_ids(backend: Tokenizer, tokenizer: PreTrainedTokenizerBase) -> dict:
    """Those of begin and end that a text is really given."""
    encoding = backend.encode("")
    ids = [i for i, kept in zip(encoding.ids, encoding.attention_mask) if kept]
    special = {}
    if ids and ids[0] == tokenizer.bos_token_id:
        special["bosId"] = ids[0]
    if ids and ids[-1] == tokenizer.eos_token_id:
        special["eosId"] = ids[-1]
    return special
