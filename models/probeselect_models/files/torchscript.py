"""Traced modules, saved so that the same weights give the same bytes on every machine."""

from __future__ import annotations

import shutil
import warnings
import zipfile
from pathlib import Path

import torch
from torch import nn

from probeselect_models.files import devices

_ALIGNMENT = 64
_CHUNK = 1 << 22
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write(module: nn.Module, inputs: dict[str, tuple], path: Path) -> None:
    """Writes a module that runs on every device, with a traced method for each name in `inputs`.

    Raises FixedDeviceError, and leaves no file, for one that would run on the device of the inputs only.
    """
    traced = trace(module, inputs)
    save(traced, path)
    try:
        devices.check(traced, inputs)
    except devices.FixedDeviceError as error:
        path.unlink()
        raise devices.FixedDeviceError(f"{path.name}: {error}") from error


def trace(module: nn.Module, inputs: dict[str, tuple]) -> torch.jit.ScriptModule:
    """One module with one copy of the weights and a traced method for each name in `inputs`."""
    module.eval().requires_grad_(False)
    with torch.no_grad(), warnings.catch_warnings():
        # The library's Python-side shape checks are constant for the sizes a bundle allows.
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        traced = torch.jit.trace_module(module, inputs, check_trace=False)
    devices.follow_inputs(traced)
    return traced


def save(module: torch.jit.ScriptModule, path: Path) -> None:
    """Writes the module without source locations, time stamps and other traces of this machine.

    Goes through a second file, not through memory: a module may be most of what fits there.
    """
    whole = path.with_suffix(".whole")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            torch.jit.save(module, str(whole))
        with zipfile.ZipFile(whole) as traced, zipfile.ZipFile(path, "w") as stripped:
            for entry in sorted(traced.namelist()):
                if entry.endswith((".debug_pkl", "serialization_id")):
                    continue
                name = f"{path.stem}/{entry.split('/', 1)[1]}"
                _copy(traced, entry, stripped, name)
    finally:
        whole.unlink(missing_ok=True)


def _copy(source: zipfile.ZipFile, entry: str, target: zipfile.ZipFile, name: str) -> None:
    """Stores one record, uncompressed, its data aligned so that a reader may map it into memory."""
    record = zipfile.ZipInfo(name, _EPOCH)
    record.file_size = source.getinfo(entry).file_size
    start = target.fp.tell() + 30 + len(name.encode())
    padding = -start % _ALIGNMENT
    if padding:
        padding += _ALIGNMENT if padding < 4 else 0
        record.extra = b"FB" + (padding - 4).to_bytes(2, "little") + b"Z" * (padding - 4)
    with source.open(entry) as data, target.open(record, "w") as stored:
        shutil.copyfileobj(data, stored, _CHUNK)
