"""Schedulers, default taps, number types, and what an export holds in memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    FluxPipeline,
    PNDMScheduler,
    StableDiffusionPipeline,
    UniPCMultistepScheduler,
)

from places import MODELS
from probeselect_models.export.exporter import export
from probeselect_models.families import UnsupportedPipelineError, open_family
from random_pipeline import build, flux, stable_diffusion_3
from random_tokenizers import CAPTIONS


@pytest.mark.parametrize(
    "scheduler, timestep_type",
    [
        (PNDMScheduler, "int64"),
        (EulerDiscreteScheduler, "float32"),
        (DPMSolverMultistepScheduler, "int64"),
        (UniPCMultistepScheduler, "int64"),
    ],
)
def test_a_unet_goes_with_any_scheduler_and_takes_the_timesteps_it_gives(
    tmp_path, scheduler, timestep_type
):
    pipeline = build()
    plms = {"skip_prk_steps": True} if scheduler is PNDMScheduler else {}
    pipeline.scheduler = scheduler.from_config(pipeline.scheduler.config, **plms)
    pipeline.save_pretrained(tmp_path / "pipeline")
    manifest = export(
        tmp_path / "pipeline",
        tmp_path / "bundle",
        taps=["mid_block"],
        prompts=CAPTIONS[:1],
        steps=7,
    )
    config = json.loads((tmp_path / "pipeline/scheduler/scheduler_config.json").read_text())
    assert manifest["scheduler"]["type"] == scheduler.__name__
    written = json.loads((tmp_path / "bundle/manifest.json").read_text())
    assert written["scheduler"]["config"] == config
    assert "sigmas" not in manifest["scheduler"]
    assert "patch" not in manifest["latents"]
    assert manifest["denoiser"]["timestepType"] == timestep_type
    denoiser = torch.jit.load(tmp_path / "bundle/denoiser.pt")
    timestep = torch.tensor([3, 700]).to(getattr(torch, timestep_type))
    latents, embedding = torch.ones(2, 4, 16, 16), torch.ones(2, 32, 128)
    with torch.no_grad():
        expected = pipeline.unet(latents, timestep, embedding).sample
        assert torch.allclose(denoiser(latents, timestep, embedding), expected, atol=1e-5)


@pytest.mark.parametrize("make", [stable_diffusion_3, flux])
def test_a_multistep_flow_scheduler_goes_with_a_transformer(tmp_path, make):
    pipeline = make()
    pipeline.scheduler = UniPCMultistepScheduler(
        prediction_type="flow_prediction",
        use_flow_sigmas=True,
        flow_shift=3.0,
        use_dynamic_shifting=make is flux,
    )
    pipeline.save_pretrained(tmp_path / "pipeline")
    manifest = export(tmp_path / "pipeline", tmp_path / "bundle", prompts=CAPTIONS[:1], steps=7)
    assert manifest["scheduler"]["type"] == "UniPCMultistepScheduler"
    assert "sigmas" not in manifest["scheduler"]
    assert manifest["denoiser"]["timestepType"] == "float32"
    assert manifest["scheduler"]["config"].get("max_shift") == (1.15 if make is flux else None)


def test_a_shift_by_image_size_that_the_pipeline_does_not_work_out_is_refused(tmp_path):
    pipeline = build()
    pipeline.scheduler = DPMSolverMultistepScheduler(use_dynamic_shifting=True)
    pipeline.save_pretrained(tmp_path / "pipeline")
    with pytest.raises(UnsupportedPipelineError, match="use_dynamic_shifting"):
        export(tmp_path / "pipeline", tmp_path / "bundle", prompts=CAPTIONS[:1], steps=4)


@pytest.mark.parametrize(
    "part, layers, tap",
    [
        ("sd3", {"num_layers": 24}, "transformer_blocks.20"),
        ("sd3", {"num_layers": 38}, "transformer_blocks.20"),
        ("sd3", {"num_layers": 12}, "transformer_blocks.10"),
        ("sd3", {"num_layers": 1}, "transformer_blocks.0"),
        ("flux", {"num_layers": 19, "num_single_layers": 38}, "single_transformer_blocks.28"),
        ("flux", {"num_layers": 6, "num_single_layers": 0}, "transformer_blocks.5"),
    ],
)
def test_the_default_tap_is_as_deep_as_the_published_one(tmp_path, part, layers, tap):
    (flux if part == "flux" else stable_diffusion_3)().save_pretrained(tmp_path)
    file = tmp_path / "transformer/config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | layers))
    family = open_family(tmp_path)
    assert family.default_taps == (tap,)
    family.check_taps([tap])


@pytest.mark.parametrize("make", [build, stable_diffusion_3, flux])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_stays_inside_the_modules(tmp_path, make, dtype):
    pipeline = make()
    pipeline.save_pretrained(tmp_path / "pipeline")
    settings = {"prompts": CAPTIONS[:1], "steps": 4}
    export(tmp_path / "pipeline", tmp_path / "single", **settings)
    manifest = export(tmp_path / "pipeline", tmp_path / "half", dtype=dtype, **settings)
    assert manifest["dtype"] == "float32"
    assert manifest["provenance"]["weightType"] == dtype
    rng = torch.Generator().manual_seed(3)
    embeddings = [
        torch.randn(2, *output["shape"], generator=rng)
        for output in manifest["textEncoder"]["outputs"]
    ]
    guidance = [torch.full((2,), 3.5)] * (manifest["guidance"] == "embedded")
    latents = torch.randn(2, 4, 8, 16, generator=rng)
    timestep = torch.tensor([600, 10]).to(getattr(torch, manifest["denoiser"]["timestepType"]))
    ids = [torch.tensor([tokenizer["check"]["ids"]]) for tokenizer in manifest["tokenizers"]]
    for file, inputs in [
        ("denoiser.pt", (latents, timestep, *embeddings, *guidance)),
        ("text_encoder.pt", ids),
        ("vae_decoder.pt", (latents,)),
    ]:
        single, half = (torch.jit.load(tmp_path / kind / file) for kind in ("single", "half"))
        types = {parameter.dtype for parameter in half.parameters()}
        assert getattr(torch, dtype) in types
        with torch.no_grad():
            pairs = zip(_tensors(half(*inputs)), _tensors(single(*inputs)), strict=True)
            for actual, expected in pairs:
                assert actual.dtype == torch.float32
                assert 0 < (actual - expected).norm() < 0.05 * expected.norm()
        if file == "denoiser.pt":
            with torch.no_grad():
                captured = half.capture(*inputs)
            assert [tap.dtype for tap in captured] == [torch.float32] * len(captured)
            assert torch.equal(captured[0], half(*inputs))


@pytest.mark.parametrize(
    "make, dtype, written",
    [
        (build, "float16", {"force_upcast": True}),
        # A configuration without the option means true, as diffusers reads it.
        (build, "bfloat16", {}),
        (stable_diffusion_3, "float16", {}),
        (flux, "bfloat16", {"force_upcast": True}),
    ],
)
def test_a_vae_that_needs_single_precision_keeps_it(tmp_path, capsys, make, dtype, written):
    make().save_pretrained(tmp_path / "pipeline")
    settings = {"prompts": CAPTIONS[:1], "steps": 4}
    export(tmp_path / "pipeline", tmp_path / "single", **settings)
    assert "force_upcast" not in capsys.readouterr().err
    file = tmp_path / "pipeline/vae/config.json"
    config = json.loads(file.read_text())
    del config["force_upcast"]
    file.write_text(json.dumps(config | written))
    manifest = export(tmp_path / "pipeline", tmp_path / "half", dtype=dtype, **settings)
    assert "vae/config.json has force_upcast" in capsys.readouterr().err
    assert manifest["provenance"]["weightType"] == dtype
    assert manifest["provenance"]["vaeDecoderWeightType"] == "float32"
    single, half = (
        torch.jit.load(tmp_path / kind / "vae_decoder.pt") for kind in ("single", "half")
    )
    assert {parameter.dtype for parameter in half.parameters()} == {torch.float32}
    latents = torch.randn(2, 4, 8, 16, generator=torch.Generator().manual_seed(3))
    assert torch.equal(half(latents), single(latents))
    denoiser = torch.jit.load(tmp_path / "half/denoiser.pt")
    assert getattr(torch, dtype) in {parameter.dtype for parameter in denoiser.parameters()}


def test_a_decoder_that_overflows_in_float16_draws_where_the_vae_asks_for_float32(tmp_path):
    pipeline = build()
    with torch.no_grad():
        pipeline.vae.decoder.conv_in.weight.mul_(1e6)
    pipeline.save_pretrained(tmp_path / "pipeline")
    file = tmp_path / "pipeline/vae/config.json"
    config = json.loads(file.read_text())
    latents = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(3))
    finite = {}
    for forced in (False, True):
        file.write_text(json.dumps(config | {"force_upcast": forced}))
        export(
            tmp_path / "pipeline",
            tmp_path / "bundle",
            dtype="float16",
            prompts=CAPTIONS[:1],
            steps=4,
        )
        decoder = torch.jit.load(tmp_path / "bundle/vae_decoder.pt")
        finite[forced] = bool(decoder(latents).isfinite().all())
    assert finite == {False: False, True: True}


def _tensors(outputs):
    return outputs if isinstance(outputs, tuple) else (outputs,)


SAVE = """
import re, sys
from pathlib import Path
import torch
from probeselect_models.files import torchscript

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

