"""The published recipe walks recorded trajectories and writes datasets that the Java side reads."""

import json
import shutil
from dataclasses import replace
from zipfile import ZIP_STORED, ZipFile

import numpy as np
import pytest
import torch

from probeselect_models.families.taps import listening
from probeselect_models.research import published_cost, published_recipe
from probeselect_models.research.early_steps import EarlySteps
from probeselect_models.research.published_cost import Stopwatch
from probeselect_models.research.published_features import every_second_row, published_features
from probeselect_models.research.published_recipe import Recipe, convert
from probeselect_models.research.recorded_shards import InvalidDatasetError, read_shard, write_shard
from probeselect_models.training.sample import open_pipeline
from random_pipeline import build, flux, stable_diffusion_3
from recorded_dataset import OBSERVED, PROMPTS, SCALE, SEEDS, STEPS, header, record

RECIPE = Recipe(fraction=0.4)
EARLY = 2
BUILDERS = {"sd2": build, "sd3": stable_diffusion_3, "flux": flux}
TAPS = {
    "sd2": "up_blocks.2.resnets.1",
    "sd3": "transformer_blocks.1",
    "flux": "single_transformer_blocks.1",
}


@pytest.fixture(scope="module", params=BUILDERS)
def recorded(request, tmp_path_factory):
    """Name, pipeline directory and dataset directory of each family."""
    directory = tmp_path_factory.mktemp(request.param)
    BUILDERS[request.param]().save_pretrained(directory / "pipeline")
    dataset = record(directory / "pipeline", directory / "dataset")
    return request.param, directory / "pipeline", dataset


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """Pipeline and dataset of one family, to be left as they are."""
    directory = tmp_path_factory.mktemp("one")
    build().save_pretrained(directory / "pipeline")
    return directory / "pipeline", record(directory / "pipeline", directory / "dataset")


def early_run(pipeline, seeds):
    steps = EarlySteps(pipeline, header(), None, EARLY)
    return steps.run(PROMPTS[0], seeds, Stopwatch())


def test_the_tap_is_heard_at_the_last_early_step_on_the_whole_batch(recorded):
    name, directory, _ = recorded
    pipeline = open_pipeline(directory)
    network = pipeline.unet if name == "sd2" else pipeline.transformer
    calls = []
    with listening([network.get_submodule(TAPS[name])]) as heard:
        pipeline(
            PROMPTS[0],
            height=64,
            width=64,
            num_inference_steps=STEPS,
            guidance_scale=SCALE,
            num_images_per_prompt=3,
            generator=[torch.Generator("cpu").manual_seed(seed) for seed in (5, 6, 7)],
            callback_on_step_end=lambda *_: calls.append(heard[0]) or {},
            **({} if name == "sd2" else {"max_sequence_length": 24}),
        )
    expected = calls[EARLY - 1]
    if name != "sd2":
        expected = expected[1]  # (text, image), image tokens in memory as they come
    activation = early_run(directory, [5, 6, 7]).activation
    assert len(activation) == (3 if name == "flux" else 6)
    assert torch.allclose(activation.flatten(), expected.flatten(), atol=1e-6)


@pytest.mark.parametrize("recorded", ["sd2", "sd3"], indirect=True)
def test_a_seed_gets_a_row_that_another_seed_gives_when_it_runs_alone(recorded):
    _, pipeline, _ = recorded
    rows = every_second_row(early_run(pipeline, [5, 6, 7, 8]).activation)
    first, third = (early_run(pipeline, [seed]).activation for seed in (5, 7))
    expected = torch.stack([first[0], third[0], first[1], third[1]])
    assert torch.allclose(rows, expected, atol=1e-4)
    own = torch.stack([early_run(pipeline, [seed]).activation[1] for seed in (5, 6, 7, 8)])
    assert ((rows - own).flatten(1).norm(dim=1) > 1e-2).all()


