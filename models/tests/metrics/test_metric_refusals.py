"""A source that does not fit its kind is refused by name, and leaves nothing behind."""

import json
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file

from probeselect_models.metrics import __main__ as command
from probeselect_models.metrics.export import export
from probeselect_models.metrics.source import UnsupportedMetricError
from random_metrics import write_source


@pytest.fixture
def source(tmp_path):
    def of(kind):
        write_source(kind, tmp_path / "source")
        return tmp_path / "source"

    return of


def edit(file, **changes):
    content = json.loads(file.read_text())
    content.update(changes)
    file.write_text(json.dumps(content))


def assert_refused(kind, directory, *words):
    output = directory.parent / "metric"
    with pytest.raises(UnsupportedMetricError) as refused:
        export(kind, directory, output)
    for word in (str(directory), *words):
        assert word in str(refused.value)
    assert [path.name for path in directory.parent.iterdir()] in ([directory.name], [])


@pytest.mark.parametrize(
    "kind, file",
    [
        ("clipscore", "config.json"),
        ("clipscore", "preprocessor_config.json"),
        ("clipscore", "tokenizer.json"),
        ("pickscore", "model.safetensors"),
        ("hpsv2", "HPS_v2.1_compressed.pt"),
        ("aesthetic", "sac+logos+ava1-l14-linearMSE.pth"),
        ("imagereward", "ImageReward.pt"),
        ("imagereward", "med_config.json"),
        ("blip-itm", "config.json"),
    ],
)
def test_a_missing_file(source, kind, file):
    directory = source(kind)
    (directory / file).unlink()
    word = {".pt": ".pt", ".pth": ".pth"}.get("." + file.rpartition(".")[2], file)
    assert_refused(kind, directory, word)


def test_a_directory_that_is_not_there(tmp_path):
    assert_refused("clipscore", tmp_path / "nowhere", "not a directory")


def test_another_kind_of_model(source):
    assert_refused("blip-itm", source("clipscore"), "of a clip, not of a blip")


@pytest.mark.parametrize(
    "changes, word",
    [
        ({"resample": 2}, "resample is 2"),
        ({"size": {"shortest_edge": 20}}, "do not lead to the 28 x 28"),
        ({"crop_size": {"height": 20, "width": 20}}, "do not lead to the 28 x 28"),
        ({"do_normalize": False}, "do_normalize is false"),
    ],
)
def test_preprocessing_that_is_not_known(source, changes, word):
    directory = source("clipscore")
    edit(directory / "preprocessor_config.json", **changes)
    assert_refused("clipscore", directory, word)


@pytest.mark.parametrize("kind", ["clipscore", "imagereward"])
def test_a_special_token_that_the_tokenizer_lacks(source, kind):
    directory = source(kind)
    edit(directory / "tokenizer_config.json", pad_token="<|nowhere|>")
    assert_refused(kind, directory, "tokenizer.json lacks", "'<|nowhere|>'")


def test_a_weight_that_is_missing(source):
    directory = source("clipscore")
    weights = load_file(directory / "model.safetensors")
    del weights["visual_projection.weight"]
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})
    assert_refused("clipscore", directory, "visual_projection.weight")


@pytest.mark.parametrize(
    "kind, file, key",
    [
        ("aesthetic", "sac+logos+ava1-l14-linearMSE.pth", "layers.4.bias"),
        ("imagereward", "ImageReward.pt", "blip.text_encoder.encoder.layer.1.output.dense.bias"),
        ("hpsv2", "HPS_v2.1_compressed.pt", "visual.transformer.resblocks.1.attn.in_proj_bias"),
    ],
)
def test_a_published_weight_that_is_missing_unexpected_or_of_another_shape(source, kind, file, key):
    directory = source(kind)
    whole = torch.load(directory / file)

    def changed(change):
        weights = dict(whole.get("state_dict", whole))
        change(weights)
        torch.save({"state_dict": weights}, directory / file)

    changed(lambda weights: weights.pop(key))
    assert_refused(kind, directory, "lack")
    changed(lambda weights: weights.update({f"{key}s": weights[key]}))
    assert_refused(kind, directory, "should not have")
    changed(lambda weights: weights.update({key: weights[key].repeat(3)}))
    assert_refused(kind, directory, "shape")


def test_two_files_of_weights(source):
    directory = source("hpsv2")
    (directory / "HPS_v2_compressed.pt").write_bytes(b"")
    assert_refused("hpsv2", directory, "HPS_v2.1_compressed.pt, HPS_v2_compressed.pt")


@pytest.mark.parametrize(
    "kind, file",
    [
        ("clipscore", "config.json"),
        ("clipscore", "preprocessor_config.json"),
        ("clipscore", "tokenizer.json"),
        ("clipscore", "model.safetensors"),
        ("hpsv2", "HPS_v2.1_compressed.pt"),
        ("aesthetic", "sac+logos+ava1-l14-linearMSE.pth"),
        ("imagereward", "ImageReward.pt"),
        ("imagereward", "med_config.json"),
    ],
)
@pytest.mark.parametrize(
    "content",
    [b"", b"[1, 2]", b"\x80\x02}q\x00", b"\xff" * 64],
    ids=["empty", "another JSON", "a broken pickle", "bytes"],
)
def test_a_damaged_file(source, kind, file, content):
    directory = source(kind)
    (directory / file).write_bytes(content)
    assert_refused(kind, directory)


def test_a_directory_that_is_no_metric_is_not_replaced(source, tmp_path):
    output = tmp_path / "other"
    output.mkdir()
    (output / "letter.txt").write_text("keep me")
    with pytest.raises(FileExistsError, match="no metric.json"):
        export("clipscore", source("clipscore"), output)
    assert (output / "letter.txt").read_text() == "keep me"


def test_the_command_writes_and_names_a_metric(source, tmp_path, monkeypatch, capsys):
    arguments = ["--kind", "pickscore", "--source", str(source("pickscore"))]
    arguments += ["--output", str(tmp_path / "metric"), "--name", "picked"]
    monkeypatch.setattr(sys, "argv", ["metrics", *arguments])
    command.main()
    assert json.loads((tmp_path / "metric/metric.json").read_text())["name"] == "picked"
    assert "wrote" in capsys.readouterr().out


def test_the_command_says_what_is_wrong(tmp_path, monkeypatch):
    arguments = ["--kind", "pickscore", "--source", str(tmp_path), "--output", str(tmp_path / "m")]
    monkeypatch.setattr(sys, "argv", ["metrics", *arguments])
    with pytest.raises(SystemExit, match="export failed: .*config.json"):
        command.main()
