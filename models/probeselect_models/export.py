"""Turns a diffusers pipeline directory into a bundle (docs/bundle-format.md).

    python -m probeselect_models.export --pipeline DIR --output BUNDLE
"""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import version
from pathlib import Path

import torch
from tokenizers import Tokenizer

from probeselect_models import manifest, reward, torchscript
from probeselect_models.families import Denoiser, Family, UnsupportedPipelineError, open_family
from probeselect_models.projection import FRACTION, SEEDS, fit_compressions
from probeselect_models.taps import UnknownTapError

PROMPTS = Path(__file__).parents[1] / "prompts" / "train.txt"
CHECK_TEXT = "a red circle"
PROJECTION_PROMPTS = 32


def export(
    pipeline: Path,
    output: Path,
    *,
    name: str | None = None,
    taps: list[str] | None = None,
    tap_channels: int = 32,
    grid: int = 8,
    steps: int = 20,
    guidance_scale: float = 3.0,
    metrics: dict[str, Path] | None = None,
    prompts: list[str] | None = None,
) -> dict:
    """Writes the bundle and returns its manifest (without the file list).

    Probes of an older bundle at `output` are kept if its denoiser was the same.
    """
    family = open_family(pipeline)
    taps = list(taps or family.default_taps)
    prompts = prompts or read_prompts(PROMPTS)
    compressions = fit_compressions(
        family, taps, tap_channels, grid, prompts, steps, guidance_scale
    )
    side = family.size()["default"]
    with manifest.replacing(output) as directory:
        _save_text_encoder(family, directory)
        _save_denoiser(family, taps, compressions, side, directory)
        _save_vae_decoder(family, side, directory)
        entries = {
            "formatVersion": manifest.FORMAT_VERSION,
            "name": name or pipeline.resolve().name,
            "family": family.name,
            "latents": family.latents(),
            "size": {key: family.size()[key] for key in ("multipleOf", "min", "max")},
            "defaults": {
                "height": side,
                "width": side,
                "steps": steps,
                "guidanceScale": guidance_scale,
            },
            "guidance": family.guidance,
            "scheduler": _scheduler_entry(family),
            "tokenizers": _save_tokenizers(family, directory),
            "textEncoder": {"file": "text_encoder.pt", "outputs": family.text_outputs()},
            "promptEmbedding": family.text_outputs()[0]["name"],
            "denoiser": {
                "file": "denoiser.pt",
                "timestepType": family.timestep_type,
                "prediction": {
                    "type": family.scheduler().config.prediction_type,
                    "channels": family.latents()["channels"],
                },
            },
            "taps": [
                {"name": tap, "channels": compression.channels, "grid": [grid, grid]}
                for tap, compression in zip(taps, compressions)
            ],
            "vaeDecoder": {"file": "vae_decoder.pt"},
            "metrics": _save_metrics(family, metrics or {}, directory),
            "probes": manifest.kept_probes(output, directory),
            "dtype": "float32",
            "device": "cpu",
            "provenance": _provenance(pipeline, prompts),
        }
        manifest.write_manifest(directory, entries)
    return entries


def read_prompts(path: Path) -> list[str]:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line][:PROJECTION_PROMPTS]


def _save_text_encoder(family: Family, directory: Path) -> None:
    ids = torch.cat([family.ids(CHECK_TEXT), family.ids("")])
    traced = torchscript.trace(family.text_encoder(), {"forward": (ids,)})
    torchscript.save(traced, directory / "text_encoder.pt")


def _save_denoiser(family, taps, compressions, side, directory: Path) -> None:
    latents = family.latents()
    cells = side // latents["pixelsPerLatent"]
    example = (
        torch.zeros(2, latents["channels"], cells, cells),
        torch.tensor([1, 2], dtype=getattr(torch, family.timestep_type)),
        *(torch.zeros(2, *output["shape"]) for output in family.text_outputs()),
    )
    denoiser = Denoiser(family.denoiser_module(), taps, compressions)
    traced = torchscript.trace(denoiser, {"forward": example, "capture": example})
    torchscript.save(traced, directory / "denoiser.pt")


def _save_vae_decoder(family: Family, side: int, directory: Path) -> None:
    latents = family.latents()
    cells = side // latents["pixelsPerLatent"]
    example = torch.zeros(2, latents["channels"], cells, cells)
    traced = torchscript.trace(family.vae_decoder(), {"forward": (example,)})
    torchscript.save(traced, directory / "vae_decoder.pt")


