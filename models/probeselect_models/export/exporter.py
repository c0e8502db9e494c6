"""Writes a bundle: every module traced, every tokenizer checked, and a manifest, whole or not at all."""

from __future__ import annotations

import gc
import sys
from importlib.metadata import version
from pathlib import Path

import torch
from torch import nn

from probeselect_models.export import bundle_name, checks
from probeselect_models.export.projection import (
    FRACTION,
    SEEDS,
    PromptBatch,
    encode,
    fit_compressions,
)
from probeselect_models.families import Family, UnsupportedPipelineError, open_family
from probeselect_models.families.refusals import naming
from probeselect_models.families.vae import open_preview_decoder
from probeselect_models.files import devices, manifest, tokenizer_file, torchscript
from probeselect_models.files.prompt_file import read_prompts
from probeselect_models.metrics import scene_reward

PROJECTION_PROMPTS = 32
"""So many prompts fix the projection of the taps."""
_PROMPTS = Path(__file__).with_name("projection_prompts.txt")
"""The first of models/prompts/train.txt."""


def export(
    pipeline: Path,
    output: Path,
    *,
    name: str | None = None,
    taps: list[str] | None = None,
    tap_channels: int = 32,
    grid: int = 8,
    steps: int | None = None,
    guidance_scale: float | None = None,
    metrics: dict[str, Path] | None = None,
    preview_decoder: Path | None = None,
    prompts: list[str] | None = None,
    dtype: str = "float32",
    device: str = "cpu",
) -> dict:
    """Writes the bundle and returns its manifest (without the file list).

    Probes of an older bundle at `output` are kept if its denoiser was the same.
    """
    family = open_family(pipeline, getattr(torch, dtype), device)
    taps = list(taps or family.default_taps)
    family.check_taps(taps)
    steps = family.steps if steps is None else steps
    guidance_scale = family.guidance_scale if guidance_scale is None else guidance_scale
    prompts = read_prompts(_PROMPTS, PROJECTION_PROMPTS) if prompts is None else prompts
    name = bundle_name.check(name or bundle_name.default(pipeline, family.name))
    print(f"{pipeline}: {family.name}, tapping {', '.join(taps)}", file=sys.stderr)
    checks.check(
        family,
        taps,
        tap_channels=tap_channels,
        grid=grid,
        steps=steps,
        guidance_scale=guidance_scale,
    )
    preview = _open_preview_decoder(family, preview_decoder)
    judges = _open_metrics(family, metrics or {})
    manifest.check_replaceable(output)
    size = family.size()
    with manifest.replacing(output) as directory:
        tokenizers = _save_tokenizers(family, directory)
        encoded = _save_text_encoder(family, prompts, directory)
        channels = _save_denoiser(
            family, taps, encoded, tap_channels, grid, steps, guidance_scale, directory
        )
        del encoded
        _save_vae_decoder(family, directory)
        previews = _save_preview_decoder(family, preview, directory)
        entries = {
            "formatVersion": manifest.FORMAT_VERSION,
            "name": name,
            "family": family.name,
            "latents": _latents_entry(family),
            "size": {key: size[key] for key in ("multipleOf", "min", "max")},
            "defaults": {
                "height": size["height"],
                "width": size["width"],
                "steps": steps,
                "guidanceScale": guidance_scale,
            },
            "guidance": family.guidance,
            "scheduler": _scheduler_entry(family),
            "tokenizers": tokenizers,
            "textEncoder": {"file": "text_encoder.pt", "outputs": family.text_outputs()},
            "promptEmbedding": family.text_outputs()[0]["name"],
            "denoiser": {
                "file": "denoiser.pt",
                "timestepType": family.timestep_type,
                "prediction": {
                    "type": family.prediction_type,
                    "channels": family.latent_channels,
                },
            },
            "taps": [
                {"name": tap, "channels": count, "grid": [grid, grid]}
                for tap, count in zip(taps, channels)
            ],
            "vaeDecoder": {"file": "vae_decoder.pt"},
            **previews,
            "metrics": _save_metrics(judges, directory),
            "probes": manifest.kept_probes(output, directory),
            "dtype": "float32",
            "device": devices.ANY,
            "provenance": _provenance(family, pipeline, prompts, dtype, device),
        }
        manifest.write_manifest(directory, entries)
    return entries


def _save_text_encoder(family: Family, prompts: list[str], directory: Path) -> list[PromptBatch]:
    """Writes the module; returns the prompts of the projection, encoded."""
    encoder = family.text_encoder()
    example = checks.example_ids(family, family.components.device)
    encoded = encode(family, encoder, prompts)
    _save(encoder, {"forward": example}, directory / "text_encoder.pt")
    return encoded


