"""Everything about an export that can be known before a large file is read or written.

The modules are made without weights, on PyTorch's meta device, and run: that gives the shape of everything
that they put out, and shows each configuration that does not work, in a second and without memory.
"""

from __future__ import annotations

import math

import torch
from diffusers import SchedulerMixin
from torch import Tensor

from probeselect_models.export.projection import FRACTION
from probeselect_models.families import Family
from probeselect_models.families.refusals import naming, refuse_unless
from probeselect_models.files.tokenizer_file import CHECK_TEXT

_SCHEDULER = "scheduler/scheduler_config.json"


def check(
    family: Family,
    taps: list[str],
    *,
    tap_channels: int,
    grid: int,
    steps: int,
    guidance_scale: float,
) -> None:
    """Raises UnsupportedPipelineError, or UnknownTapError, for what an export would end with later."""
    for name, value in (("tap-channels", tap_channels), ("grid", grid), ("steps", steps)):
        refuse_unless(value >= 1, f"--{name} must be at least 1, got {value}")
    refuse_unless(
        math.isfinite(guidance_scale), f"--guidance-scale must be a number, got {guidance_scale}"
    )
    refuse_unless(
        family.components.device != "cuda" or torch.cuda.is_available(),
        "--device cuda: PyTorch finds no CUDA device here",
    )
    _check_size(family)
    _check_schedule(family, steps)
    with family.components.without_weights(), torch.no_grad():
        _check_modules(family, taps)


def example_latents(family: Family, device: str) -> Tensor:
    """Small: a traced module works at any size."""
    side = 4 * family.size()["multipleOf"] // family.pixels_per_latent
    return torch.zeros(2, family.latent_channels, side, side, device=device)


def example_ids(family: Family, device: str) -> tuple[Tensor, ...]:
    return tuple(
        torch.cat([text_input.ids(CHECK_TEXT), text_input.ids("")]).to(device)
        for text_input in family.text_inputs()
    )


def example_inputs(family: Family, device: str) -> tuple[Tensor, ...]:
    """Of the denoiser."""
    inputs = (
        example_latents(family, device),
        torch.tensor([1, 2], dtype=getattr(torch, family.timestep_type), device=device),
        *(torch.zeros(2, *output["shape"], device=device) for output in family.text_outputs()),
    )
    embedded = family.guidance == "embedded"
    return (*inputs, torch.ones(2, device=device)) if embedded else inputs


def _check_size(family: Family) -> None:
    size = family.size()
    for side in ("height", "width"):
        refuse_unless(
            size[side] % size["multipleOf"] == 0 and size["min"] <= size[side] <= size["max"],
            f"{family.size_file}: by its sample_size a picture is {size['height']} pixels high and "
            f"{size['width']} wide; both must be multiples of {size['multipleOf']} and from "
            f"{size['min']} to {size['max']}",
        )


def _check_schedule(family: Family, steps: int) -> None:
    """Walks the first steps with nothing to see, as fitting the projection will."""
    scheduler = family.scheduler
    kind, config = type(scheduler).__name__, scheduler.config
    most = config.num_train_timesteps
    refuse_unless(
        steps <= most,
        f"{_SCHEDULER}: num_train_timesteps = {most} allows no {steps} steps; give fewer with --steps",
    )
    height, width = family.default_size()
    cells = height * width // family.pixels_per_latent**2
    latents = torch.zeros(1, family.latent_channels, 2, 2)
    with naming(
        _SCHEDULER, f"{kind} cannot be walked in {steps} steps", dict(config), type(scheduler)
    ):
        family.set_timesteps(scheduler, steps, cells)
        _check_timesteps(scheduler, steps)
        for timestep in scheduler.timesteps[: max(1, round(FRACTION * steps))]:
            if hasattr(scheduler, "scale_model_input"):
                scheduler.scale_model_input(latents, timestep)
            latents = scheduler.step(latents, timestep, latents, return_dict=False)[0]


def _check_timesteps(scheduler: SchedulerMixin, steps: int) -> None:
    kind, config = type(scheduler).__name__, scheduler.config
    first = float(scheduler.timesteps[0])
    refuse_unless(
        first < config.num_train_timesteps or kind == "FlowMatchEulerDiscreteScheduler",
        f"{_SCHEDULER}: with steps_offset = {config.get('steps_offset')} {steps} steps begin at "
        f"timestep {first:.0f} of {config.num_train_timesteps}; give fewer with --steps",
    )
    if kind in ("DDIMScheduler", "PNDMScheduler"):
        return
    sigmas = scheduler.sigmas[:-1]
    refuse_unless(
        bool((sigmas > 0).all() and (sigmas.diff() < 0).all()),
        f"{_SCHEDULER}: the sigmas of {steps} steps of this {kind} do not fall to above 0; give "
        "another number with --steps",
    )


def _check_ids(family: Family) -> None:
    for name, ids in zip(family.text_encoders, example_ids(family, "cpu"), strict=True):
        known = family.components.raw_config(name).get("vocab_size")
        refuse_unless(
            not isinstance(known, int) or int(ids.max()) < known,
            f"{name}/config.json: vocab_size = {known}: its tokenizer gives the id {int(ids.max())}; "
            "are the tokens in its tokenizer_config.json those of its tokenizer.json?",
        )


def _check_modules(family: Family, taps: list[str]) -> None:
    _check_ids(family)
    encoder = family.text_encoder()
    with naming("text_encoder/config.json", "the text encoder cannot be run"):
        embeddings = encoder(*example_ids(family, "meta"))
    for found, output in zip(embeddings, family.text_outputs(), strict=True):
        refuse_unless(
            list(found.shape[1:]) == output["shape"],
            f"the text encoders give {output['name']} of shape {list(found.shape[1:])}, where by "
            f"the configurations it is {output['shape']}",
        )
    file = f"{family.network}/config.json"
    denoiser = family.denoiser(taps)
    # As many rows as two seeds under guidance: another number than of anything else in the module.
    inputs = [torch.cat([each, each]) for each in example_inputs(family, "meta")]
    latents = inputs[0]
    with naming(file, "the denoiser cannot be run"):
        prediction, _ = denoiser.observe(*inputs)
    refuse_unless(
        prediction.shape == latents.shape,
        f"{file}: the denoiser makes {list(prediction.shape)} of latents {list(latents.shape)}",
    )
    decoder = family.vae_decoder()
    with naming("vae/config.json", "the decoder cannot be run"):
        picture = decoder(latents)
    side = latents.shape[-1] * family.pixels_per_latent
    refuse_unless(
        list(picture.shape) == [len(latents), 3, side, side],
        f"vae/config.json: the decoder makes {list(picture.shape)} of latents "
        f"{list(latents.shape)}, not [{len(latents)}, 3, {side}, {side}]",
    )
