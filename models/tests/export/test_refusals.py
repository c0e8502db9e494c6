"""A pipeline that does not fit its family is refused with a message that names what is wrong."""

import json
import shutil

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    PNDMScheduler,
    UniPCMultistepScheduler,
)
from safetensors.torch import load_file, save_file

from probeselect_models.commands.export import main
from probeselect_models.export import export
from probeselect_models.families import UnsupportedPipelineError, open_family
from probeselect_models.families.taps import UnknownTapError
from random_tokenizers import CAPTIONS

FLOW = {"use_flow_sigmas": True, "prediction_type": "flow_prediction"}


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
        export(originals / "sd3", tmp_path / "bundle", taps=[tap], prompts=CAPTIONS[:1], steps=2)
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


def run(monkeypatch, directory, output, *more):
    """What the command ends with, which may not leave anything behind."""
    command = ["export", "--pipeline", str(directory), "--output", str(output), *more]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    assert not output.exists()
    assert [file.name for file in output.parent.iterdir()] == ["pipeline"]
    message = str(ended.value)
    assert message.startswith("export failed: ") and "\n" not in message
    return message


@pytest.mark.parametrize(
    "name, scheduler, options, words",
    [
        ("flux", EulerDiscreteScheduler, {}, ["FluxPipeline", "EulerDiscreteScheduler"]),
        ("flux", DDIMScheduler, {}, ["FluxPipeline", "DDIMScheduler"]),
        ("flux", UniPCMultistepScheduler, {}, ["FluxPipeline", "use_flow_sigmas"]),
        ("flux", DPMSolverMultistepScheduler, FLOW, ["FluxPipeline", "use_dynamic_shifting"]),
        ("sd3", PNDMScheduler, {"skip_prk_steps": True}, ["StableDiffusion3Pipeline", "PNDM"]),
        ("sd3", EulerDiscreteScheduler, {}, ["StableDiffusion3Pipeline", "EulerDiscrete"]),
        ("sd3", FlowMatchEulerDiscreteScheduler, {"invert_sigmas": True}, ["invert_sigmas"]),
        (
            "sd3",
            UniPCMultistepScheduler,
            {**FLOW, "use_exponential_sigmas": True},
            ["use_exponential_sigmas"],
        ),
        ("sd2", FlowMatchEulerDiscreteScheduler, {}, ["StableDiffusionPipeline", "FlowMatchEuler"]),
        (
            "sd2",
            DPMSolverMultistepScheduler,
            {"use_exponential_sigmas": True},
            ["use_exponential_sigmas"],
        ),
        ("sd2", DPMSolverMultistepScheduler, {"use_lu_lambdas": True}, ["use_lu_lambdas"]),
        (
            "sd2",
            DPMSolverMultistepScheduler,
            {"algorithm_type": "sde-dpmsolver++"},
            ["algorithm_type"],
        ),
        (
            "sd2",
            EulerDiscreteScheduler,
            {"interpolation_type": "log_linear"},
            ["interpolation_type"],
        ),
        ("sd2", PNDMScheduler, {}, ["skip_prk_steps"]),
        ("sd2", DDIMScheduler, {"thresholding": True}, ["thresholding"]),
        ("sd2", DDIMScheduler, {"num_train_timesteps": 10}, ["num_train_timesteps", "--steps"]),
    ],
)
def test_a_scheduler_that_cannot_be_carried_over_is_named_at_once(
    copy, monkeypatch, tmp_path, name, scheduler, options, words
):
    directory = copy(name)
    scheduler(**options).save_pretrained(directory / "scheduler")
    edit(directory / "model_index.json", scheduler=["diffusers", scheduler.__name__])
    message = run(monkeypatch, directory, tmp_path / "bundle")
    for word in ("scheduler/scheduler_config.json", *words):
        assert word in message


@pytest.mark.parametrize(
    "name, file, change, words",
    [
        ("sd2", "unet/config.json", {"sample_size": None}, ["sample_size", "null"]),
        ("sd2", "unet/config.json", {"sample_size": [16]}, ["sample_size", "[16]"]),
        ("sd2", "unet/config.json", {"sample_size": [16, 15]}, ["sample_size", "60", "16"]),
        ("sd2", "unet/config.json", {"norm_eps": None}, ["norm_eps = null"]),
        ("sd2", "unet/config.json", {"layers_per_block": 2}, ["lack", "unet/config.json"]),
        ("sd2", "vae/config.json", {"scaling_factor": None}, ["scaling_factor", "null"]),
        ("sd3", "vae/config.json", {"shift_factor": None}, ["shift_factor", "null"]),
        ("flux", "vae/config.json", {"shift_factor": "a"}, ["shift_factor"]),
        ("sd3", "transformer/config.json", {"sample_size": [16, 16]}, ["sample_size"]),
        ("sd3", "scheduler/scheduler_config.json", {"shift": None}, ["shift"]),
        ("flux", "scheduler/scheduler_config.json", {"base_shift": None}, ["base_shift", "null"]),
        ("sd2", "text_encoder/config.json", {"eos_token_id": None}, ["eos_token_id"]),
        ("sd2", "text_encoder/config.json", {"max_position_embeddings": 16}, ["position"]),
        (
            "sd2",
            "tokenizer/tokenizer_config.json",
            {"model_max_length": None},
            ["model_max_length"],
        ),
        ("flux", "tokenizer/tokenizer_config.json", {"model_max_length": 0}, ["model_max_length"]),
        (
            "sd3",
            "tokenizer_2/tokenizer_config.json",
            {"model_max_length": "other"},
            ["tokenizer_2", 'model_max_length = "other"'],
        ),
        ("sd3", "tokenizer_2/tokenizer_config.json", {"pad_token": None}, ["pad_token"]),
        ("flux", "tokenizer_2/tokenizer_config.json", {"pad_token": None}, ["pad_token"]),
        ("sd2", "unet/config.json", {"_diffusers_version": None}, ["_diffusers_version", "null"]),
        (
            "sd2",
            "unet/config.json",
            {"_diffusers_version": "other", "sample_size": 64},
            ["_diffusers_version"],
        ),
        ("sd2", "model_index.json", {"unet": "UNet2DConditionModel"}, ["unet"]),
        (
            "sd2",
            "model_index.json",
            {"_class_name": "OtherPipeline"},
            ["_class_name = 'OtherPipeline'", "FluxPipeline"],
        ),
        ("sd2", "model_index.json", {"_class_name": None}, ["_class_name"]),
        ("sd3", "model_index.json", {"text_encoder_3": None}, ["text_encoder_3", "[null, null]"]),
        ("sd2", "model_index.json", {"scheduler": None}, ["scheduler"]),
    ],
)
def test_a_value_that_does_not_work_is_named_with_its_file_before_anything_is_written(
    copy, monkeypatch, tmp_path, name, file, change, words
):
    directory = copy(name)
    edit(directory / file, **change)
    message = run(monkeypatch, directory, tmp_path / "bundle")
    for word in (file.split("/")[0], *words):
        assert word in message


