"""What every family of pipelines has to say and to give."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from diffusers import AutoencoderKL
from torch import Tensor, nn

from probeselect_models.families.components import Components, refuse_unless
from probeselect_models.families.denoiser import Denoiser
from probeselect_models.families.vae import VaeDecoder


@dataclass(frozen=True)
class TextInput:
    """One input of the text encoder: a tokenizer, and how many ids it makes of a text."""

    tokenizer: object
    length: int

    def ids(self, text: str) -> Tensor:
        """The ids [1, length] that the pipeline itself makes of a prompt: padded and truncated."""
        return self.tokenizer(
            text,
            padding="max_length",
            max_length=self.length,
            truncation=True,
            return_tensors="pt",
        ).input_ids


class Family(ABC):
    """One backbone: its modules, and the manifest entries that describe them.

    What describes is read from configurations. Each method that returns a module loads it anew, so
    that no more than one large module is in memory.
    """

    name: str
    guidance: str
    default_taps: tuple[str, ...]
    steps: int
    """Default number of steps."""
    guidance_scale: float
    patch: int
    """Latent cells per token of the denoiser, along each side."""
    max_shift: float | None = None
    """Where the scheduler's configuration has none; None if the pipeline knows no dynamic shift."""
    sigmas: str | None = None
    """`linear` if the pipeline hands the scheduler sigmas 1 to 1/T in equal steps."""
    text_encoders: tuple[str, ...]
    network: str
    """The denoiser's name in the pipeline."""

    def __init__(self, components: Components):
        self.components = components
        self.scheduler = components.scheduler()
        self.vae = components.skeleton("vae", AutoencoderKL).config

    @property
    def pixels_per_latent(self) -> int:
        return 2 ** (len(self.vae.block_out_channels) - 1)

    @property
    def timestep_type(self) -> str:
        return "float32" if self.scheduler.timesteps.is_floating_point() else "int64"

    @property
    def prediction_type(self) -> str:
        return self.scheduler.config.get("prediction_type", "flow_prediction")

    @property
    def latent_channels(self) -> int:
        return self.vae.latent_channels

    @property
    def weight_files(self):
        return self.components.weight_files((*self.text_encoders, self.network, "vae"))

    def set_timesteps(self, scheduler, steps: int, cells: int) -> None:
        """Prepares the scheduler as the pipeline does for latents of `cells` cells."""
        scheduler.set_timesteps(steps)

    def scheduler_config(self, scheduler) -> dict:
        """The scheduler's configuration, and what the pipeline works a dynamic shift out of."""
        config = {key: value for key, value in scheduler.config.items() if key != "_name_or_path"}
        if not config.get("use_dynamic_shifting"):
            return config
        refuse_unless(
            self.max_shift is not None,
            f"option use_dynamic_shifting of the {type(scheduler).__name__}: {self.name} has no "
            "shift by image size; save the pipeline with a scheduler without it",
        )
        return config | self._shift_options(config)

    def shift(self, scheduler, cells: int) -> float:
        """The shift parameter mu for latents of so many cells: linear in the number of tokens."""
        options = self._shift_options(scheduler.config)
        least, most = options["base_image_seq_len"], options["max_image_seq_len"]
        slope = (options["max_shift"] - options["base_shift"]) / (most - least)
        return options["base_shift"] + slope * (cells // self.patch**2 - least)

    def _shift_options(self, config) -> dict:
        defaults = {
            "base_image_seq_len": 256,
            "max_image_seq_len": 4096,
            "base_shift": 0.5,
            "max_shift": self.max_shift,
        }
        return {name: config.get(name, default) for name, default in defaults.items()}

    def vae_decoder(self) -> nn.Module:
        return VaeDecoder(self.components.load("vae", AutoencoderKL))

    @abstractmethod
    def check_taps(self, names: list[str]) -> None:
        """Raises UnknownTapError for a module that is not there or gives no map of the image."""

    @abstractmethod
    def denoiser(self, taps: list[str]) -> Denoiser: ...

    @abstractmethod
    def text_encoder(self) -> nn.Module: ...

    @abstractmethod
    def text_inputs(self) -> list[TextInput]: ...

    @abstractmethod
    def text_outputs(self) -> list[dict]:
        """`name` and `shape` of each embedding; probes read the first."""

    @abstractmethod
    def size(self) -> dict:
        """`multipleOf`, `min`, `max` and `default` side in pixels."""
