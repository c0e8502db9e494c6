"""Files of prompts are read or refused as in Java, by the same files."""

import json
from pathlib import Path

import pytest

from places import DJL_RESOURCES
from probeselect_models.files.prompt_file import PromptFileError, read_prompts

FILES = json.loads((DJL_RESOURCES / "prompts/files.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", FILES, ids=[vector["name"] for vector in FILES])
def test_a_file_is_read_or_refused_by_its_line(vector: dict, tmp_path: Path) -> None:
    path = tmp_path / "prompts.txt"
    path.write_bytes(bytes.fromhex(vector["hex"]))
    if "prompts" in vector:
        assert read_prompts(path) == vector["prompts"]
        return
    with pytest.raises(PromptFileError) as refusal:
        read_prompts(path)
    line = "no prompt" if vector["line"] is None else f"line {vector['line']}:"
    assert line in str(refusal.value) and str(path) in str(refusal.value)


def test_the_first_ones_are_read_but_all_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "prompts.txt"
    path.write_bytes(b"a\nb\nc\n")
    assert read_prompts(path, 2) == ["a", "b"]
    path.write_bytes(b"a\nb\n\0")
    with pytest.raises(PromptFileError, match="line 3"):
        read_prompts(path, 1)
