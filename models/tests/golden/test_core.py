"""The golden files of the schedulers are those that the script writes."""

import json

import numpy as np
import pytest

from golden.core import GOLDEN
from golden.scheduler_options import verdicts
from golden.trajectories import golden_trajectories


@pytest.fixture(scope="module")
def trajectories():
    return golden_trajectories()


@pytest.mark.parametrize(
    "name", ["ddim", "pndm", "euler", "dpm-solver", "unipc", "flow-euler", "switched"]
)
def test_the_committed_trajectories_are_those_of_the_script(trajectories, name):
    committed = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    fresh = trajectories[f"{name}.json"]
    assert len(fresh) == len(committed)
    for new, old in zip(fresh, committed):
        numbers = ("timesteps", "noise", "latents", "originals")
        for key in numbers:
            assert np.allclose(new[key], old[key], rtol=1e-6, atol=1e-6), (old["config"], key)
        assert {k: v for k, v in new.items() if k not in numbers} == {
            k: v for k, v in old.items() if k not in numbers
        }


def test_the_committed_verdicts_on_options_are_those_of_the_script():
    """The Java side is tested with them: what it reads, and what the exporter lets pass, is the same."""
    committed = json.loads((GOLDEN / "scheduler-options.json").read_text(encoding="utf-8"))
    assert committed == verdicts()
    refused = {name for table in committed for each in table["options"].values() for name in each}
    assert len(refused) > 30
