"""Bundles of every family do what diffusers does with the pipeline, at any batch and image size."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from golden.modules import compressed, embeddings, hear, predict
from golden.pipeline import Case, Sampler
from probeselect_models.export.exporter import export
from random_pipeline import PIPELINES
from random_tokenizers import CAPTIONS

SHAPES = [(1, 16, 16), (2, 4, 20), (3, 20, 6), (4, 2, 2), (5, 16, 12)]
"""Batch, height and width of latents; the modules were traced at (2, 8, 8)."""
TEXTS = [CAPTIONS[0], "", "red " * 60, CAPTIONS[5], "a zebra"]
FAMILIES = [name for name in PIPELINES if name != "stable-diffusion-2"]


@dataclass(frozen=True)
class Exported:
    """A pipeline and the bundle made of it."""

    name: str
    pipeline: object
    bundle: Path
    manifest: dict

    def module(self, file: str) -> torch.jit.ScriptModule:
        return torch.jit.load(self.bundle / file)

    def inputs(self, batch: int, height: int, width: int) -> tuple:
        rng = torch.Generator().manual_seed(11)
        embeddings = [
            torch.randn(batch, *output["shape"], generator=rng)
            for output in self.manifest["textEncoder"]["outputs"]
        ]
        latents = torch.randn(batch, 4, height, width, generator=rng)
        timestep = 1000 * torch.rand(batch, generator=rng)
        guidance = [1 + 5 * torch.rand(batch, generator=rng)]
        embedded = self.manifest["guidance"] == "embedded"
        return latents, timestep, *embeddings, *(guidance if embedded else [])


TAPS = {
    "stable-diffusion-3": [
        "transformer_blocks.0",
        "transformer_blocks.1",
        "transformer_blocks.0.attn",
        "proj_out",
    ],
    "flux-1": [
        "transformer_blocks.0",
        "single_transformer_blocks.1",
        "single_transformer_blocks.0.attn",
        "transformer_blocks.0.norm1",
    ],
}


@pytest.fixture(scope="module", params=FAMILIES)
def exported(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp(request.param)
    pipeline = PIPELINES[request.param]()
    pipeline.set_progress_bar_config(disable=True)
    pipeline.save_pretrained(directory / "pipeline")
    taps = TAPS["flux-1" if "flux" in request.param else "stable-diffusion-3"]
    manifest = export(
        directory / "pipeline", directory / "bundle", taps=taps, prompts=CAPTIONS[:2], steps=4
    )
    return Exported(request.param, pipeline, directory / "bundle", manifest)


def assert_close(actual, expected):
    assert actual.dtype == torch.float32
    assert actual.shape == expected.shape
    assert (actual - expected).norm() <= 1e-4 * expected.norm()


@pytest.mark.parametrize("shape", SHAPES)
def test_prediction_and_activations_are_those_that_hooks_hear_in_diffusers(exported, shape):
    denoiser = exported.module("denoiser.pt")
    entries = exported.manifest["taps"]
    inputs = exported.inputs(*shape)
    prediction, activations = hear(
        exported.pipeline, [entry["name"] for entry in entries], inputs, patch=2
    )
    with torch.no_grad():
        captured, *taps = denoiser.capture(*inputs)
        assert_close(denoiser(*inputs), prediction)
    assert_close(captured, prediction)
    for i, (tap, entry, activation) in enumerate(zip(taps, entries, activations, strict=True)):
        assert list(activation.shape[2:]) == [shape[1] // 2, shape[2] // 2]
        assert list(tap.shape) == [shape[0], entry["channels"], *entry["grid"]]
        compression = getattr(denoiser.compressions, str(i))
        assert_close(
            tap, compressed(activation, compression.weight, compression.bias, entry["grid"])
        )


def test_the_conditional_row_of_seed_i_is_row_n_plus_i(exported):
    denoiser = exported.module("denoiser.pt")
    latents, timestep, *conditions = exported.inputs(3, 8, 12)
    others = [condition.flip(0) + 1 for condition in conditions]
    with torch.no_grad():
        alone = denoiser.capture(latents, timestep, *conditions)
        guided = denoiser.capture(
            torch.cat([latents, latents]),
            torch.cat([timestep, timestep]),
            *(torch.cat(both) for both in zip(others, conditions)),
        )
    for rows, twice in zip(alone, guided):
        assert_close(twice[3:], rows)
        assert (twice[:3] - rows).norm() > 1e-3 * rows.norm()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_text_encoder_gives_the_embeddings_that_the_pipeline_uses(exported, count):
    texts = TEXTS[:count]
    ids = []
    for entry in exported.manifest["tokenizers"]:
        tokenizer = Tokenizer.from_file(str(exported.bundle / entry["file"]))
        ids.append(torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(texts)]))
    with torch.no_grad():
        outputs = exported.module("text_encoder.pt")(*ids)
        hidden, pooled = embeddings(exported.pipeline, texts, exported.manifest)
    for actual, expected, entry in zip(
        outputs, (hidden, pooled), exported.manifest["textEncoder"]["outputs"], strict=True
    ):
        assert list(actual.shape) == [count, *entry["shape"]]
        assert_close(actual, expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_vae_decoder_gives_the_picture_that_the_pipeline_gives(exported, shape):
    vae = exported.pipeline.vae
    latents = 3 * exported.inputs(*shape)[0]
    with torch.no_grad():
        decoded = vae.decode(latents / vae.config.scaling_factor + vae.config.shift_factor).sample
        picture = exported.module("vae_decoder.pt")(latents)
    assert_close(picture, (decoded / 2 + 0.5).clamp(0, 1))
    assert list(picture.shape) == [shape[0], 3, 4 * shape[1], 4 * shape[2]]


def test_tokenizers_pad_and_truncate_as_the_pipeline_does(exported):
    pipeline = exported.pipeline
    tokenizers = [pipeline.tokenizer, pipeline.tokenizer_2, getattr(pipeline, "tokenizer_3", None)]
    tokenizers = [tokenizer for tokenizer in tokenizers if tokenizer is not None]
    for tokenizer, entry in zip(tokenizers, exported.manifest["tokenizers"], strict=True):
        ours = Tokenizer.from_file(str(exported.bundle / entry["file"]))
        assert entry["padId"] == tokenizer.pad_token_id
        assert entry.get("bosId") == tokenizer.bos_token_id
        assert ("bosId" in entry) == (tokenizer.bos_token_id is not None)
        for text in TEXTS:
            theirs = tokenizer(
                text, padding="max_length", max_length=entry["length"], truncation=True
            ).input_ids
            assert ours.encode(text).ids == theirs
            assert theirs.count(entry["eosId"]) >= 1


def test_manifest_says_what_the_reader_needs_to_know(exported):
    manifest = exported.manifest
    flux = "flux" in exported.name
    guidance = {"flux-dev": "embedded", "flux-schnell": "none"}
    assert manifest["family"] == ("flux-1" if flux else "stable-diffusion-3")
    assert manifest["guidance"] == guidance.get(exported.name, "classifier-free")
    assert manifest["latents"] == {"channels": 4, "pixelsPerLatent": 4, "patch": 2}
    assert manifest["denoiser"]["timestepType"] == "float32"
    assert manifest["denoiser"]["prediction"]["type"] == "flow_prediction"
    assert manifest["scheduler"].get("sigmas") == ("linear" if flux else None)
    assert manifest["scheduler"]["type"] == "FlowMatchEulerDiscreteScheduler"
    assert manifest["size"] == {"multipleOf": 8, "min": 8, "max": 128 if flux else 160}
    assert manifest["defaults"]["height"] == 64
    written = json.loads((exported.bundle / "manifest.json").read_text(encoding="utf-8"))
    assert {**written, "files": None} == {**manifest, "files": None}


def test_largest_size_works(exported):
    side = exported.manifest["size"]["max"] // 4
    inputs = exported.inputs(1, side, side)
    with torch.no_grad():
        expected = predict(exported.pipeline, *inputs)
        assert_close(exported.module("denoiser.pt")(*inputs), expected)


@pytest.mark.parametrize("height, width", [(64, 64), (32, 72)])
@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_the_bundle_walks_the_same_way_as_the_pipeline(exported, height, width, scale):
    """With the pipeline's own scheduler between the modules, whose sigmas the test sets by hand."""
    case = Case("case", CAPTIONS[1], 5, 4, scale, "red", height, width)
    sampler = Sampler(exported.pipeline, exported.bundle.parent / "pipeline")
    if exported.manifest["guidance"] != "classifier-free":
        case = Case("case", CAPTIONS[1], 5, 4, scale, None, height, width)
    picture, expected = sampler.run(case)
    latents, drawn = _sampled_by_bundle(exported, case, expected[0])
    for actual, golden in zip(latents, expected, strict=True):
        assert_close(actual, golden)
    error = (drawn[0] - torch.tensor(picture).permute(2, 0, 1) / 255).abs().max()
    assert error < 0.51 / 255 + 1e-3


def _sampled_by_bundle(exported, case, noise):
    manifest, scheduler = exported.manifest, exported.pipeline.scheduler
    guided = manifest["guidance"] == "classifier-free" and case.guidanceScale > 1
    texts = [case.negativePrompt or "", case.prompt] if guided else [case.prompt]
    denoiser = exported.module("denoiser.pt")
    decoder = exported.module("vae_decoder.pt")
    with torch.no_grad():
        conditions = embeddings(exported.pipeline, texts, exported.manifest)
        x, latents = noise, [noise]
        for timestep in scheduler.timesteps:
            rows = len(texts)
            embedded = [torch.full((rows,), case.guidanceScale)]
            prediction = denoiser(
                x.expand(rows, -1, -1, -1),
                timestep.expand(rows),
                *conditions,
                *(embedded if manifest["guidance"] == "embedded" else []),
            )
            if guided:
                without, given = prediction.chunk(2)
                prediction = without + case.guidanceScale * (given - without)
            sigma, after = scheduler.sigmas[len(latents) - 1 : len(latents) + 1]
            x = x + (after - sigma) * prediction
            latents.append(x)
        return latents, decoder(x)