def test_the_dataset_has_the_features_of_the_recipe_and_all_else_of_the_source(recorded, tmp_path):
    name, pipeline, dataset = recorded
    convert(pipeline, dataset, tmp_path / "out", RECIPE)
    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == [
        "shard-00000.npz",
        "shard-00002.npz",
    ]
    tap = f"published:{TAPS[name]}"
    source = read_shard(dataset / "shard-00000.npz")
    made = read_shard(tmp_path / "out" / "shard-00000.npz")
    entry = {"name": tap, "channels": 48, "gridHeight": 8, "gridWidth": 8}
    assert made.header == {**header(), "observedAfter": [EARLY], "taps": [entry]}
    assert made.prompts == source.prompts and made.first_prompt == 0
    for whole in ("seeds", "prompt_embedding", "scores/scene-reward", "images"):
        assert np.array_equal(made.arrays[whole], source.arrays[whole])
    at = OBSERVED.index(EARLY)
    for observed in ("latents", "x0", "guidance_gap", "previews/scene-reward"):
        assert np.array_equal(made.arrays[observed], source.arrays[observed][:, :, at : at + 1])
    assert {array for array in made.arrays if array.startswith("taps/")} == {f"taps/{tap}"}
    features = made.arrays[f"taps/{tap}"]
    assert features.shape == (2, SEEDS, 1, 48, 8, 8) and features.dtype == np.float32
    rows = every_second_row(early_run(pipeline, source.arrays["seeds"][0].tolist()).activation)
    assert np.allclose(features[0, :, 0], published_features(rows, SEEDS, 48, 8), atol=1e-5)
    half = SEEDS // 2 if name == "flux" else SEEDS
    assert np.abs(features[:, :half]).max((2, 3, 4, 5)).min() > 0
    assert not features[:, half:].any()


def test_shards_are_stored_as_the_java_side_reads_them(one, tmp_path):
    pipeline, dataset = one
    convert(pipeline, dataset, tmp_path / "out", RECIPE)
    with ZipFile(tmp_path / "out" / "shard-00000.npz") as archive:
        assert archive.namelist()[0] == "meta.json"
        for entry in archive.infolist():
            assert entry.compress_type == ZIP_STORED
            if entry.filename == "meta.json":
                continue
            piece = archive.read(entry)
            end = piece.index(b"\n") + 1
            assert piece[:8] == b"\x93NUMPY\x01\x00"
            assert int.from_bytes(piece[8:10], "little") == end - 10
            text = piece[10:end].rstrip().decode()
            assert end == (10 + len(text) + 1 + 63) // 64 * 64
            assert "'fortran_order': False" in text


def test_a_stopped_conversion_goes_on_with_the_shards_that_are_missing(one, tmp_path):
    pipeline, dataset = one
    out = tmp_path / "out"
    cost = convert(pipeline, dataset, out, RECIPE)
    assert cost["pcaSamples"] == 3 * SEEDS
    assert cost["denoiserEvaluations"] == 3 * SEEDS * EARLY
    assert cost["pcaSecondsPerSample"] > 0 and cost["evaluationSecondsPerSample"] > 0
    kept, lost = out / "shard-00000.npz", out / "shard-00002.npz"
    before, written = lost.read_bytes(), kept.stat().st_mtime_ns
    lost.unlink()
    (out / "shard-00002.npz.tmp").write_bytes(b"half of it")
    assert convert(pipeline, dataset, out, RECIPE)["pcaSamples"] == SEEDS
    assert lost.read_bytes() == before
    assert kept.stat().st_mtime_ns == written
    assert sorted(out.iterdir()) == [kept, lost]
    assert convert(pipeline, dataset, out, RECIPE) == {}


def test_shards_of_other_settings_are_not_mixed(one, tmp_path):
    pipeline, dataset = one
    convert(pipeline, dataset, tmp_path / "out", RECIPE)
    with pytest.raises(InvalidDatasetError, match="other settings"):
        convert(pipeline, dataset, tmp_path / "out", replace(RECIPE, grid=4))


def test_a_dataset_of_other_noise_is_refused_with_prompt_and_seed(one, tmp_path):
    pipeline, dataset = one
    copy = shutil.copytree(dataset, tmp_path / "dataset")
    shard = read_shard(copy / "shard-00000.npz")
    shard.arrays["seeds"][1, 2] = 999
    write_shard(copy / "shard-00000.npz", shard)
    with pytest.raises(InvalidDatasetError) as refused:
        convert(pipeline, copy, tmp_path / "out", RECIPE)
    assert repr(PROMPTS[1]) in str(refused.value) and "seed 999" in str(refused.value)
    assert not list((tmp_path / "out").iterdir())


