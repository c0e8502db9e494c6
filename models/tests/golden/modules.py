"""What diffusers makes of the inputs of a bundle's modules, as test data for other implementations.

    python -m golden.modules --pipeline DIR --bundle BUNDLE --output FILE

Writes JSON: the ids of some texts, and for some image sizes, with and without guidance, what the
original denoiser predicts, what forward hooks on its blocks hear, pooled and projected, and the
picture of the first candidate's latents. Noise is that of the seeds; numbers have six digits.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from diffusers import FluxPipeline, StableDiffusionPipeline
from torch import Tensor

from probeselect_models.training.sample import open_pipeline

PROMPT = "a red circle left of a small blue square on a gray background"
NEGATIVE_PROMPT = "two green stars and a white cross"
TEXTS = (PROMPT, NEGATIVE_PROMPT, "", "red " * 300)
SEEDS = (3, 2**33 + 1)
TIMESTEP = 637.0
GUIDANCE_SCALE = 3.5
_SMALL = 64
"""Pixels."""
_SHOWN = 500
"""Of more values every n-th is written, so many that about these come out."""


def predict(pipeline, latents: Tensor, timestep: Tensor, hidden, pooled=None, guidance=None):
    """The denoiser called as its pipeline calls it: latents and prediction are maps [B, C, h, w]."""
    if isinstance(pipeline, StableDiffusionPipeline):
        return pipeline.unet(latents, timestep, hidden, return_dict=False)[0]
    transformer = pipeline.transformer
    if not isinstance(pipeline, FluxPipeline):
        return transformer(latents, hidden, pooled, timestep, return_dict=False)[0]
    batch, channels, height, width = latents.shape
    prediction = transformer(
        FluxPipeline._pack_latents(latents, batch, channels, height, width),
        timestep=timestep / 1000,
        guidance=guidance,
        pooled_projections=pooled,
        encoder_hidden_states=hidden,
        txt_ids=torch.zeros(hidden.shape[1], 3),
        img_ids=FluxPipeline._prepare_latent_image_ids(
            batch, height // 2, width // 2, "cpu", torch.float32
        ),
        return_dict=False,
    )[0]
    cell = pipeline.vae_scale_factor
    return FluxPipeline._unpack_latents(prediction, cell * height, cell * width, cell)


def embeddings(pipeline, texts: list[str], manifest: dict) -> tuple[Tensor, ...]:
    """What the pipeline's denoiser is conditioned on, one row for each text."""
    if isinstance(pipeline, StableDiffusionPipeline):
        return (pipeline.encode_prompt(texts, "cpu", 1, False)[0],)
    joint = manifest["textEncoder"]["outputs"][0]["shape"][0]
    if isinstance(pipeline, FluxPipeline):
        return pipeline.encode_prompt(texts, max_sequence_length=joint)[:2]
    t5 = joint - pipeline.tokenizer_max_length
    hidden, _, pooled, _ = pipeline.encode_prompt(
        texts, None, None, do_classifier_free_guidance=False, max_sequence_length=t5
    )
    return hidden, pooled


def image_of(output, name: str, rows: int, columns: int) -> Tensor:
    """The image's part of what a block put out, as a map: (text, image) from a transformer block."""
    if isinstance(output, tuple):
        output = output[1] if name.rpartition(".")[0].endswith("transformer_blocks") else output[0]
    if output.dim() == 4:
        return output
    tokens = output[:, output.shape[1] - rows * columns :]
    return torch.stack(
        [tokens[:, row * columns : (row + 1) * columns].mT for row in range(rows)], 2
    )


