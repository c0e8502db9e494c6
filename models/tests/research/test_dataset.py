"""A shard that the Java library wrote, read with numpy alone."""

import hashlib
import json

import numpy as np
import pytest

from places import DJL_RESOURCES

SHARD = DJL_RESOURCES / "dataset/shard-00000.npz"


@pytest.fixture(scope="module")
def shard():
    return np.load(SHARD)


@pytest.fixture(scope="module")
def meta(shard):
    return json.loads(shard["meta.json"])


def test_arrays_have_the_shapes_that_the_header_says(shard, meta):
    header = meta["header"]
    prompts, seeds = len(meta["prompts"]), header["seedsPerPrompt"]
    times = len(header["observedAfter"])
    latents = tuple(header["latents"][side] for side in ("channels", "height", "width"))
    text = header["promptEmbedding"]
    shapes = {
        "seeds": (prompts, seeds),
        "prompt_embedding": (prompts, text["tokens"], text["channels"]),
        "latents": (prompts, seeds, times, *latents),
        "x0": (prompts, seeds, times, *latents),
        "guidance_gap": (prompts, seeds, times),
        "previews/red": (prompts, seeds, times),
        "scores/red": (prompts, seeds),
        "images": (prompts, seeds, header["height"], header["width"], 3),
    }
    for tap in header["taps"]:
        grid = (tap["channels"], tap["gridHeight"], tap["gridWidth"])
        shapes[f"taps/{tap['name']}"] = (prompts, seeds, times, *grid)
    assert {name: shard[name].shape for name in shard.files if name != "meta.json"} == shapes


def test_seeds_count_on_from_prompt_to_prompt(shard, meta):
    first, seeds = meta["header"]["firstSeed"], meta["header"]["seedsPerPrompt"]
    assert shard["seeds"].dtype == np.int64
    assert shard["seeds"].flatten().tolist() == list(range(first, first + 2 * seeds))


def test_scores_are_those_of_the_images(shard, meta):
    red = shard["images"][:, :, 5, 3, 0].astype(float)
    length = np.array([[len(prompt)] for prompt in meta["prompts"]])
    np.testing.assert_array_equal(shard["scores/red"], red + length)


def test_the_prompts_of_the_whole_dataset_have_the_checksum(meta):
    text = "".join(f"picture number {i}\n" for i in range(meta["header"]["prompts"]))
    assert hashlib.sha256(text.encode()).hexdigest() == meta["header"]["promptsSha256"]
    assert meta["prompts"] == text.splitlines()[:2]


def test_no_number_is_lost(shard):
    for name in shard.files:
        if name != "meta.json":
            assert np.isfinite(shard[name].astype(float)).all(), name
