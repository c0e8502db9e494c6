"""The VAE decoder, the same for all families, and a smaller one for previews."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from torch import Tensor, nn

from probeselect_models.families.components import load_whole, refuse_unless
from probeselect_models.families.precision import cast, widened


def open_preview_decoder(
    directory: Path, channels: int, pixels_per_latent: int, dtype: torch.dtype, device: str
) -> PreviewDecoder:
    """Reads a tiny autoencoder in the layout of diffusers, which must fit the latents."""
    tiny = load_whole(directory, "preview decoder", AutoencoderTiny, dtype)
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


class PreviewDecoder(nn.Module):
    """The same by a tiny autoencoder (TAESD and its like): faster, less exact."""

    _jit_override_qualname = "__torch__.probeselect_models.families.PreviewDecoder"

    def __init__(self, tiny: AutoencoderTiny):
        super().__init__()
        self.tiny = tiny.decoder
        self.scale = float(tiny.config.scaling_factor)
        self.shift = float(tiny.config.shift_factor or 0.0)
        self._dtype = tiny.dtype

    def forward(self, latents: Tensor) -> Tensor:
        unscaled = cast(latents / self.scale + self.shift, self._dtype)
        return (widened(self.tiny(unscaled)) / 2 + 0.5).clamp(0, 1)


class VaeDecoder(nn.Module):
    """Latents in the denoiser's scale to pictures in [0, 1]."""

    _jit_override_qualname = "__torch__.probeselect_models.families.VaeDecoder"

    def __init__(self, vae: nn.Module):
        super().__init__()
        self.decoder = vae.decoder
        self.post_quant_conv = vae.post_quant_conv or nn.Identity()
        self.scale = float(vae.config.scaling_factor)
        self.shift = float(vae.config.shift_factor or 0.0)
        self._dtype = vae.dtype

    def forward(self, latents: Tensor) -> Tensor:
        unscaled = cast(latents / self.scale + self.shift, self._dtype)
        return (widened(self.decoder(self.post_quant_conv(unscaled))) / 2 + 0.5).clamp(0, 1)
