"""Datasets of the Java side, one shard at a time; docs/dataset-format.md describes them."""

from __future__ import annotations

import io
import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np

FORMAT_VERSION = 1
_META = "meta.json"
_OBSERVED = re.compile(r"latents|x0|guidance_gap|previews/.+")
"""Arrays, besides the taps, whose third dimension is the observation."""


class InvalidDatasetError(ValueError):
    """A directory or file is not the dataset that was asked for."""


@dataclass(frozen=True)
class Shard:
    """Some prompts of a dataset with all that was recorded of them."""

    header: dict
    first_prompt: int
    prompts: list[str]
    arrays: dict[str, np.ndarray]

    def observed_once(self, step: int, tap: str, maps: np.ndarray) -> Shard:
        """What was recorded after `step` steps, with maps [P, S, C, h, w] in place of the taps."""
        at = self.header["observedAfter"].index(step)
        arrays = {
            name: array[:, :, at : at + 1] if _OBSERVED.fullmatch(name) else array
            for name, array in self.arrays.items()
            if not name.startswith("taps/")
        }
        header = observed_once(self.header, step, tap, maps.shape[2:])
        arrays[f"taps/{tap}"] = maps[:, :, None]
        return replace(self, header=header, arrays=arrays)


def observed_once(header: dict, step: int, tap: str, shape: tuple[int, ...]) -> dict:
    """The header of a dataset with one observation and one tap of `shape` [C, h, w]."""
    channels, height, width = shape
    entry = {"name": tap, "channels": channels, "gridHeight": height, "gridWidth": width}
    return {**header, "observedAfter": [step], "taps": [entry]}


def shard_files(directory: Path) -> list[Path]:
    """The shards that are there, in the order of their names."""
    return sorted(
        path for path in directory.glob("shard-*.npz") if re.fullmatch(r"shard-\d+", path.stem)
    )


def common_header(files: list[Path]) -> dict:
    """The header of all shards; InvalidDatasetError if one has another."""
    first, *others = files
    header = _read(first, arrays=False).header
    for file in others:
        found = _read(file, arrays=False).header
        for name in {**header, **found}:
            if header.get(name) != found.get(name):
                raise InvalidDatasetError(
                    f"shard {file} was made with {name} = {found.get(name)}, but {first} has "
                    f"{header.get(name)}; keep them in two directories"
                )
    return header


def read_shard(file: Path) -> Shard:
    """A whole shard, checksums checked; InvalidDatasetError if it is not one."""
    return _read(file, arrays=True)


def _read(file: Path, *, arrays: bool) -> Shard:
    """The description, with all arrays or none."""
    try:
        with ZipFile(file) as archive:
            meta = json.loads(archive.read(_META))
            if meta["formatVersion"] != FORMAT_VERSION:
                raise ValueError(f"format version {meta['formatVersion']}, not {FORMAT_VERSION}")
            names = [name for name in archive.namelist() if arrays and name != _META]
            pieces = {
                name.removesuffix(".npy"): np.load(io.BytesIO(archive.read(name))) for name in names
            }
            return Shard(meta["header"], meta["firstPrompt"], meta["prompts"], pieces)
    except (BadZipFile, KeyError, ValueError) as error:
        raise InvalidDatasetError(
            f"shard {file} cannot be read: {error}; collect it again"
        ) from error


def write_shard(file: Path, shard: Shard) -> None:
    """Writes under a temporary name and renames, so that the file is whole or absent.

    Nothing is compressed and every time stamp is the same, so that equal content makes equal files.
    """
    meta = {
        "formatVersion": FORMAT_VERSION,
        "header": shard.header,
        "firstPrompt": shard.first_prompt,
        "prompts": shard.prompts,
    }
    partial = file.with_name(file.name + ".tmp")
    with ZipFile(partial, "w") as archive:
        archive.writestr(ZipInfo(_META), json.dumps(meta, indent=2))
        for name, array in shard.arrays.items():
            piece = io.BytesIO()
            np.lib.format.write_array(piece, np.ascontiguousarray(array), version=(1, 0))
            archive.writestr(ZipInfo(name + ".npy"), piece.getvalue())
    os.replace(partial, file)
