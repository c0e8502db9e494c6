"""One file runs on every device.

PyTorch's meta device stands in for a GPU, which no test can count on: every operation on tensors of two
devices fails there, and so does what reads a number from the device.
"""

import json

import pytest
import torch
from diffusers import AutoencoderTiny
from torch import nn

from probeselect_models.export import checks
from probeselect_models.export.exporter import export
from probeselect_models.families import open_family
from probeselect_models.files import devices, torchscript
from probeselect_models.files.devices import FixedDeviceError
from probeselect_models.metrics import export as metrics
from probeselect_models.metrics import scene_reward
from random_metrics import write_source
from random_pipeline import PIPELINES
from random_tokenizers import CAPTIONS

FAMILIES = ("stable-diffusion-2", "stable-diffusion-3.5-medium", "flux-dev")


@pytest.fixture(scope="module", params=FAMILIES)
def bundle(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    PIPELINES[request.param]().save_pretrained(folder / "pipeline")
    blocks = {"encoder_block_out_channels": (8, 8, 8), "decoder_block_out_channels": (8, 8, 8)}
    counts = {"num_encoder_blocks": (1, 1, 1), "num_decoder_blocks": (1, 1, 1)}
    AutoencoderTiny(latent_channels=4, **blocks, **counts).save_pretrained(folder / "tiny")
    export(
        folder / "pipeline",
        folder / "bundle",
        prompts=CAPTIONS[:1],
        steps=4,
        preview_decoder=folder / "tiny",
    )
    return folder / "bundle"


@pytest.fixture
def as_traced(monkeypatch):
    """Tracing without what makes a module follow its inputs, as the exporter was before."""

    def trace(module, inputs):
        with monkeypatch.context() as patched:
            patched.setattr(devices, "follow_inputs", lambda traced: None)
            return torchscript.trace(module, inputs)

    return trace


def inputs_of(manifest, file, batch=3, height=8, width=16):
    """Other sizes than those of the trace."""
    rng = torch.Generator().manual_seed(3)
    latents = torch.randn(batch, manifest["latents"]["channels"], height, width, generator=rng)
    if file == "text_encoder.pt":
        ids = (tokenizer["check"]["ids"] for tokenizer in manifest["tokenizers"])
        return {"forward": tuple(torch.tensor([each] * batch) for each in ids)}
    if file != "denoiser.pt":
        return {"forward": (latents,)}
    given = (
        latents,
        torch.tensor([600, 10, 1]).to(getattr(torch, manifest["denoiser"]["timestepType"])),
        *(
            torch.randn(batch, *output["shape"], generator=rng)
            for output in manifest["textEncoder"]["outputs"]
        ),
        *([torch.full((batch,), 3.5)] * (manifest["guidance"] == "embedded")),
    )
    return {"forward": given, "capture": given}


def read_onto_meta(file):
    return torch.jit.load(file, map_location="meta")


def moved_to_meta(file):
    """As DJL does it, with libtorch's Module::to: parameters and buffers move, nothing else."""
    module = torch.jit.load(file)
    for part in module.modules():
        own = [*part.named_parameters(recurse=False), *part.named_buffers(recurse=False)]
        for name, value in own:
            part._c.setattr(name, value.to("meta"))
    return module


def run(module, name, given):
    with torch.no_grad():
        results = getattr(module, name)(*given)
    return results if isinstance(results, tuple) else (results,)


@pytest.mark.parametrize("mapped", [True, False], ids=["read-onto-it", "moved-to-it"])
@pytest.mark.parametrize(
    "file", ["text_encoder.pt", "denoiser.pt", "vae_decoder.pt", "preview_decoder.pt"]
)
def test_the_same_file_runs_on_the_cpu_and_on_another_device(bundle, file, mapped):
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["device"] == "any"
    here = torch.jit.load(bundle / file)
    there = read_onto_meta(bundle / file) if mapped else moved_to_meta(bundle / file)
    for name, given in inputs_of(manifest, file).items():
        expected = run(here, name, given)
        found = run(there, name, [each.to("meta") for each in given])
        assert [each.device.type for each in found] == ["meta"] * len(expected)
        for one, other in zip(expected, found, strict=True):
            assert (one.shape, one.dtype) == (other.shape, other.dtype)


def test_no_operation_of_a_bundle_is_told_a_device(bundle):
    files = sorted(bundle.rglob("*.pt"))
    assert len(files) == 4
    for file in files:
        assert devices.fixed_devices(torch.jit.load(file)) == []


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("pipeline", FAMILIES)
def test_numbers_on_the_cpu_are_those_of_the_trace_bit_for_bit(
    pipeline, dtype, tmp_path, as_traced
):
    PIPELINES[pipeline]().save_pretrained(tmp_path / "pipeline")
    family = open_family(tmp_path / "pipeline", getattr(torch, dtype), "cpu")
    parts = {
        "text_encoder.pt": (family.text_encoder(), checks.example_ids(family, "cpu")),
        "denoiser.pt": (
            family.denoiser(list(family.default_taps)),
            checks.example_inputs(family, "cpu"),
        ),
        "vae_decoder.pt": (family.vae_decoder(), (checks.example_latents(family, "cpu"),)),
    }
    for file, (module, example) in parts.items():
        given = tuple(
            each if each.dtype == torch.int64 else torch.rand_like(each) for each in example
        )
        before = as_traced(module, {"forward": example})
        torchscript.write(module, {"forward": example}, tmp_path / file)
        after = torch.jit.load(tmp_path / file)
        for one, other in zip(run(before, "forward", given), run(after, "forward", given)):
            assert torch.equal(one, other), file


@pytest.mark.parametrize("kind", metrics.KINDS)
def test_a_published_metric_runs_on_both_devices(kind, tmp_path):
    write_source(kind, tmp_path / "source", 1)
    description = metrics.export(kind, tmp_path / "source", tmp_path / "metric")
    assert description["device"] == "any"
    _check_metric(tmp_path / "metric/metric.pt", description["tokenizer"]["length"])


def test_the_scene_reward_runs_on_both_devices(tmp_path):
    judge = scene_reward.SceneReward(scene_reward.RewardConfig(50, 16, 2, (1, 2, 3))).eval()
    scene_reward.write(judge, tmp_path / "metric.pt")
    _check_metric(tmp_path / "metric.pt", 16)


def _check_metric(file, length):
    ids, pictures = torch.full((3, length), 2), torch.rand(3, 3, 48, 64)
    assert devices.fixed_devices(torch.jit.load(file)) == []
    for there in (read_onto_meta(file), moved_to_meta(file)):
        (scores,) = run(there, "forward", (pictures.to("meta"), ids.to("meta")))
        (expected,) = run(torch.jit.load(file), "forward", (pictures, ids))
        assert scores.device.type == "meta"
        assert scores.shape == expected.shape


class Making(nn.Module):
    """Makes, casts and holds tensors in the ways that networks do."""

    def __init__(self):
        super().__init__()
        self.mean = torch.tensor([0.5, 0.25, 0.125])  # no buffer, so that tracing keeps it
        self.scale = torch.tensor(1.5)
        self.inner = Counting()

    def forward(self, x, count):
        there = torch.arange(x.shape[1], device=x.device) + torch.zeros(x.shape[1])
        order = torch.tensor([2, 0, 1], device=x.device)
        return (x * 3 - self.mean)[:, order] * self.scale + there.to(x.device) + self.inner(count)


class Counting(nn.Module):
    def forward(self, count):
        return torch.linspace(0, 1, 3, device=count.device) * count.max()


def test_whatever_a_network_makes_follows_its_inputs(tmp_path, as_traced):
    module, example = Making(), (torch.rand(2, 3), torch.rand(2))
    file = tmp_path / "module.pt"
    before = as_traced(module, {"forward": example})
    torchscript.write(module, {"forward": example}, file)
    given = (torch.rand(4, 3), torch.rand(1))
    assert torch.equal(torch.jit.load(file)(*given), before(*given))
    assert torch.equal(torch.jit.load(file)(*given), module(*given))
    there = moved_to_meta(file)
    assert there(*(each.to("meta") for each in given)).device.type == "meta"


def test_a_trace_as_it_was_is_found_to_be_of_one_device(as_traced):
    example = {"forward": (torch.rand(2, 3), torch.rand(2))}
    with pytest.raises(FixedDeviceError, match=r"fixed for aten::\w+ in .*forward and \d+ more"):
        devices.check(as_traced(Making(), example), example)


class Alone(nn.Module):
    def __init__(self):
        super().__init__()
        self.alone = Constant()

    def forward(self, x):
        return x + self.alone()


class Constant(nn.Module):
    def forward(self):
        return torch.arange(3.0)


def test_a_tensor_that_no_input_leads_to_ends_the_export(tmp_path):
    with pytest.raises(FixedDeviceError, match="alone.forward makes a tensor and has no tensor"):
        torchscript.write(Alone(), {"forward": (torch.rand(2, 3),)}, tmp_path / "module.pt")
    assert list(tmp_path.iterdir()) == []


def test_a_module_that_reads_a_number_from_the_device_ends_the_export(tmp_path):
    class Reading(nn.Module):
        def forward(self, x):
            return x[:, : x.long().max()]

    with pytest.raises(FixedDeviceError, match="module.pt: forward runs on the device of the"):
        torchscript.write(Reading(), {"forward": (torch.ones(2, 3),)}, tmp_path / "module.pt")
    assert list(tmp_path.iterdir()) == []
