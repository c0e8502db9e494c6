"""The probe trained elsewhere among the Java tests' resources is the one that the script writes."""

import json

import numpy as np
import pytest
import torch

from golden import probe as golden_probe
from golden.probe import BUNDLE, PROBE
from probeselect_models.files.manifest import sha256


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    directory = tmp_path_factory.mktemp("probe")
    golden_probe.write(BUNDLE, directory)
    return directory


def test_the_committed_description_is_current(fresh):
    old, new = (_json(directory / "probe.json") for directory in (PROBE, fresh))
    assert old.pop("moduleSha256") == sha256(PROBE / "probe.pt")
    new.pop("moduleSha256")
    assert new == old


def test_the_committed_golden_file_is_current(fresh):
    _assert_same(_json(fresh / "golden.json"), _json(PROBE / "golden.json"))


def test_the_committed_module_says_what_the_golden_file_says():
    module = torch.jit.load(PROBE / "probe.pt")
    inputs = _json(PROBE / "probe.json")["inputs"]
    _assert_same(golden_probe.golden(module, inputs), _json(PROBE / "golden.json"))


def test_all_modules_are_committed(fresh):
    names = {file.name for file in fresh.iterdir()}
    assert names == {file.name for file in PROBE.iterdir()}


def _json(file):
    return json.loads(file.read_text(encoding="utf-8"))


def _assert_same(new, old):
    assert new.keys() == old.keys()
    for key in ("scores", "deviations"):
        assert np.allclose(new.pop(key), old.pop(key), rtol=1e-6, atol=1e-6), key
    assert new == old
