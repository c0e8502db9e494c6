"""Complete tokenizer.json files: padding and truncation to a fixed length are inside."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerBase

CHECK_TEXT = "a red circle"


class TokenizerFileError(ValueError):
    """The tokenizers library alone does not give the ids that transformers gives."""


def save(tokenizer: PreTrainedTokenizerBase, length: int, directory: Path, file: str) -> dict:
    """Writes `file` in `directory`; returns the entry that describes it in a manifest."""
    backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    backend.enable_truncation(length)
    backend.enable_padding(
        length=length, pad_id=tokenizer.pad_token_id, pad_token=tokenizer.pad_token
    )
    for text in (CHECK_TEXT, "", " ".join([CHECK_TEXT] * length)):
        wanted = tokenizer(text, padding="max_length", max_length=length, truncation=True)
        if backend.encode(text).ids != wanted.input_ids:
            raise TokenizerFileError(
                f"{file} gives other ids than the tokenizer that it was made from, for {text[:80]!r}"
            )
    (directory / file).parent.mkdir(exist_ok=True)
    (directory / file).write_text(backend.to_str(pretty=True), encoding="utf-8")
    special = {"bosId": tokenizer.bos_token_id, "eosId": tokenizer.eos_token_id}
    return {
        "file": file,
        "length": length,
        "padId": tokenizer.pad_token_id,
        **{key: value for key, value in special.items() if value is not None},
        "check": {"text": CHECK_TEXT, "ids": backend.encode(CHECK_TEXT).ids},
    }
