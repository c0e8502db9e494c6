"""The VAE decoder, the same for all families, and a smaller one for previews."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from torch import Tensor, nn

from probeselect_models.families.components import load_whole
from probeselect_models.families.precision import cast, widened
from probeselect_models.families.refusals import read_object, refuse_unless, shown


def open_preview_decoder(
    directory: Path, channels: int, pixels_per_latent: int, dtype: torch.dtype, device: str
) -> PreviewDecoder:
    """Reads a tiny autoencoder in the layout of diffusers, which must fit the latents."""
    config = read_object(directory / "config.json", f"{directory}/config.json")
    # Of a tiny one the option is off where the file does not have it.
    weights = torch.float32 if config.get("force_upcast", False) else dtype
    tiny = load_whole(directory, "preview decoder", AutoencoderTiny, weights)
    found = tiny.config.latent_channels
    refuse_unless(
        found == channels,
        f"the preview decoder in {directory} takes {found} latent channels, the pipeline has "
        f"{channels}",
    )
    decoder = PreviewDecoder(tiny.to(device))
    side = decoder(torch.zeros(1, channels, 4, 4, device=device)).shape[-1] // 4
    refuse_unless(
        side == pixels_per_latent,
        f"the preview decoder in {directory} makes {side} pixels of a latent, the pipeline's "
        f"VAE {pixels_per_latent}",
    )
    return decoder


def decoder_dtype(config, dtype: torch.dtype) -> torch.dtype:
    """The type of a decoder's weights in an export with weights of `dtype`.

    `force_upcast` in the configuration states that the autoencoder needs single precision: its
    activations exceed what float16 can hold, and an overflow there makes the whole image black.
    """
    return torch.float32 if config.force_upcast else dtype


def scaling_factor(config, file: str) -> float:
    value = config.scaling_factor
    refuse_unless(
        is_finite(value) and value != 0,
        f"{file}: scaling_factor = {shown(value)} must be a number other than 0",
    )
    return float(value)


def is_finite(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


class PreviewDecoder(nn.Module):
    """The same by a tiny autoencoder (TAESD and its like): faster, less exact."""

    _jit_override_qualname = "__torch__.probeselect_models.families.PreviewDecoder"

    def __init__(self, tiny: AutoencoderTiny):
        super().__init__()
        self.tiny = tiny.decoder
        self.scale = scaling_factor(tiny.config, "the preview decoder's config.json")
        self.shift = float(tiny.config.shift_factor or 0.0)
        self._dtype = tiny.dtype

    def forward(self, latents: Tensor) -> Tensor:
        unscaled = cast(latents / self.scale + self.shift, self._dtype)
        return (widened(self.tiny(unscaled)) / 2 + 0.5).clamp(0, 1)


class VaeDecoder(nn.Module):
    """Latents in the denoiser's scale to pictures in [0, 1]."""

    _jit_override_qualname = "__torch__.probeselect_models.families.VaeDecoder"

    def __init__(self, vae: nn.Module, shift: float):
        super().__init__()
        self.decoder = vae.decoder
        self.post_quant_conv = vae.post_quant_conv or nn.Identity()
        self.scale = scaling_factor(vae.config, "vae/config.json")
        self.shift = shift
        self._dtype = vae.dtype

    def forward(self, latents: Tensor) -> Tensor:
        unscaled = cast(latents / self.scale + self.shift, self._dtype)
        return (widened(self.decoder(self.post_quant_conv(unscaled))) / 2 + 0.5).clamp(0, 1)
