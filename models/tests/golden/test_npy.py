"""The arrays that the Java reader is tested with are those that numpy reads."""

import io
import json

import numpy as np
import pytest

from golden.npy import VALUES, files
from places import CORE_RESOURCES

COMMITTED = json.loads((CORE_RESOURCES / "npz/arrays.json").read_text(encoding="utf-8"))
NUMPY_READS = [name for name in COMMITTED if not name.startswith("wrong-")]


def test_the_committed_files_are_made_by_the_script() -> None:
    assert {name: content.hex() for name, content in files().items()} == COMMITTED


@pytest.mark.parametrize("name", NUMPY_READS)
def test_numpy_reads_the_same_values(name: str) -> None:
    assert np.array_equal(np.load(io.BytesIO(bytes.fromhex(COMMITTED[name]))), VALUES)