def _save_tokenizers(family: Family, directory: Path) -> list[dict]:
    """Complete tokenizer.json files: padding and truncation to the encoder's length are inside."""
    entries = []
    for i, tokenizer in enumerate(family.tokenizers()):
        backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
        length = tokenizer.model_max_length
        backend.enable_truncation(length)
        backend.enable_padding(
            length=length, pad_id=tokenizer.pad_token_id, pad_token=tokenizer.pad_token
        )
        ids = backend.encode(CHECK_TEXT).ids
        if ids != family.ids(CHECK_TEXT, i)[0].tolist():
            raise UnsupportedPipelineError(
                f"tokenizer {i}: tokenizer.json gives other ids than the pipeline's tokenizer for "
                f"{CHECK_TEXT!r}"
            )
        file = "tokenizer/tokenizer.json" if i == 0 else f"tokenizer_{i + 1}/tokenizer.json"
        (directory / file).parent.mkdir()
        (directory / file).write_text(backend.to_str(pretty=True), encoding="utf-8")
        entries.append(
            {
                "file": file,
                "length": length,
                "padId": tokenizer.pad_token_id,
                "bosId": tokenizer.bos_token_id,
                "eosId": tokenizer.eos_token_id,
                "check": {"text": CHECK_TEXT, "ids": ids},
            }
        )
    return entries


def _save_metrics(family: Family, metrics: dict[str, Path], directory: Path) -> list[dict]:
    entries = []
    for name, source in metrics.items():
        judge = reward.load(source)
        if list(judge.config.check_ids) != family.ids(reward.CHECK_TEXT)[0].tolist():
            raise UnsupportedPipelineError(
                f"the metric {name} in {source} was trained with another tokenizer than the pipeline's"
            )
        file = f"metrics/{name}.pt"
        (directory / "metrics").mkdir(exist_ok=True)
        torchscript.save(reward.traced(judge), directory / file)
        entries.append({"name": name, "file": file, "tokenizer": 0})
    return entries


def _scheduler_entry(family: Family) -> dict:
    scheduler = family.scheduler()
    config = {key: value for key, value in scheduler.config.items() if key != "_name_or_path"}
    return {"type": type(scheduler).__name__, "config": config}


def _provenance(pipeline: Path, prompts: list[str]) -> dict:
    weights = {
        path.relative_to(pipeline).as_posix(): manifest.sha256(path)
        for path in sorted(pipeline.rglob("*.safetensors"))
    }
    return {
        "exporter": "probeselect_models.export",
        "pipeline": pipeline.resolve().name,
        "pipelineWeights": weights,
        "projection": {
            "prompts": prompts,
            "seedsPerPrompt": SEEDS,
            "fraction": FRACTION,
        },
        "torch": torch.__version__.split("+")[0],
        "diffusers": version("diffusers"),
        "transformers": version("transformers"),
    }


def _metric(text: str) -> tuple[str, Path]:
    name, separator, directory = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r}: write NAME=DIRECTORY")
    return name, Path(directory)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pipeline", type=Path, required=True, help="diffusers directory")
    parser.add_argument("--output", type=Path, required=True, help="bundle directory to write")
    parser.add_argument("--name", help="name of the bundle; default: the pipeline's directory")
    parser.add_argument("--tap", action="append", metavar="MODULE", help="may be repeated")
    parser.add_argument("--tap-channels", type=int, default=32)
    parser.add_argument("--grid", type=int, default=8, help="cells per side of a tap's map")
    parser.add_argument("--steps", type=int, default=20, help="default number of steps")
    parser.add_argument("--guidance-scale", type=float, default=3.0, help="default scale")
    parser.add_argument(
        "--metric", action="append", type=_metric, metavar="NAME=DIR", help="may be repeated"
    )
    parser.add_argument(
        "--prompts",
        type=Path,
        help=f"one prompt a line, the first {PROJECTION_PROMPTS} fix the projection; "
        "default: scenes of the training split",
    )
    given = parser.parse_args()
    try:
        export(
            given.pipeline,
            given.output,
            name=given.name,
            taps=given.tap,
            tap_channels=given.tap_channels,
            grid=given.grid,
            steps=given.steps,
            guidance_scale=given.guidance_scale,
            metrics=dict(given.metric or []),
            prompts=read_prompts(given.prompts) if given.prompts else None,
        )
    except (UnsupportedPipelineError, UnknownTapError, FileExistsError, FileNotFoundError) as error:
        sys.exit(f"export failed: {error}")
    size = sum(p.stat().st_size for p in given.output.rglob("*") if p.is_file())
    print(f"wrote {given.output} ({size / 2**20:.1f} MiB)")


if __name__ == "__main__":
    main()
