"""The bundles among the Java tests' resources are what the exporter makes of the random pipelines."""

import json
import zipfile

import numpy as np
import pytest

from golden.random_bundles import TAPS, write_bundle
from places import DJL_RESOURCES

COMMITTED = DJL_RESOURCES / "bundles"


@pytest.fixture(scope="module", params=TAPS)
def written(request, tmp_path_factory):
    """The committed folder and one written anew."""
    fresh = tmp_path_factory.mktemp(request.param)
    write_bundle(request.param, fresh)
    return COMMITTED / request.param, fresh


def test_committed_bundle_is_current(written):
    committed, fresh = written
    old, new = (_manifest(where) for where in written)
    for entry in (old, new):
        assert set(entry.pop("files")) == _files(committed / "bundle")
        entry.pop("provenance")
    assert old.pop("device") == "cpu"  # an older export, which runs where it says
    assert new.pop("device") == "any"
    assert new == old
    for file in (committed / "bundle").rglob("tokenizer.json"):
        again = fresh / "bundle" / file.relative_to(committed / "bundle")
        assert again.read_text(encoding="utf-8") == file.read_text(encoding="utf-8")
    for module in ("text_encoder.pt", "denoiser.pt", "vae_decoder.pt"):
        assert _weights(fresh / "bundle" / module) == _weights(committed / "bundle" / module)


def test_committed_golden_file_is_current(written):
    old, new = (json.loads((where / "golden.json").read_text()) for where in written)
    assert new["texts"] == old["texts"]
    assert new.keys() == old.keys()
    for one, other in zip(new["cases"], old["cases"], strict=True):
        assert (one["height"], one["width"]) == (other["height"], other["width"])
        for rows in ("conditional", "unconditional"):
            for new_row, old_row in zip(one[rows], other[rows], strict=True):
                assert (new_row["size"], new_row["stride"]) == (old_row["size"], old_row["stride"])
                assert np.allclose(new_row["values"], old_row["values"], rtol=1e-3, atol=1e-3)


def _manifest(directory):
    return json.loads((directory / "bundle/manifest.json").read_text(encoding="utf-8"))


def _files(bundle):
    files = (file for file in bundle.rglob("*") if file.is_file())
    return {file.relative_to(bundle).as_posix() for file in files} - {"manifest.json"}


def _weights(module):
    """Sizes of the weights; the projection's values may differ in the last digits by machine."""
    with zipfile.ZipFile(module) as archive:
        return sorted(info.file_size for info in archive.infolist() if "/data/" in info.filename)
