"""What every family of pipelines has to say and to give."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL, SchedulerMixin
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from probeselect_models.families.components import NUMBER_OF_IDS, Components
from probeselect_models.families.denoiser import Denoiser
from probeselect_models.families.refusals import naming, refuse_unless, shown
from probeselect_models.families.scheduler_options import check_options, has_option
from probeselect_models.families.vae import VaeDecoder, decoder_dtype, is_finite

_SCHEDULER = "scheduler/scheduler_config.json"
_PASSING = ("_name_or_path", "_use_default_values")
"""What diffusers notes in a configuration that it has just read; the values are there all the same."""


_NO_LENGTH = 10**9
"""transformers has a huge number where a tokenizer says no length."""


@dataclass(frozen=True)
class TextInput:
    """One input of the text encoder: a tokenizer, and how many ids it makes of a text."""

    tokenizer: PreTrainedTokenizerBase
    length: int
    encoder: str
    """What to call the network that reads them, beside others."""

    @classmethod
    def of(
        cls, components: Components, name: str, encoder: str, most: int | None = None
    ) -> TextInput:
        """As many ids as the tokenizer of that name allows, but at most `most`."""
        tokenizer = components.tokenizer(name)
        length = tokenizer.model_max_length
        refuse_unless(
            most is not None or length < _NO_LENGTH,
            f"{name}/tokenizer_config.json: model_max_length is missing or null; " + NUMBER_OF_IDS,
        )
        made = cls(tokenizer, length if most is None else min(length, most), encoder)
        made.check(name)
        return made

    def check(self, name: str) -> None:
        with naming(
            f"{name}/tokenizer_config.json",
            f"the tokenizer does not make {self.length} ids (model_max_length) of a prompt",
        ):
            for text in ("", "a red circle", "a " * self.length):
                found = self.ids(text).shape[1]
                if found != self.length:
                    raise ValueError(f"it makes {found}")

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
    follows_flow: bool
    """Whether the pipeline is one of flow matching."""
    shifts_latents = True
    """Whether the pipeline adds the VAE's shift_factor, which configurations have for others too."""
    sigmas: str | None = None
    """`linear` if the pipeline hands the scheduler sigmas 1 to 1/T in equal steps."""
    text_encoders: tuple[str, ...]
    network: str
    """The denoiser's name in the pipeline."""

    @property
    def size_file(self) -> str:
        """The configuration that says for which size the model was made."""
        return f"{self.network}/config.json"

    def __init__(self, components: Components):
        self.components = components
        self.scheduler = components.scheduler()
        self._check_scheduler()
        self.vae = components.skeleton("vae", AutoencoderKL).config

    @property
    def pixels_per_latent(self) -> int:
        return 2 ** (len(self.vae.block_out_channels) - 1)

    @property
    def timestep_type(self) -> str:
        return "float32" if self.scheduler.timesteps.is_floating_point() else "int64"

    @property
    def prediction_type(self) -> str:
        if not self._scheduler_has("prediction_type"):
            return "flow_prediction"
        return self.scheduler.config["prediction_type"]

    @property
    def latent_channels(self) -> int:
        return self.vae.latent_channels

    @property
    def decoder_dtype(self) -> torch.dtype:
        """Of the VAE decoder's weights."""
        return decoder_dtype(self.vae, self.components.dtype)

    @property
    def weight_files(self) -> list[Path]:
        return self.components.weight_files((*self.text_encoders, self.network, "vae"))

    def set_timesteps(self, scheduler: SchedulerMixin, steps: int, cells: int) -> None:
        """Prepares the scheduler as the pipeline does for latents of `cells` cells."""
        scheduler.set_timesteps(steps)

    def default_size(self) -> tuple[int, int]:
        """Height and width of a picture in pixels."""
        size = self.size()
        return size["height"], size["width"]

    def adapt(self, scheduler: SchedulerMixin) -> None:  # noqa: B027 - most families change nothing
        """Changes the scheduler's configuration as the pipeline does when it is made."""

    def _scheduler_has(self, option: str) -> bool:
        return has_option(type(self.scheduler).__name__, option)

    def _check_scheduler(self) -> None:
        kind, config = type(self.scheduler).__name__, self.scheduler.config
        self.adapt(self.scheduler)
        check_options(kind, dict(self.scheduler.config))
        flow_only = kind == "FlowMatchEulerDiscreteScheduler"
        if self.follows_flow:
            refuse_unless(
                flow_only or (self._scheduler_has("use_flow_sigmas") and config["use_flow_sigmas"]),
                f"{_SCHEDULER}: a {self.components.pipeline_class} follows a flow, which this {kind} "
                "does not; save the pipeline with a FlowMatchEulerDiscreteScheduler, or with "
                "use_flow_sigmas in a multistep one",
            )
        else:
            refuse_unless(
                not flow_only,
                f"{_SCHEDULER}: a {self.components.pipeline_class} cannot be sampled with a {kind}; "
                "save the pipeline with DDIMScheduler or another of diffusion",
            )
        self.scheduler_config(self.scheduler)

    def scheduler_config(self, scheduler: SchedulerMixin) -> dict:
        """The scheduler's configuration, and what the pipeline works a dynamic shift out of."""
        config = {key: value for key, value in scheduler.config.items() if key not in _PASSING}
        kind = type(scheduler).__name__
        if not has_option(kind, "use_dynamic_shifting") or not config["use_dynamic_shifting"]:
            return config
        refuse_unless(
            self.max_shift is not None,
            f"{_SCHEDULER}: option use_dynamic_shifting of the {kind}: {self.name} has no "
            "shift by image size; save the pipeline with a scheduler without it",
        )
        return config | self._shift_options(config)

    def shift(self, scheduler: SchedulerMixin, cells: int) -> float:
        """The shift parameter mu for latents of so many cells: linear in the number of tokens."""
        options = self._shift_options(scheduler.config)
        least, most = options["base_image_seq_len"], options["max_image_seq_len"]
        slope = (options["max_shift"] - options["base_shift"]) / (most - least)
        return options["base_shift"] + slope * (cells // self.patch**2 - least)

    def _shift_options(self, config: dict) -> dict:
        defaults = {
            "base_image_seq_len": 256,
            "max_image_seq_len": 4096,
            "base_shift": 0.5,
            "max_shift": self.max_shift,
        }
        options = {name: config.get(name, default) for name, default in defaults.items()}
        for name, value in options.items():
            refuse_unless(
                is_finite(value),
                f"{_SCHEDULER}: {name} = {shown(value)} must be a number: the pipeline works out a "
                "shift by image size with it",
            )
        refuse_unless(
            options["base_image_seq_len"] != options["max_image_seq_len"],
            f"{_SCHEDULER}: base_image_seq_len and max_image_seq_len must differ",
        )
        return options

    def _compare(self, kind: type[nn.Module]) -> None:
        """Refuses configurations that do not go with each other."""
        file = f"{self.network}/config.json"
        config = self.components.raw_config(self.network)
        with naming(file, "its values do not go with those of the other parts", config, kind):
            self._refuse_what_is_unknown()

    @abstractmethod
    def _refuse_what_is_unknown(self) -> None:
        """Raises UnsupportedPipelineError for what the modules of this family cannot do."""

    def vae_decoder(self) -> nn.Module:
        vae = self.components.load("vae", AutoencoderKL, self.decoder_dtype)
        return VaeDecoder(vae, self._latent_shift())

    def _latent_shift(self) -> float:
        if not self.shifts_latents:
            return 0.0
        value = self.vae.shift_factor
        refuse_unless(
            is_finite(value),
            f"vae/config.json: shift_factor = {shown(value)} must be a number: a "
            f"{self.components.pipeline_class} adds it",
        )
        return float(value)

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
        """`multipleOf`, `min` and `max` of a side in pixels, `height` and `width` by default."""