def test_a_dataset_of_another_model_is_refused(one, tmp_path):
    _, dataset = one
    build(seed=1).save_pretrained(tmp_path / "pipeline")
    with pytest.raises(InvalidDatasetError, match="leaves the recorded trajectory"):
        convert(tmp_path / "pipeline", dataset, tmp_path / "out", RECIPE)


def test_a_fraction_at_which_nothing_was_observed_is_refused(one, tmp_path):
    pipeline, dataset = one
    with pytest.raises(InvalidDatasetError, match=r"step 3.*\[1, 2, 4\]"):
        convert(pipeline, dataset, tmp_path / "out", Recipe(fraction=0.6))


def test_a_step_is_not_lost_to_rounding(one, tmp_path):
    assert 0.07 * 100 > 7
    copy = shutil.copytree(one[1], tmp_path / "dataset")
    for file in copy.iterdir():
        shard = read_shard(file)
        write_shard(file, replace(shard, header={**header(), "steps": 100}))
    with pytest.raises(InvalidDatasetError, match="0.07 of 100 steps is step 7,"):
        convert(one[0], copy, tmp_path / "out", Recipe(fraction=0.07))


def test_a_directory_without_shards_is_refused(one, tmp_path):
    with pytest.raises(InvalidDatasetError, match="no shard"):
        convert(one[0], tmp_path, tmp_path / "out", RECIPE)


def with_meta(file, meta):
    """A file that says nothing but this of itself."""
    with ZipFile(file, "w") as archive:
        archive.writestr("meta.json", json.dumps(meta))


def with_other_first_seed(file):
    shard = read_shard(file)
    write_shard(file, replace(shard, header={**shard.header, "firstSeed": 7}))


@pytest.mark.parametrize(
    "spoil, words",
    [
        (with_other_first_seed, "firstSeed = 7"),
        (lambda file: with_meta(file, {"formatVersion": 2}), "format version 2, not 1"),
        (lambda file: with_meta(file, {"formatVersion": 1}), "cannot be read: 'header'"),
        (lambda file: file.write_bytes(file.read_bytes()[:5000]), "cannot be read"),
    ],
)
def test_a_shard_that_does_not_fit_is_refused_by_name(one, tmp_path, spoil, words):
    copy = shutil.copytree(one[1], tmp_path / "dataset")
    spoil(copy / "shard-00002.npz")
    with pytest.raises(InvalidDatasetError, match=f"shard-00002.*{words}"):
        convert(one[0], copy, tmp_path / "out", RECIPE)


def run_main(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["published_recipe", *map(str, arguments)])
    published_recipe.main()


def test_the_command_writes_what_it_cost_beside_the_dataset(one, tmp_path, monkeypatch, capsys):
    pipeline, dataset = one
    monkeypatch.setattr(published_cost, "PAPER_SIZES", {"a small one": (60, 10, 10)})
    where = ("--pipeline", pipeline, "--dataset", dataset, "--output", tmp_path / "out")
    run_main(monkeypatch, *where, "--fraction", 0.4, "--paper-size")
    cost = json.loads((tmp_path / "out-cost.json").read_text())
    assert json.loads(capsys.readouterr().out) == cost
    assert cost["tap"] == TAPS["sd2"] and cost["earlySteps"] == EARLY
    measured = cost["paperSize"]["a small one"]
    assert measured["pcaSecondsPerSample"] > 0 and measured["randomizedPcaSecondsPerSample"] > 0


def test_the_command_says_why_it_fails(one, tmp_path, monkeypatch):
    pipeline, dataset = one
    where = ("--pipeline", pipeline, "--dataset", dataset, "--output", tmp_path / "out")
    with pytest.raises(SystemExit, match="no module 'nowhere'"):
        run_main(monkeypatch, *where, "--fraction", 0.4, "--tap", "nowhere")
