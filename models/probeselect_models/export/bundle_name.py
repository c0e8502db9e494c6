"""What an exported bundle is called where nobody said."""

from __future__ import annotations

import json
import re
from pathlib import Path

_GENERIC = re.compile(
    r"(pipe|pipeline|pipelines|model|models|checkpoint|checkpoints|snapshot|snapshots"
    r"|output|outputs|weights|diffusers|export|exports|latest|main)|checkpoint-\d+|[0-9a-f]{40}|\.?",
    re.IGNORECASE,
)
"""Folders that are called after what lies in them, whatever model it is."""


class BundleNameError(Exception):
    """A name that no file could hold."""


def default(pipeline: Path, family: str) -> str:
    """The pipeline's folder, if its name says something; else what the pipeline was loaded from,
    the next folder around it that says something, or the family."""
    pipeline = pipeline.resolve()
    folders = [_model(folder) for folder in (pipeline.name, *(f.name for f in pipeline.parents))]
    near = [folders[0], _model(_loaded_from(pipeline)), *folders[1:3]]
    return next((name for name in near if not _GENERIC.fullmatch(name)), family)


def check(name: str) -> str:
    if not name.strip():
        raise BundleNameError("the name of the bundle is empty; give another --name")
    try:
        name.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BundleNameError(
            f"the name of the bundle is not UTF-8 at index {error.start}; give another --name"
        ) from error
    if "\0" in name:
        raise BundleNameError("the name of the bundle contains a NUL; give another --name")
    return name


def _model(text: str) -> str:
    """The last part of a repository's name: of `models--OWNER--NAME` in a download cache too."""
    if text.startswith("models--"):
        return text.rsplit("--", 1)[1]
    return text.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def _loaded_from(pipeline: Path) -> str:
    try:
        index = json.loads((pipeline / "model_index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    name = index.get("_name_or_path") if isinstance(index, dict) else None
    return name if isinstance(name, str) else ""
