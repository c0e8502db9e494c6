"""An exported bundle says and does what the pipeline does, at any batch size and any allowed size."""

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from places import MODELS
from probeselect_models.export.exporter import export
from probeselect_models.families import UnsupportedPipelineError
from probeselect_models.families.taps import UnknownTapError
from probeselect_models.metrics import scene_reward
from random_pipeline import build
from random_tokenizers import CAPTIONS, LENGTH

TAPS = ["up_blocks.2.resnets.1", "up_blocks.1.attentions.1", "mid_block"]
SHAPES = [(1, 16, 16), (5, 16, 16), (3, 8, 32), (2, 32, 12)]
"""Batch, height and width of latents; the modules were traced at (2, 16, 16)."""
AGAIN = """
import json, sys
from pathlib import Path
from probeselect_models.export.exporter import export
export(Path(sys.argv[1]), Path(sys.argv[2]), **json.loads(sys.argv[3]))
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(MODELS)}


@pytest.fixture(scope="module")
def pipeline():
    return build()


@pytest.fixture(scope="module")
def pipeline_directory(pipeline, tmp_path_factory):
    directory = tmp_path_factory.mktemp("pipeline") / "random-sd2"
    pipeline.save_pretrained(directory)
    return directory


@pytest.fixture(scope="module")
def judge_directory(pipeline, tmp_path_factory):
    directory = tmp_path_factory.mktemp("judge")
    scene_reward.save(judge_for(pipeline.tokenizer), directory)
    return directory


def judge_for(tokenizer):
    torch.manual_seed(1)
    check = tokenizer(scene_reward.CHECK_TEXT, padding="max_length", max_length=LENGTH).input_ids
    return scene_reward.SceneReward(
        scene_reward.RewardConfig(len(tokenizer), LENGTH, tokenizer.eos_token_id, tuple(check))
    )


@pytest.fixture(scope="module")
def bundle(pipeline_directory, judge_directory, tmp_path_factory):
    output = tmp_path_factory.mktemp("bundles") / "bundle"
    export(
        pipeline_directory,
        output,
        metrics={"scene-reward": judge_directory},
        prompts=CAPTIONS[:2],
        steps=10,
    )
    return output


@pytest.fixture(scope="module")
def manifest(bundle):
    return json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))


def inputs(batch, height, width, seed=7):
    rng = torch.Generator().manual_seed(seed)
    latents = torch.randn(batch, 4, height, width, generator=rng)
    timesteps = torch.randint(0, 1000, (batch,), generator=rng)
    embedding = torch.randn(batch, LENGTH, 128, generator=rng)
    return latents, timesteps, embedding


def assert_close(actual, expected):
    assert actual.dtype == torch.float32
    assert actual.shape == expected.shape
    assert (actual - expected).norm() <= 1e-4 * expected.norm()


@pytest.mark.parametrize("shape", SHAPES)
def test_denoiser_predicts_what_the_unet_predicts(bundle, pipeline, shape):
    denoiser = torch.jit.load(bundle / "denoiser.pt")
    with torch.no_grad():
        expected = pipeline.unet(*inputs(*shape)).sample
        assert_close(denoiser(*inputs(*shape)), expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_capture_gives_the_same_prediction_and_every_tap_in_order(
    bundle, pipeline, manifest, shape
):
    denoiser = torch.jit.load(bundle / "denoiser.pt")
    modules = dict(pipeline.unet.named_modules())
    heard = {}
    hooks = [
        modules[tap["name"]].register_forward_hook(
            lambda _m, _i, output, name=tap["name"]: heard.update({name: output})
        )
        for tap in manifest["taps"]
    ]
    with torch.no_grad():
        pipeline.unet(*inputs(*shape), return_dict=False)
        prediction, *taps = denoiser.capture(*inputs(*shape))
        assert_close(prediction, denoiser(*inputs(*shape)))
    for hook in hooks:
        hook.remove()
    assert [tap["name"] for tap in manifest["taps"]] == TAPS
    for i, (tap, entry) in enumerate(zip(taps, manifest["taps"])):
        output = heard[entry["name"]]
        activation = output if isinstance(output, torch.Tensor) else output[0]
        pooled = torch.nn.functional.adaptive_avg_pool2d(activation, entry["grid"])
        compression = getattr(denoiser.compressions, str(i))
        expected = torch.einsum("oc,bchw->bohw", compression.weight[:, :, 0, 0], pooled)
        expected = expected + compression.bias[None, :, None, None]
        assert list(tap.shape) == [shape[0], entry["channels"], *entry["grid"]]
        assert_close(tap, expected)


def test_a_row_does_not_depend_on_the_rest_of_its_batch(bundle):
    denoiser = torch.jit.load(bundle / "denoiser.pt")
    latents, timesteps, embedding = inputs(4, 16, 16)
    with torch.no_grad():
        together = denoiser.capture(latents, timesteps, embedding)
        alone = denoiser.capture(latents[2:3], timesteps[2:3], embedding[2:3])
    for whole, row in zip(together, alone):
        assert_close(row, whole[2:3])


def test_the_weights_are_stored_once_for_both_entry_points(bundle, pipeline):
    weights = sum(parameter.nbytes for parameter in pipeline.unet.parameters())
    assert (bundle / "denoiser.pt").stat().st_size < 1.1 * weights


def test_text_encoder_gives_the_embedding_that_the_pipeline_uses(bundle, pipeline):
    encoder = torch.jit.load(bundle / "text_encoder.pt")
    tokenizer = Tokenizer.from_file(str(bundle / "tokenizer/tokenizer.json"))
    for count in (1, 3):
        ids = torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(CAPTIONS[:count])])
        expected, _ = pipeline.encode_prompt(CAPTIONS[:count], "cpu", 1, False)
        outputs = encoder(ids)
        assert isinstance(outputs, tuple)
        assert_close(outputs[0], expected.detach())


@pytest.mark.parametrize("shape", SHAPES)
def test_vae_decoder_gives_the_picture_that_the_pipeline_gives(bundle, pipeline, shape):
    decoder = torch.jit.load(bundle / "vae_decoder.pt")
    latents = 3 * inputs(*shape)[0]
    with torch.no_grad():
        decoded = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor).sample
        picture = decoder(latents)
    assert_close(picture, (decoded / 2 + 0.5).clamp(0, 1))
    assert list(picture.shape) == [shape[0], 3, 4 * shape[1], 4 * shape[2]]


@pytest.mark.parametrize("height, width", [(64, 64), (32, 128), (96, 80)])
def test_metric_scores_pictures_of_any_size(bundle, pipeline, height, width):
    metric = torch.jit.load(bundle / "metrics/scene-reward.pt")
    judge = judge_for(pipeline.tokenizer).eval()
    rng = torch.Generator().manual_seed(2)
    pictures = torch.rand(3, 3, height, width, generator=rng)
    ids = pipeline.tokenizer(CAPTIONS[:3], padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        assert_close(metric(pictures, ids), judge(pictures, ids))


def test_tokenizer_pads_truncates_and_reproduces_the_check(bundle, manifest, pipeline):
    (entry,) = manifest["tokenizers"]
    tokenizer = Tokenizer.from_file(str(bundle / entry["file"]))
    assert tokenizer.encode(entry["check"]["text"]).ids == entry["check"]["ids"]
    assert len(entry["check"]["ids"]) == entry["length"] == LENGTH
    for text in ["", CAPTIONS[0], " ".join(CAPTIONS)]:
        expected = pipeline.tokenizer(
            text, padding="max_length", max_length=LENGTH, truncation=True
        ).input_ids
        assert tokenizer.encode(text).ids == expected
    sections = json.loads((bundle / entry["file"]).read_text(encoding="utf-8"))
    assert sections["padding"]["pad_id"] == entry["padId"]
    assert sections["truncation"]["max_length"] == LENGTH


def test_manifest_lists_every_file_with_its_size_and_checksum(bundle, manifest):
    files = {
        path.relative_to(bundle).as_posix(): {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
        for path in bundle.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert manifest["files"] == files


def test_manifest_carries_the_scheduler_config_unchanged(manifest, pipeline_directory):
    config = json.loads((pipeline_directory / "scheduler/scheduler_config.json").read_text())
    assert manifest["scheduler"] == {"type": "DDIMScheduler", "config": config}


def test_modules_hold_no_path_of_the_machine_that_wrote_them(bundle):
    path = re.compile(rb"(/home|/root|/opt|/usr|/tmp|site-packages)/")
    for file in bundle.rglob("*.pt"):
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if "/data/" not in name and "/constants/" not in name:
                    assert not path.search(archive.read(name)), f"{file.name}: {name}"


def test_projection_has_unit_variance_no_mean_and_a_fixed_sign():
    from probeselect_models.export.projection import principal_components

    rng = np.random.default_rng(5)
    samples = torch.from_numpy(rng.normal(3, 1, (4000, 6)) @ rng.normal(0, 1, (6, 6)))
    weight, bias = principal_components(samples, 4)
    mapped = samples.float() @ weight.T + bias
    assert torch.allclose(mapped.mean(0), torch.zeros(4), atol=1e-3)
    assert torch.allclose(mapped.T @ mapped / 4000, torch.eye(4), atol=1e-2)
    largest = weight.gather(1, weight.abs().argmax(1, keepdim=True))
    assert (largest > 0).all()
    again, _ = principal_components(samples.flip(0), 4)
    assert torch.allclose(weight, again, rtol=1e-3, atol=1e-5)


def test_a_tap_with_few_channels_keeps_all_of_them():
    from probeselect_models.export.projection import principal_components

    samples = torch.randn(100, 3, generator=torch.Generator().manual_seed(0))
    assert principal_components(samples, 32)[0].shape == (3, 3)


def test_exporting_again_gives_the_same_files_and_keeps_the_probes(pipeline_directory, tmp_path):
    settings = {"prompts": CAPTIONS[:1], "taps": ["mid_block"], "steps": 4}
    command = [sys.executable, "-c", AGAIN, str(pipeline_directory), str(tmp_path / "bundle")]
    subprocess.run([*command, json.dumps(settings)], check=True, env=ENVIRONMENT)
    manifest_file = tmp_path / "bundle" / "manifest.json"
    first = json.loads(manifest_file.read_text())
    (tmp_path / "bundle/probe").mkdir()
    (tmp_path / "bundle/probe/probe.json").write_text("{}")
    probes = [{"file": "probe/probe.json", "fraction": 0.2}]
    manifest_file.write_text(json.dumps({**first, "probes": probes}))

    subprocess.run([*command, json.dumps(settings)], check=True, env=ENVIRONMENT)
    second = json.loads(manifest_file.read_text())
    assert second["probes"] == probes
    assert second["files"].pop("probe/probe.json")["bytes"] == 2
    assert second["files"] == first["files"]


# ---- refusals -----------------------------------------------------------------------------------


def test_refuses_a_directory_that_is_no_pipeline(tmp_path):
    with pytest.raises(UnsupportedPipelineError, match="model_index.json"):
        export(tmp_path, tmp_path / "bundle")


def test_refuses_a_pipeline_class_that_it_does_not_know(tmp_path):
    (tmp_path / "model_index.json").write_text('{"_class_name": "NovelPipeline"}')
    with pytest.raises(UnsupportedPipelineError, match="NovelPipeline.*StableDiffusionPipeline"):
        export(tmp_path, tmp_path / "bundle")


def test_an_unknown_tap_names_some_that_exist_and_leaves_nothing_behind(
    pipeline_directory, tmp_path
):
    with pytest.raises(UnknownTapError, match="up_blocks.2.resnets.1"):
        export(pipeline_directory, tmp_path / "bundle", taps=["up_blocks.9"])
    assert list(tmp_path.iterdir()) == []


def test_does_not_overwrite_a_directory_that_is_no_bundle(pipeline_directory, tmp_path):
    (tmp_path / "letter.txt").write_text("keep me")
    with pytest.raises(FileExistsError, match="has no manifest.json"):
        export(pipeline_directory, tmp_path, prompts=CAPTIONS[:1], taps=["mid_block"], steps=4)
    assert (tmp_path / "letter.txt").read_text() == "keep me"


def test_refuses_a_metric_of_another_tokenizer(pipeline_directory, tmp_path):
    other = scene_reward.SceneReward(scene_reward.RewardConfig(50, LENGTH, 2, (1, 2, 3)))
    scene_reward.save(other, tmp_path / "judge")
    with pytest.raises(UnsupportedPipelineError, match="another tokenizer"):
        export(
            pipeline_directory,
            tmp_path / "bundle",
            prompts=CAPTIONS[:1],
            taps=["mid_block"],
            steps=4,
            metrics={"scene-reward": tmp_path / "judge"},
        )
    assert not (tmp_path / "bundle").exists()
