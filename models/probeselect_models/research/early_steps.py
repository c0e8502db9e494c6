"""The early part of a trajectory in diffusers, and what a module of the denoiser puts out there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from probeselect_models.families import Family, open_family
from probeselect_models.families.taps import UnknownTapError, find_taps, listening
from probeselect_models.families.tokens import latent_map, token_map
from probeselect_models.research.published_cost import Stopwatch
from probeselect_models.research.published_features import tokens_as_channels
from probeselect_models.training.sample import open_pipeline


@dataclass(frozen=True)
class EarlyRun:
    """All seeds of a prompt after the early steps."""

    activation: Tensor
    """Of the last step, every row of the batch, [B, C, h, w]."""
    latents: Tensor
    """After that step, [seeds, channels, height, width]."""


class EarlySteps:
    """A pipeline that stops after some of its steps, tapped at one module."""

    def __init__(self, directory: Path, header: dict, tap: str | None, steps: int):
        self._family = open_family(directory)
        self.tap = tap or self._family.default_taps[0]
        self._family.check_taps([self.tap])
        self._pipeline = open_pipeline(directory)
        self._network = getattr(self._pipeline, self._family.network)
        self._header = header
        self.steps = steps

    def run(self, prompt: str, seeds: list[int], denoiser: Stopwatch) -> EarlyRun:
        """All seeds in one batch, each with the noise of its own generator."""
        reached = []

        def stop(pipeline, step, _timestep, state):
            if step == self.steps - 1:
                reached.append(state["latents"])
                pipeline._interrupt = True
            return {}

        hooks = [
            self._network.register_forward_pre_hook(lambda *_: denoiser.start()),
            self._network.register_forward_hook(lambda *_: denoiser.stop(len(seeds))),
        ]
        try:
            with listening(find_taps(self._network, [self.tap])) as heard:
                self._pipeline(
                    prompt,
                    num_images_per_prompt=len(seeds),
                    generator=[torch.Generator("cpu").manual_seed(seed) for seed in seeds],
                    height=self._header["height"],
                    width=self._header["width"],
                    num_inference_steps=self._header["steps"],
                    guidance_scale=self._header["guidanceScale"],
                    output_type="latent",
                    callback_on_step_end=stop,
                    **t5_length(self._family),
                )
        finally:
            for hook in hooks:
                hook.remove()
        shape = self._header["latents"]
        latents = latent_map(reached[0], shape["height"], shape["width"])
        return EarlyRun(self._channels_first(heard[0]), latents)

    def _channels_first(self, output) -> Tensor:
        """A map as it is; the image's tokens of a transformer as the published code reads them."""
        if isinstance(output, Tensor) and output.dim() == 4:
            return output
        rows, columns = (
            self._header["latents"][side] // self._family.patch for side in ("height", "width")
        )
        image = token_map(self.tap, output, rows, columns)
        if image is None:
            raise UnknownTapError(f"tap {self.tap} gives no map and no tokens of the image")
        return tokens_as_channels(image.flatten(2).transpose(1, 2))


def t5_length(family: Family) -> dict[str, int]:
    """The pipeline's argument for how much of the joint sequence is T5's, also where T5 itself is absent.

    Without it diffusers pads the sequence to more than the exported text encoder does.
    """
    outputs, inputs = family.text_outputs(), family.text_inputs()
    if len(outputs) == 1:
        return {}
    clip = inputs[0].length if family.guidance == "classifier-free" else 0
    return {"max_sequence_length": outputs[0]["shape"][0] - clip}
