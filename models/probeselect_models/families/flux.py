"""FLUX.1-dev and FLUX.1-schnell: CLIP's pooled embedding, T5's tokens, FluxTransformer2DModel."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import FluxTransformer2DModel, SchedulerMixin
from torch import Tensor, nn
from transformers import CLIPTextModel, T5EncoderModel

from probeselect_models.families.components import Components
from probeselect_models.families.denoiser import Denoiser
from probeselect_models.families.family import TextInput
from probeselect_models.families.precision import cast, widened
from probeselect_models.families.refusals import refuse_unless, shown
from probeselect_models.families.tokens import block_at_depth, token_map
from probeselect_models.families.transformer import TransformerDenoiser, TransformerFamily

_LATENT_SIDE = 128
"""Of a picture of the default size in FluxPipeline."""
_DEPTH = 20 / 24
"""How deep the tap is, in all blocks of both kinds: as deep as in Stable Diffusion 3."""
_T5_LENGTHS = {"embedded": 512, "none": 256}
"""By guidance: what FLUX.1-dev and FLUX.1-schnell were trained to read."""


class Flux(TransformerFamily):
    """FluxPipeline. With guidance embedding (dev) the guidance scale is an input, else there is none."""

    name = "flux-1"
    text_encoders = ("text_encoder", "text_encoder_2")
    patch = 2
    max_shift = 1.15

    def __init__(self, components: Components):
        super().__init__(components)
        self._skeleton = components.skeleton("transformer", FluxTransformer2DModel)
        self._clip = components.text_config("text_encoder", CLIPTextModel)
        self._t5 = components.text_config("text_encoder_2", T5EncoderModel)
        self._inputs = [
            TextInput.of(components, "tokenizer", "CLIP-L"),
            TextInput.of(components, "tokenizer_2", "T5", _T5_LENGTHS[self.guidance]),
        ]
        self._compare(FluxTransformer2DModel)

    @property
    def guidance(self) -> str:
        return "embedded" if self._skeleton.config.guidance_embeds else "none"

    @property
    def steps(self) -> int:
        return 28 if self.guidance == "embedded" else 4

    @property
    def guidance_scale(self) -> float:
        return 3.5 if self.guidance == "embedded" else 0.0

    @property
    def sigmas(self) -> str | None:
        return None if self.scheduler.config.get("use_flow_sigmas") else "linear"

    @property
    def default_taps(self) -> tuple[str, ...]:
        double, single = (self._skeleton.config[key] for key in ("num_layers", "num_single_layers"))
        block = block_at_depth(_DEPTH, double + single)
        if block < double:
            return (f"transformer_blocks.{block}",)
        return (f"single_transformer_blocks.{block - double}",)

    @property
    def size_file(self) -> str:
        return "vae/config.json"

    def set_timesteps(self, scheduler: SchedulerMixin, steps: int, cells: int) -> None:
        mu = self.shift(scheduler, cells)
        if self.sigmas == "linear":
            scheduler.set_timesteps(sigmas=np.linspace(1, 1 / steps, steps), mu=mu)
        else:
            scheduler.set_timesteps(steps, mu=mu)

    def denoiser(self, taps: list[str]) -> Denoiser:
        network = self.components.load("transformer", FluxTransformer2DModel)
        kind = GuidedFluxDenoiser if self.guidance == "embedded" else FluxDenoiser
        return kind(network, taps)

    def text_encoder(self) -> nn.Module:
        return ClipAndT5TextEncoder(
            self.components.load("text_encoder", CLIPTextModel),
            self.components.load("text_encoder_2", T5EncoderModel),
        )

    def text_inputs(self) -> list[TextInput]:
        return self._inputs

    def text_outputs(self) -> list[dict]:
        shape = [self._inputs[1].length, self._t5.d_model]
        return [
            {"name": "encoder_hidden_states", "shape": shape},
            {"name": "pooled_projections", "shape": [self._clip.hidden_size]},
        ]

    def size(self) -> dict:
        """Up to twice the size that the model was made for: rotary positions have no end of their own."""
        token = self.pixels_per_latent * self.patch
        side = self._made_for()
        return {"multipleOf": token, "min": token, "max": 2 * side, "height": side, "width": side}

    def _made_for(self) -> int:
        """What the VAE says, which the pipeline does not look at, or else what the pipeline has."""
        side = self.components.raw_config("vae").get("sample_size")
        if isinstance(side, int) and not isinstance(side, bool) and side > 0:
            return side
        return _LATENT_SIDE * self.pixels_per_latent

    def _refuse_what_is_unknown(self) -> None:
        transformer = self._skeleton.config
        self._latent_shift()
        self._refuse_a_static_shift()
        packed = self.vae.latent_channels * self.patch**2
        refuse_unless(
            transformer.in_channels == self._skeleton.out_channels == packed
            and transformer.patch_size == 1,
            "transformer/config.json: in_channels, out_channels: "
            f"the transformer takes {transformer.in_channels} and gives "
            f"{self._skeleton.out_channels} channels with patch_size {transformer.patch_size}; "
            f"2x2 packed latents of the VAE have {packed}: only plain text-to-image models are "
            "supported",
        )
        self._expect_width(
            "pooled_projection_dim",
            "pooled embeddings",
            f"text_encoder gives {self._clip.hidden_size} (hidden_size)",
            fits=transformer.pooled_projection_dim == self._clip.hidden_size,
        )
        self._expect_width(
            "joint_attention_dim",
            "embeddings",
            f"text_encoder_2 gives {self._t5.d_model} (d_model)",
            fits=transformer.joint_attention_dim == self._t5.d_model,
        )
        refuse_unless(
            len(transformer.axes_dims_rope) == 3
            and sum(transformer.axes_dims_rope) == transformer.attention_head_dim,
            f"axes_dims_rope {list(transformer.axes_dims_rope)} in transformer/config.json must be "
            f"three numbers with the sum attention_head_dim = {transformer.attention_head_dim}",
        )

    def _refuse_a_static_shift(self) -> None:
        """FluxPipeline works out a shift for every scheduler, which DPM-Solver++ must then be for."""
        self._shift_options(self.scheduler.config)
        kind = type(self.scheduler).__name__
        refuse_unless(
            kind != "DPMSolverMultistepScheduler"
            or bool(self.scheduler.config.use_dynamic_shifting),
            f"scheduler/scheduler_config.json: use_dynamic_shifting = "
            f"{shown(self.scheduler.config.get('use_dynamic_shifting'))}: a FluxPipeline can use a "
            f"{kind} only with a shift by image size",
        )


class FluxDenoiser(TransformerDenoiser):
    """FluxTransformer2DModel on latents as maps: packs, numbers the tokens and unpacks inside."""

    def forward(
        self,
        latents: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        pooled_projections: Tensor,
    ) -> Tensor:
        return self.predict(latents, timestep, encoder_hidden_states, pooled_projections, None)

    def predict(
        self,
        latents: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        pooled_projections: Tensor,
        guidance: Tensor | None,
    ) -> Tensor:
        dtype = self.denoiser.dtype
        packed = F.pixel_unshuffle(latents, 2)
        prediction = self.denoiser(
            hidden_states=cast(packed, dtype).flatten(2).transpose(1, 2),
            timestep=cast(timestep, dtype) / 1000,
            guidance=guidance,
            encoder_hidden_states=cast(encoder_hidden_states, dtype),
            pooled_projections=cast(pooled_projections, dtype),
            img_ids=positions(packed),
            txt_ids=torch.zeros_like(encoder_hidden_states[0, :, :3]),
            return_dict=False,
        )[0]
        return F.pixel_shuffle(widened(prediction).transpose(1, 2).reshape_as(packed), 2)

    def map_of(self, name: str, output, latents: Tensor) -> Tensor | None:
        return token_map(name, output, latents.shape[2] // 2, latents.shape[3] // 2)


class GuidedFluxDenoiser(FluxDenoiser):
    """The same with the guidance scale as an input."""

    def forward(
        self,
        latents: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        pooled_projections: Tensor,
        guidance: Tensor,
    ) -> Tensor:
        return self.predict(latents, timestep, encoder_hidden_states, pooled_projections, guidance)

    def capture(
        self,
        latents: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        pooled_projections: Tensor,
        guidance: Tensor,
    ) -> tuple[Tensor, ...]:
        return self.captured(latents, timestep, encoder_hidden_states, pooled_projections, guidance)


def positions(packed: Tensor) -> Tensor:
    """(0, row, column) of every cell of [B, C, h, w], [h * w, 3]; traced, it works for any h and w."""
    ones = torch.ones_like(packed[0, 0])
    rows, columns = ones.cumsum(0) - 1, ones.cumsum(1) - 1
    return torch.stack([torch.zeros_like(ones), rows, columns], 2).flatten(0, 1)


class ClipAndT5TextEncoder(nn.Module):
    """Ids of both tokenizers to T5's tokens and CLIP's end-of-text token."""

    def __init__(self, clip: nn.Module, t5: nn.Module):
        super().__init__()
        self.clip = clip
        self.t5 = t5

    def forward(self, ids: Tensor, ids_2: Tensor) -> tuple[Tensor, Tensor]:
        return widened(self.t5(ids_2)[0]), widened(self.clip(ids).pooler_output)
