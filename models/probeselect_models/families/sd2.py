"""Stable Diffusion 2.0 and 2.1: one CLIP text encoder, UNet2DConditionModel, AutoencoderKL."""

from __future__ import annotations

from diffusers import SchedulerMixin, UNet2DConditionModel
from packaging.version import InvalidVersion, Version
from torch import Tensor, nn
from transformers import CLIPTextModel

from probeselect_models.families.components import Components
from probeselect_models.families.denoiser import Denoiser
from probeselect_models.families.family import Family, TextInput
from probeselect_models.families.precision import cast, widened
from probeselect_models.families.refusals import UnsupportedPipelineError, refuse_unless, shown
from probeselect_models.families.taps import find_taps

_LEAST_OF_BEFORE = 64
_UNKNOWN_INPUTS = (
    "class_embed_type",
    "num_class_embeds",
    "addition_embed_type",
    "encoder_hid_dim_type",
    "time_cond_proj_dim",
)


class StableDiffusion2(Family):
    """StableDiffusionPipeline, with noise, velocity or sample prediction."""

    name = "stable-diffusion-2"
    guidance = "classifier-free"
    follows_flow = False
    shifts_latents = False
    default_taps = ("up_blocks.2.resnets.1", "up_blocks.1.attentions.1", "mid_block")
    steps = 20
    guidance_scale = 3.0
    patch = 1
    text_encoders = ("text_encoder",)
    network = "unet"

    def __init__(self, components: Components):
        super().__init__(components)
        self._skeleton = components.skeleton("unet", UNet2DConditionModel)
        self._text = components.text_config("text_encoder", CLIPTextModel)
        self._input = TextInput.of(components, "tokenizer", "CLIP")
        self._compare(UNet2DConditionModel)

    def adapt(self, scheduler: SchedulerMixin) -> None:
        """A StableDiffusionPipeline mends what it takes for an outdated configuration."""
        if scheduler.config.get("steps_offset", 1) != 1:
            scheduler.register_to_config(steps_offset=1)
        if scheduler.config.get("clip_sample", False) is True:
            scheduler.register_to_config(clip_sample=False)

    def check_taps(self, names: list[str]) -> None:
        find_taps(self._skeleton, names)

    def denoiser(self, taps: list[str]) -> Denoiser:
        return UNetDenoiser(self.components.load("unet", UNet2DConditionModel), taps)

    def text_encoder(self) -> nn.Module:
        return ClipTextEncoder(self.components.load("text_encoder", CLIPTextModel))

    def text_inputs(self) -> list[TextInput]:
        return [self._input]

    def text_outputs(self) -> list[dict]:
        shape = [self._input.length, self._text.hidden_size]
        return [{"name": "encoder_hidden_states", "shape": shape}]

    def size(self) -> dict:
        """From half to twice the size that the model was made for, in steps that the UNet can halve."""
        height, width = (side * self.pixels_per_latent for side in self._sample_size())
        halvings = len(self._skeleton.config.block_out_channels) - 1
        return {
            "multipleOf": self.pixels_per_latent * 2**halvings,
            "min": min(height, width) // 2,
            "max": max(height, width) * 2,
            "height": height,
            "width": width,
        }

    def _sample_size(self) -> tuple[int, int]:
        """Height and width of the latents, for which one number may stand."""
        given = self._skeleton.config.sample_size
        sides = (given, given) if isinstance(given, int) else given
        refuse_unless(
            isinstance(sides, (list, tuple))
            and len(sides) == 2
            and all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in sides),
            f"unet/config.json: sample_size = {shown(given)} must be a whole number above 0, or two, "
            "height and width",
        )
        before_0_9 = self._is_before_0_9()
        if before_0_9 and isinstance(given, int) and given < _LEAST_OF_BEFORE:
            return _LEAST_OF_BEFORE, _LEAST_OF_BEFORE
        return tuple(sides)

    def _is_before_0_9(self) -> bool:
        """Configurations of then say too small a size, which the pipeline knows of."""
        config = self.components.raw_config("unet")
        if "_diffusers_version" not in config:
            return False
        written = config["_diffusers_version"]
        try:
            return Version(Version(written).base_version) < Version("0.9.0.dev0")
        except (InvalidVersion, TypeError) as error:
            raise UnsupportedPipelineError(
                f"unet/config.json: _diffusers_version = {shown(written)} is no version"
            ) from error

    def _refuse_what_is_unknown(self) -> None:
        unet, text = self._skeleton.config, self._text
        for option in _UNKNOWN_INPUTS:
            refuse_unless(
                unet.get(option) is None,
                f"the UNet takes an input that this exporter does not give it: {option} = "
                f"{unet.get(option)!r} in unet/config.json",
            )
        refuse_unless(
            unet.in_channels == unet.out_channels == self.vae.latent_channels,
            "unet/config.json: in_channels, out_channels: "
            f"the UNet takes {unet.in_channels} and gives {unet.out_channels} channels, the VAE "
            f"has {self.vae.latent_channels}: inpainting and depth models are not supported",
        )
        refuse_unless(
            unet.cross_attention_dim == text.hidden_size,
            "unet/config.json: cross_attention_dim: "
            f"the UNet expects embeddings of width {unet.cross_attention_dim}, the text "
            f"encoder gives {text.hidden_size} (hidden_size)",
        )
        refuse_unless(
            not getattr(text, "use_attention_mask", False),
            "the text encoder asks for an attention mask (use_attention_mask in "
            "text_encoder/config.json), which a bundle's text encoder does not get",
        )


class UNetDenoiser(Denoiser):
    """UNet2DConditionModel, conditioned on the hidden states of one text encoder."""

    def forward(self, latents: Tensor, timestep: Tensor, prompt_embedding: Tensor) -> Tensor:
        dtype = self.denoiser.dtype
        return widened(
            self.denoiser(
                cast(latents, dtype), timestep, cast(prompt_embedding, dtype), return_dict=False
            )[0]
        )

    def capture(
        self, latents: Tensor, timestep: Tensor, prompt_embedding: Tensor
    ) -> tuple[Tensor, ...]:
        return self.captured(latents, timestep, prompt_embedding)

    def map_of(self, name: str, output, latents: Tensor) -> Tensor | None:
        first = output[0] if isinstance(output, (tuple, list)) else output
        return first if isinstance(first, Tensor) and first.dim() == 4 else None


class ClipTextEncoder(nn.Module):
    """Token ids [B, L] to the last hidden states, without attention mask: padding is attended to."""

    _jit_override_qualname = "__torch__.probeselect_models.families.ClipTextEncoder"

    def __init__(self, encoder: nn.Module):
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor) -> tuple[Tensor]:
        return (widened(self.encoder(ids)[0]),)