@pytest.mark.parametrize(
    "name, tokenizer, role",
    [
        ("sd2", "tokenizer", "pad_token"),
        ("sd3", "tokenizer_3", "eos_token"),
        ("flux", "tokenizer_2", "unk_token"),
    ],
)
def test_a_special_token_that_the_tokenizer_lacks_is_named(
    copy, monkeypatch, tmp_path, name, tokenizer, role
):
    directory = copy(name)
    edit(directory / tokenizer / "tokenizer_config.json", **{role: "<|nowhere|>"})
    message = run(monkeypatch, directory, tmp_path / "bundle")
    assert "'<|nowhere|>'" in message
    assert f"{tokenizer}/tokenizer.json lacks" in message


@pytest.mark.parametrize(
    "file, key",
    [
        ("tokenizer/tokenizer_config.json", "model_max_length"),
        ("unet/config.json", "sample_size"),
        ("unet/config.json", "block_out_channels"),
    ],
)
def test_a_missing_value_is_named_with_its_file(copy, monkeypatch, tmp_path, file, key):
    directory = copy("sd2")
    content = json.loads((directory / file).read_text())
    del content[key]
    (directory / file).write_text(json.dumps(content))
    message = run(monkeypatch, directory, tmp_path / "bundle")
    assert key in message and file.split("/")[0] in message


FILES = [
    "model_index.json",
    "scheduler/scheduler_config.json",
    "unet/config.json",
    "vae/config.json",
    "text_encoder/config.json",
    "tokenizer/tokenizer_config.json",
    "tokenizer/tokenizer.json",
]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"\xff"', b"\x00\x01"])
@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_no_json_object_is_named(copy, monkeypatch, tmp_path, file, content):
    directory = copy("sd2")
    (directory / file).write_bytes(content)
    assert file.split("/")[0] in run(monkeypatch, directory, tmp_path / "bundle")


@pytest.mark.parametrize("file", ["scheduler/scheduler_config.json", "tokenizer/tokenizer.json"])
def test_a_missing_file_is_named(copy, monkeypatch, tmp_path, file):
    directory = copy("sd2")
    (directory / file).unlink()
    assert file.split("/")[0] in run(monkeypatch, directory, tmp_path / "bundle")


@pytest.mark.parametrize("keep", [0, 7, 100, -1])
@pytest.mark.parametrize(
    "file",
    [
        "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
        "text_encoder/model.safetensors",
    ],
)
def test_weights_that_are_cut_off_are_named(copy, monkeypatch, tmp_path, file, keep):
    directory = copy("sd2")
    (directory / file).write_bytes((directory / file).read_bytes()[:keep])
    assert file in run(monkeypatch, directory, tmp_path / "bundle")


@pytest.mark.parametrize(
    "index, word",
    [
        ({}, "weight_map"),
        ({"weight_map": {}}, "weight_map"),
        ({"weight_map": []}, "weight_map"),
        ({"weight_map": {"conv_in.bias": "shard-1.safetensors"}}, "shard-1.safetensors"),
    ],
)
def test_an_index_of_weights_that_leads_nowhere_is_named(copy, monkeypatch, tmp_path, index, word):
    directory = copy("sd2")
    file = "unet/diffusion_pytorch_model.safetensors.index.json"
    (directory / file).write_text(json.dumps(index))
    message = run(monkeypatch, directory, tmp_path / "bundle")
    assert file in message and word in message


@pytest.mark.parametrize(
    "more, word",
    [
        (["--grid", "0"], "--grid"),
        (["--tap-channels", "-1"], "--tap-channels"),
        (["--steps", "0"], "--steps"),
        (["--guidance-scale", "nan"], "--guidance-scale"),
        (["--metric", "mine=nowhere"], "nowhere"),
        (["--preview-decoder", "nowhere"], "nowhere"),
    ],
)
def test_a_wrong_argument_is_named(copy, monkeypatch, tmp_path, more, word):
    assert word in run(monkeypatch, copy("sd2"), tmp_path / "bundle", *more)