def _save_denoiser(
    family: Family,
    taps: list[str],
    encoded: list[PromptBatch],
    tap_channels: int,
    grid: int,
    steps: int,
    guidance_scale: float,
    directory: Path,
) -> list[int]:
    """Writes the module; returns how many channels each tap has."""
    denoiser = family.denoiser(taps)
    compressions = fit_compressions(
        family, denoiser, encoded, tap_channels, grid, steps, guidance_scale
    )
    denoiser.compress_with(compressions)
    device = family.components.device
    example = checks.example_inputs(family, device)
    _save(denoiser.to(device), {"forward": example, "capture": example}, directory / "denoiser.pt")
    return [compression.channels for compression in compressions]


def _save_vae_decoder(family: Family, directory: Path) -> None:
    if family.decoder_dtype != family.components.dtype:
        print(
            "the VAE decoder keeps float32 weights: vae/config.json has force_upcast",
            file=sys.stderr,
        )
    latents = checks.example_latents(family, family.components.device)
    _save(family.vae_decoder(), {"forward": (latents,)}, directory / "vae_decoder.pt")


def _open_preview_decoder(family: Family, source: Path | None) -> nn.Module | None:
    if source is None:
        return None
    components = family.components
    return open_preview_decoder(
        source,
        family.latent_channels,
        family.pixels_per_latent,
        components.dtype,
        components.device,
    )


def _save_preview_decoder(family: Family, decoder: nn.Module | None, directory: Path) -> dict:
    if decoder is None:
        return {}
    latents = checks.example_latents(family, family.components.device)
    _save(decoder, {"forward": (latents,)}, directory / "preview_decoder.pt")
    return {"previewDecoder": {"file": "preview_decoder.pt"}}


def _save(module: nn.Module, inputs: dict[str, tuple], file: Path) -> None:
    torchscript.write(module, inputs, file)
    gc.collect()


def _save_tokenizers(family: Family, directory: Path) -> list[dict]:
    entries = []
    for i, text_input in enumerate(family.text_inputs()):
        file = "tokenizer/tokenizer.json" if i == 0 else f"tokenizer_{i + 1}/tokenizer.json"
        entries.append(
            tokenizer_file.save(
                text_input.tokenizer, text_input.length, directory, file, text_input.encoder
            )
        )
    return entries


def _open_metrics(family: Family, metrics: dict[str, Path]) -> list[tuple[str, nn.Module, int]]:
    """Each with its name and the number of its tokenizer."""
    opened = []
    for name, source in metrics.items():
        with naming(str(source), f"the metric {name} cannot be opened"):
            judge = scene_reward.load(source)
        tokenizer = _tokenizer_of(judge.config, family)
        if tokenizer is None:
            raise UnsupportedPipelineError(
                f"the metric {name} in {source} was trained with another tokenizer than the pipeline's"
            )
        opened.append((name, judge, tokenizer))
    return opened


def _save_metrics(judges: list[tuple[str, nn.Module, int]], directory: Path) -> list[dict]:
    entries = []
    for name, judge, tokenizer in judges:
        file = f"metrics/{name}.pt"
        (directory / "metrics").mkdir(exist_ok=True)
        scene_reward.write(judge, directory / file)
        entries.append({"name": name, "file": file, "tokenizer": tokenizer})
    return entries


def _latents_entry(family: Family) -> dict:
    entry = {"channels": family.latent_channels, "pixelsPerLatent": family.pixels_per_latent}
    return entry if family.patch == 1 else {**entry, "patch": family.patch}


def _tokenizer_of(config: scene_reward.RewardConfig, family: Family) -> int | None:
    """Which of the family's tokenizers a metric was trained with; a shorter length is as good."""
    known = scene_reward.up_to_the_end(config.check_ids, config.eos_id)
    for i, text in enumerate(family.text_inputs()):
        ids = text.ids(scene_reward.CHECK_TEXT)[0].tolist()
        if text.length <= config.length and scene_reward.up_to_the_end(ids, config.eos_id) == known:
            return i
    return None


def _scheduler_entry(family: Family) -> dict:
    scheduler = family.scheduler
    entry = {"type": type(scheduler).__name__, "config": family.scheduler_config(scheduler)}
    return entry if family.sigmas is None else {**entry, "sigmas": family.sigmas}


def _provenance(
    family: Family, pipeline: Path, prompts: list[str], dtype: str, device: str
) -> dict:
    weights = {
        path.relative_to(pipeline).as_posix(): manifest.sha256(path) for path in family.weight_files
    }
    return {
        "exporter": "probeselect_models.export",
        "pipeline": pipeline.resolve().name,
        "pipelineWeights": weights,
        "weightType": dtype,
        "vaeDecoderWeightType": str(family.decoder_dtype).removeprefix("torch."),
        "tracedOn": device,
        "projection": {
            "prompts": prompts,
            "seedsPerPrompt": SEEDS,
            "fraction": FRACTION,
        },
        "torch": torch.__version__.split("+")[0],
        "diffusers": version("diffusers"),
        "transformers": version("transformers"),
    }
