"""The VAE decoder, the same for all families."""

from __future__ import annotations

from torch import Tensor, nn

from probeselect_models.families.precision import cast, widened


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
