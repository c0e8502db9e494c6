"""A bundle is called after its model, not after a folder that any model may lie in."""

import json
from pathlib import Path

import pytest

from probeselect_models.export import bundle_name

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("folder", "loaded_from", "name"),
    [
        ("tiny-sd2/pipeline", None, "tiny-sd2"),
        ("tiny-sd2/Pipeline", "", "tiny-sd2"),
        ("my-model", None, "my-model"),
        ("my-model", "stabilityai/stable-diffusion-2-1", "my-model"),
        ("pipeline", "stabilityai/stable-diffusion-2-1", "stable-diffusion-2-1"),
        ("x/pipeline", "/home/somebody/sd/", "sd"),
        ("x/pipeline", "C:\\models\\sd", "sd"),
        ("x/pipeline", "pipeline", "x"),
        (f"models--stabilityai--sdxl/snapshots/{SHA}", None, "sdxl"),
        ("run-7/checkpoint-500", None, "run-7"),
        ("models/pipeline", None, "stable-diffusion-2"),
        ("x/pipeline", 5, "x"),
    ],
)
def test_the_default_says_which_model_it_is(
    folder: str, loaded_from: object, name: str, tmp_path: Path
) -> None:
    pipeline = tmp_path / "weights" / "model" / folder
    pipeline.mkdir(parents=True)
    if loaded_from is not None:
        index = {"_class_name": "StableDiffusionPipeline", "_name_or_path": loaded_from}
        (pipeline / "model_index.json").write_text(json.dumps(index), encoding="utf-8")
    assert bundle_name.default(pipeline, "stable-diffusion-2") == name


@pytest.mark.parametrize("name", ["a\0b", "caf\udce9", " "])
def test_a_name_that_no_file_could_hold_is_refused(name: str) -> None:
    with pytest.raises(bundle_name.BundleNameError, match="--name"):
        bundle_name.check(name)
    assert bundle_name.check('a name, with: "all" 赤') == 'a name, with: "all" 赤'
