"""Directories that a JSON file describes: checksums, and a write that is either whole or not there."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
"""Describes a bundle."""
_NUMBER_LIST = re.compile(r"\[\s+\d+(?:,\s+\d+)*\s+\]")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(directory: Path, manifest: dict, name: str = MANIFEST) -> None:
    """Writes the manifest with the size and checksum of every other file of the directory."""
    paths = sorted(p for p in directory.rglob("*") if p.is_file() and p != directory / name)
    files = {
        path.relative_to(directory).as_posix(): {
            "sha256": sha256(path),
            "bytes": path.stat().st_size,
        }
        for path in paths
    }
    text = json.dumps({**manifest, "files": files}, indent=2, ensure_ascii=False)
    text = _NUMBER_LIST.sub(lambda found: "[" + " ".join(found[0][1:-1].split()) + "]", text)
    (directory / name).write_text(text + "\n", encoding="utf-8")


def kept_probes(old: Path, fresh: Path) -> list[dict]:
    """Copies the probes of an older bundle that has the same denoiser; returns their entries."""
    if not (old / MANIFEST).is_file():
        return []
    before = json.loads((old / MANIFEST).read_text(encoding="utf-8"))
    denoiser = before["denoiser"]["file"]
    if before["files"][denoiser]["sha256"] != sha256(fresh / "denoiser.pt"):
        return []
    entries = before.get("probes", [])
    for folder in {Path(entry["file"]).parent for entry in entries}:
        shutil.copytree(old / folder, fresh / folder)
    return entries


class NotReplaceableError(ValueError):
    """What stands at the place of a new bundle is none."""


def check_replaceable(old: Path) -> None:
    """Raises NotReplaceableError if an older bundle has a manifest that `kept_probes` could not read."""
    if not (old / MANIFEST).is_file():
        return
    try:
        before = json.loads((old / MANIFEST).read_text(encoding="utf-8"))
        before["files"][before["denoiser"]["file"]]["sha256"]
        [entry["file"] for entry in before.get("probes", [])]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotReplaceableError(
            f"{old / MANIFEST} is of no bundle that could be replaced ({type(error).__name__}: "
            f"{error}); choose another --output"
        ) from error


@contextmanager
def replacing(target: Path, name: str = MANIFEST) -> Iterator[Path]:
    """A new directory that takes the place of `target` when the block ends without an error.

    Refuses to replace a directory that has something in it but no manifest of that `name`.
    """
    if target.exists() and not (target / name).is_file() and any(target.iterdir()):
        raise FileExistsError(f"{target} exists and has no {name}; choose another --output")
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        fresh = work / "new"
        fresh.mkdir()
        yield fresh
        if target.exists():
            target.rename(work / "old")
        fresh.rename(target)
    finally:
        shutil.rmtree(work)