model = torch.nn.Sequential(*(torch.nn.Linear(2048, 2048) for _ in range(16)))
traced = torchscript.trace(model, {"forward": (torch.zeros(1, 2048),)})
before = peak()
torchscript.save(traced, Path(sys.argv[1]))
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_saving_a_module_does_not_hold_a_second_copy_of_it(tmp_path):
    command = [sys.executable, "-c", SAVE, str(tmp_path / "module.pt")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=MODELS)
    weights = 16 * 2048 * 2049 * 4
    assert (tmp_path / "module.pt").stat().st_size > weights
    assert int(done.stdout) * 1024 < 0.2 * weights
    assert [file.name for file in tmp_path.iterdir()] == ["module.pt"]


@pytest.mark.parametrize(
    "before, options, after",
    [
        (DDIMScheduler, {"clip_sample_range": 0.5}, EulerDiscreteScheduler),
        (UniPCMultistepScheduler, {"use_karras_sigmas": True}, DDIMScheduler),
        (EulerDiscreteScheduler, {"sigma_max": 9.0}, DPMSolverMultistepScheduler),
        (DPMSolverMultistepScheduler, {"use_lu_lambdas": True}, UniPCMultistepScheduler),
        (DPMSolverMultistepScheduler, {"use_dynamic_shifting": True}, DDIMScheduler),
    ],
)
def test_what_a_scheduler_has_left_from_another_class_is_no_hindrance(
    tmp_path, before, options, after
):
    pipeline = build()
    pipeline.scheduler = after.from_config(before(**options).config)
    pipeline.save_pretrained(tmp_path)
    family = open_family(tmp_path)
    assert type(family.scheduler) is after
    assert family.scheduler_config(family.scheduler).items() >= options.items()