@torch.no_grad()
def hear(pipeline, names: list[str], inputs: tuple, patch: int) -> tuple[Tensor, list[Tensor]]:
    """The prediction, and what forward hooks on the named modules of the original network hear."""
    network = getattr(pipeline, "transformer", None) or pipeline.unet
    modules = dict(network.named_modules())
    heard: dict[str, object] = {}
    hooks = [
        modules[name].register_forward_hook(
            lambda _module, _inputs, output, name=name: heard.update({name: output})
        )
        for name in names
    ]
    try:
        prediction = predict(pipeline, *inputs)
    finally:
        for hook in hooks:
            hook.remove()
    rows, columns = (side // patch for side in inputs[0].shape[2:])
    return prediction, [image_of(heard[name], name, rows, columns) for name in names]


def compressed(activation: Tensor, weight: Tensor, bias: Tensor, grid: list[int]) -> Tensor:
    """Pooled to the grid, then the affine map of the channels."""
    pooled = torch.nn.functional.adaptive_avg_pool2d(activation, grid)
    return torch.einsum("oc,bchw->bohw", weight[:, :, 0, 0], pooled) + bias[None, :, None, None]


def sizes(allowed: dict) -> list[tuple[int, int]]:
    """Heights and widths of a small square picture and of one that is not square."""
    step = allowed["multipleOf"]
    side = -(-max(allowed["min"], min(4 * step, _SMALL)) // step) * step
    return [(side, side), (side, min(side + 3 * step, allowed["max"] // step * step))]


@torch.no_grad()
def golden(pipeline, bundle: Path) -> dict:
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    sides = sizes(manifest["size"])
    guided = manifest["guidance"] == "classifier-free"
    encoded = embeddings(pipeline, [NEGATIVE_PROMPT, PROMPT], manifest)
    cases = [
        _case(pipeline, bundle, manifest, encoded, height, width, unconditional)
        for height, width in sides
        for unconditional in ([True, False] if guided else [False])
    ]
    return {
        "prompt": PROMPT,
        "negativePrompt": NEGATIVE_PROMPT,
        "seeds": SEEDS,
        "timestep": TIMESTEP,
        "guidanceScale": GUIDANCE_SCALE,
        "texts": _texts(pipeline, manifest),
        "promptEmbedding": _shown(encoded[0][1]),
        "cases": cases,
        "picture": _picture(pipeline, manifest, *sides[1]),
    }


def _case(pipeline, bundle, manifest, encoded, height, width, unconditional) -> dict:
    latents = torch.cat([_noise(manifest, seed, height, width) for seed in SEEDS])
    texts = [1] * len(SEEDS)
    if unconditional:
        texts, latents = [0] * len(SEEDS) + texts, torch.cat([latents, latents])
    conditions = tuple(embedding[texts] for embedding in encoded)
    if manifest["guidance"] == "embedded":
        conditions = (*conditions, torch.full((len(texts),), GUIDANCE_SCALE))
    names = [tap["name"] for tap in manifest["taps"]]
    patch = manifest["latents"].get("patch", 1)
    timestep = torch.full(
        (len(texts),),
        TIMESTEP,
        dtype=getattr(torch, manifest["denoiser"]["timestepType"]),
    )
    inputs = (latents, timestep, *conditions)
    prediction, activations = hear(pipeline, names, inputs, patch)
    weights = dict(torch.jit.load(bundle / manifest["denoiser"]["file"]).named_buffers())
    taps = {}
    for i, (tap, activation) in enumerate(zip(manifest["taps"], activations)):
        weight, bias = (weights[f"compressions.{i}.{part}"] for part in ("weight", "bias"))
        rows = compressed(activation[-len(SEEDS) :], weight, bias, tap["grid"])
        taps[tap["name"]] = [_shown(row) for row in rows]
    return {
        "height": height,
        "width": width,
        "conditional": [_shown(row) for row in prediction[-len(SEEDS) :]],
        "unconditional": [_shown(row) for row in prediction[: -len(SEEDS)]],
        "taps": taps,
    }


def _noise(manifest: dict, seed: int, height: int, width: int) -> Tensor:
    cell = manifest["latents"]["pixelsPerLatent"]
    shape = (1, manifest["latents"]["channels"], height // cell, width // cell)
    return torch.randn(shape, generator=torch.Generator("cpu").manual_seed(seed))


def _picture(pipeline, manifest: dict, height: int, width: int) -> dict:
    """The first seed's noise, decoded: 8-bit values, channel by channel."""
    config = pipeline.vae.config
    scaled = _noise(manifest, SEEDS[0], height, width) / config.scaling_factor
    decoded = pipeline.vae.decode(scaled + (config.shift_factor or 0), return_dict=False)[0]
    values = (255 * (decoded / 2 + 0.5).clamp(0, 1)).round().int()
    return {"height": height, "width": width, "values": values.flatten().tolist()}


def _texts(pipeline, manifest: dict) -> list[dict]:
    """The ids of each text and tokenizer, and how many there would be if none were cut off."""
    names = ("tokenizer", "tokenizer_2", "tokenizer_3")
    tokenizers = [getattr(pipeline, name, None) for name in names]
    found = []
    for text in TEXTS:
        ids, whole = [], []
        for tokenizer, entry in zip(filter(None, tokenizers), manifest["tokenizers"], strict=True):
            fitted = tokenizer(
                text, padding="max_length", max_length=entry["length"], truncation=True
            )
            ids.append(fitted.input_ids)
            whole.append(len(tokenizer(text).input_ids))
        found.append({"text": text, "ids": ids, "tokens": whole})
    return found


def _shown(tensor: Tensor) -> dict:
    """Some of the numbers, evenly spread; `size` says how many there are."""
    values = tensor.flatten()
    stride = max(1, len(values) // _SHOWN)
    shown = [float(f"{value:.6g}") for value in values[::stride].tolist()]
    return {"size": len(values), "stride": stride, "values": shown}


def write_golden(pipeline_directory: Path, bundle: Path, output: Path) -> None:
    pipeline = open_pipeline(pipeline_directory)
    output.write_text(json.dumps(golden(pipeline, bundle), separators=(",", ":")) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pipeline", type=Path, required=True)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args()
    write_golden(given.pipeline, given.bundle, given.output)


if __name__ == "__main__":
    main()
