"""A pipeline that does not fit its family is refused with a message that names what is wrong."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from probeselect_models.export import export, main
from probeselect_models.families import UnsupportedPipelineError, open_family
from probeselect_models.taps import UnknownTapError
from random_pipeline import CAPTIONS, build, flux, stable_diffusion_3

BUILDERS = {"sd2": build, "sd3": stable_diffusion_3, "flux": flux}


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    directory = tmp_path_factory.mktemp("originals")
    for name, pipeline in BUILDERS.items():
        pipeline().save_pretrained(directory / name)
    return directory


@pytest.fixture
def copy(originals, tmp_path):
    def of(name):
        return shutil.copytree(originals / name, tmp_path / "pipeline")

    return of


def edit(file, **changes):
    content = json.loads(file.read_text())
    content.update(changes)
    file.write_text(json.dumps(content))


def assert_refused(directory, *words):
    with pytest.raises(UnsupportedPipelineError) as refused:
        family = open_family(directory)
        family.text_encoder()
        family.denoiser([])
        family.vae_decoder()
    for word in words:
        assert word in str(refused.value)


@pytest.mark.parametrize(
    "name, option, value, words",
    [
        ("sd2", "cross_attention_dim", 96, ["96", "text encoder gives 128"]),
        ("sd2", "in_channels", 9, ["9", "inpainting"]),
        ("sd2", "addition_embed_type", "text", ["addition_embed_type"]),
        ("sd3", "joint_attention_dim", 72, ["joint_attention_dim", "72", "text_encoder_3"]),
        ("sd3", "joint_attention_dim", 32, ["joint_attention_dim", "32", "40"]),
        ("sd3", "pooled_projection_dim", 41, ["pooled_projection_dim", "41", "40"]),
        ("sd3", "in_channels", 8, ["8", "VAE has 4"]),
        ("sd3", "pos_embed_max_size", None, ["pos_embed_max_size"]),
        ("sd3", "novel_option", 3, ["novel_option", "transformer/config.json"]),
        ("flux", "joint_attention_dim", 72, ["joint_attention_dim", "72", "text_encoder_2"]),
        ("flux", "pooled_projection_dim", 41, ["pooled_projection_dim", "41"]),
        ("flux", "in_channels", 24, ["24", "packed"]),
        ("flux", "axes_dims_rope", [4, 4, 4], ["axes_dims_rope"]),
    ],
)
def test_an_option_that_does_not_fit_is_named(copy, name, option, value, words):
    directory = copy(name)
    part = "unet" if name == "sd2" else "transformer"
    edit(directory / part / "config.json", **{option: value})
    assert_refused(directory, *words)


@pytest.mark.parametrize(
    "name, part, file",
    [
        ("sd2", "unet", "diffusion_pytorch_model.safetensors"),
        ("sd3", "transformer", "diffusion_pytorch_model.safetensors"),
        ("sd3", "text_encoder_2", "model.safetensors"),
        ("flux", "text_encoder_2", "model.safetensors"),
        ("flux", "vae", "diffusion_pytorch_model.safetensors"),
    ],
)
class TestWeights:
    def key(self, weights):
        return sorted(key for key in weights if key.endswith(".weight"))[3]

    def test_a_missing_key_is_named(self, copy, name, part, file):
        directory = copy(name)
        weights = load_file(directory / part / file)
        key = self.key(weights)
        del weights[key]
        save_file(weights, directory / part / file, {"format": "pt"})
        assert_refused(directory, part, "lack", key)

    def test_an_unexpected_key_is_named(self, copy, name, part, file):
        directory = copy(name)
        weights = load_file(directory / part / file)
        save_file(
            weights | {"novel.weight": torch.zeros(2)}, directory / part / file, {"format": "pt"}
        )
        assert_refused(directory, part, "have", "novel.weight")

    def test_a_key_of_another_shape_is_named(self, copy, name, part, file):
        directory = copy(name)
        weights = load_file(directory / part / file)
        key = self.key(weights)
        weights[key] = torch.zeros(3, 5)
        save_file(weights, directory / part / file, {"format": "pt"})
        assert_refused(directory, part, key, "[3, 5]")

    def test_absent_weights_are_named(self, copy, name, part, file):
        directory = copy(name)
        (directory / part / file).unlink()
        assert_refused(directory, part, "no .safetensors file")


@pytest.mark.parametrize("part", ["transformer", "text_encoder", "tokenizer_2", "vae", "scheduler"])
def test_an_absent_component_is_named(copy, part):
    directory = copy("sd3")
    edit(directory / "model_index.json", **{part: [None, None]})
    assert_refused(directory, part)


def test_a_component_of_another_class_is_named(copy):
    directory = copy("sd2")
    edit(directory / "model_index.json", text_encoder=["transformers", "BertModel"])
    assert_refused(directory, "text_encoder is a BertModel", "CLIPTextModel")


def test_an_unknown_scheduler_is_named_beside_the_known_ones(copy):
    directory = copy("sd2")
    edit(directory / "model_index.json", scheduler=["diffusers", "LCMScheduler"])
    assert_refused(directory, "LCMScheduler", "DPMSolverMultistepScheduler")


@pytest.mark.parametrize(
    "tap, words",
    [
        ("transformer_blocks.9", ["transformer_blocks.9", "transformer_blocks.1"]),
        ("transformer_blocks.0.ff_context", ["ff_context", "text's stream"]),
        ("context_embedder", ["context_embedder", "text's stream"]),
        ("transformer_blocks.0.norm1.linear", ["norm1.linear", "[4, 192]"]),
        ("time_text_embed", ["time_text_embed", "[4, 32]"]),
    ],
)
def test_a_tap_that_gives_no_map_of_the_image_is_refused(originals, tmp_path, tap, words):
    with pytest.raises(UnknownTapError) as refused:
        export(
            originals / "sd3", tmp_path / "bundle", taps=[tap], prompts=CAPTIONS[:1], steps=2
        )
    for word in words:
        assert word in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_is_wrong_without_a_traceback(copy, monkeypatch, tmp_path):
    directory = copy("flux")
    edit(directory / "transformer" / "config.json", joint_attention_dim=72)
    monkeypatch.setattr(
        "sys.argv", ["export", "--pipeline", str(directory), "--output", str(tmp_path / "bundle")]
    )
    with pytest.raises(SystemExit, match="export failed: .*joint_attention_dim"):
        main()