def test_a_scheduler_is_mended_as_the_pipeline_mends_it(tmp_path):
    pipeline = build()
    pipeline.scheduler = DDIMScheduler()
    pipeline.save_pretrained(tmp_path)
    (tmp_path / "scheduler/scheduler_config.json").write_text("{}")
    loaded = StableDiffusionPipeline.from_pretrained(tmp_path).scheduler.config
    family = open_family(tmp_path)
    config = family.scheduler_config(family.scheduler)
    assert (loaded["steps_offset"], loaded["clip_sample"]) == (1, False)
    assert (config["steps_offset"], config["clip_sample"]) == (1, False)
    assert "_use_default_values" not in config


def test_a_pipeline_of_pictures_that_are_not_square_keeps_their_size(tmp_path):
    build().save_pretrained(tmp_path / "pipeline")
    _edit(tmp_path / "pipeline/unet/config.json", sample_size=[16, 24])
    manifest = export(tmp_path / "pipeline", tmp_path / "bundle", prompts=CAPTIONS[:1], steps=4)
    assert (manifest["defaults"]["height"], manifest["defaults"]["width"]) == (64, 96)
    assert (manifest["size"]["min"], manifest["size"]["max"]) == (32, 192)
    pipeline = StableDiffusionPipeline.from_pretrained(tmp_path / "pipeline")
    assert pipeline(CAPTIONS[0], num_inference_steps=1).images[0].size == (96, 64)


def test_the_size_of_an_old_pipeline_is_that_which_diffusers_takes(tmp_path):
    build().save_pretrained(tmp_path)
    _edit(tmp_path / "unet/config.json", _diffusers_version="0.8.1")
    assert open_family(tmp_path).default_size() == (256, 256)
    assert StableDiffusionPipeline.from_pretrained(tmp_path).unet.config.sample_size == 64


@pytest.mark.parametrize("missing", [True, False])
def test_flux_does_not_need_a_size_of_the_vae(tmp_path, missing):
    flux().save_pretrained(tmp_path)
    file = tmp_path / "vae/config.json"
    _edit(file, sample_size=[64, 96])
    if missing:
        content = json.loads(file.read_text())
        del content["sample_size"]
        file.write_text(json.dumps(content))
    assert open_family(tmp_path).default_size() == (512, 512)
    assert FluxPipeline.from_pretrained(tmp_path).default_sample_size == 128


@torch.no_grad()
def test_a_diffusion_pipeline_does_not_look_at_the_shift_of_the_vae(tmp_path):
    build().save_pretrained(tmp_path)
    latents = torch.ones(1, 4, 8, 8)
    expected = open_family(tmp_path).vae_decoder()(latents)
    for value in (0.7, "far"):
        _edit(tmp_path / "vae/config.json", shift_factor=value)
        assert torch.equal(open_family(tmp_path).vae_decoder()(latents), expected)


def _edit(file, **changes):
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
