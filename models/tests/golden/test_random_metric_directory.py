"""The metric among the Java tests' resources is what the exporter makes of the random CLIP."""

import json

import numpy as np
import torch

from golden.random_metric_directory import NAME, write
from places import DJL_RESOURCES

COMMITTED = DJL_RESOURCES / "metrics"


def test_the_committed_metric_is_current(tmp_path):
    write(tmp_path)
    old, new = (
        json.loads((where / NAME / "metric.json").read_text()) for where in (COMMITTED, tmp_path)
    )
    for entry in (old, new):
        del entry["files"], entry["provenance"]
    assert old.pop("device") == "cpu"  # an older export, which runs where it says
    assert new.pop("device") == "any"
    assert new == old
    one, other = (torch.jit.load(where / NAME / "metric.pt") for where in (COMMITTED, tmp_path))
    weights = other.state_dict()
    for name, value in one.state_dict().items():
        assert torch.equal(value, weights[name])
    old, new = (json.loads((where / "golden.json").read_text()) for where in (COMMITTED, tmp_path))
    assert new["prompts"] == old["prompts"]
    for one, other in zip(new["images"], old["images"], strict=True):
        assert (one["height"], one["width"]) == (other["height"], other["width"])
        assert np.allclose(one["scores"], other["scores"], rtol=1e-4, atol=1e-3)
