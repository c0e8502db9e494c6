"""Stable Diffusion 3 and 3.5: two CLIP text encoders, T5 if it is there, SD3Transformer2DModel."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from diffusers import SchedulerMixin, SD3Transformer2DModel
from torch import Tensor, nn
from transformers import CLIPTextModelWithProjection, T5EncoderModel

from probeselect_models.families.components import Components
from probeselect_models.families.denoiser import Denoiser
from probeselect_models.families.family import TextInput
from probeselect_models.families.precision import cast, widened
from probeselect_models.families.refusals import refuse_unless, shown
from probeselect_models.families.tokens import block_at_depth, token_map
from probeselect_models.families.transformer import TransformerDenoiser, TransformerFamily

_TAPPED_BLOCK = 20
"""Of the 24 blocks of Stable Diffusion 3 medium; a smaller model is tapped at the same depth."""
_BLOCKS = 24
_T5_LENGTH = 256


class StableDiffusion3(TransformerFamily):
    """StableDiffusion3Pipeline. Prompt embedding: CLIP's tokens, then T5's; the pooled beside it."""

    name = "stable-diffusion-3"
    guidance = "classifier-free"
    steps = 28
    guidance_scale = 7.0
    max_shift = 1.16

    def __init__(self, components: Components):
        super().__init__(components)
        self._skeleton = components.skeleton("transformer", SD3Transformer2DModel)
        self._clips = [
            components.text_config(name, CLIPTextModelWithProjection)
            for name in ("text_encoder", "text_encoder_2")
        ]
        self._has_t5 = components.has("text_encoder_3")
        self._inputs = self._text_inputs()
        self._compare(SD3Transformer2DModel)

    @property
    def text_encoders(self) -> tuple[str, ...]:
        all_names = ("text_encoder", "text_encoder_2", "text_encoder_3")
        return all_names if self._has_t5 else all_names[:2]

    @property
    def patch(self) -> int:
        return self._skeleton.config.patch_size

    @property
    def default_taps(self) -> tuple[str, ...]:
        blocks = self._skeleton.config.num_layers
        block = (
            _TAPPED_BLOCK
            if blocks > _TAPPED_BLOCK
            else block_at_depth(_TAPPED_BLOCK / _BLOCKS, blocks)
        )
        return (f"transformer_blocks.{block}",)

    def set_timesteps(self, scheduler: SchedulerMixin, steps: int, cells: int) -> None:
        if scheduler.config.get("use_dynamic_shifting"):
            scheduler.set_timesteps(steps, mu=self.shift(scheduler, cells))
        else:
            scheduler.set_timesteps(steps)

    def denoiser(self, taps: list[str]) -> Denoiser:
        return SD3Denoiser(self.components.load("transformer", SD3Transformer2DModel), taps)

    def text_encoder(self) -> nn.Module:
        clips = [
            self.components.load(name, CLIPTextModelWithProjection)
            for name in ("text_encoder", "text_encoder_2")
        ]
        width = self._skeleton.config.joint_attention_dim
        if not self._has_t5:
            return TwoClipTextEncoder(*clips, width, _T5_LENGTH)
        t5 = self.components.load("text_encoder_3", T5EncoderModel)
        return TwoClipAndT5TextEncoder(*clips, t5, width)

    def text_inputs(self) -> list[TextInput]:
        return self._inputs

    def text_outputs(self) -> list[dict]:
        clip = self._inputs[0].length
        t5 = self._inputs[2].length if self._has_t5 else _T5_LENGTH
        transformer = self._skeleton.config
        return [
            {
                "name": "encoder_hidden_states",
                "shape": [clip + t5, transformer.joint_attention_dim],
            },
            {"name": "pooled_projections", "shape": [transformer.pooled_projection_dim]},
        ]

    def size(self) -> dict:
        """Up to what the positional embedding has a place for: the middle of it is cut out."""
        transformer = self._skeleton.config
        token = self.pixels_per_latent * self.patch
        side = transformer.sample_size * self.pixels_per_latent
        return {
            "multipleOf": token,
            "min": token,
            "max": transformer.pos_embed_max_size * token,
            "height": side,
            "width": side,
        }

    def _text_inputs(self) -> list[TextInput]:
        first = TextInput.of(self.components, "tokenizer", "CLIP-L")
        second = TextInput(self.components.tokenizer("tokenizer_2"), first.length, "CLIP-G")
        second.check("tokenizer_2")
        if not self._has_t5:
            return [first, second]
        return [first, second, TextInput.of(self.components, "tokenizer_3", "T5", _T5_LENGTH)]

    def _refuse_what_is_unknown(self) -> None:
        transformer = self._skeleton.config
        refuse_unless(
            transformer.in_channels == self._skeleton.out_channels == self.vae.latent_channels,
            "transformer/config.json: in_channels, out_channels: "
            f"the transformer takes {transformer.in_channels} and gives "
            f"{self._skeleton.out_channels} channels, the VAE has {self.vae.latent_channels}: only "
            "plain text-to-image models are supported",
        )
        refuse_unless(
            bool(transformer.pos_embed_max_size),
            "transformer/config.json has no pos_embed_max_size: the model has one image size only",
        )
        for option in ("sample_size", "patch_size", "pos_embed_max_size"):
            value = transformer[option]
            refuse_unless(
                isinstance(value, int) and not isinstance(value, bool) and value > 0,
                f"transformer/config.json: {option} = {shown(value)} must be a whole number above 0",
            )
        self._latent_shift()
        for clip, name in zip(self._clips, self.text_encoders):
            refuse_unless(
                isinstance(clip.projection_dim, int),
                f"{name}/config.json: projection_dim = {shown(clip.projection_dim)} must be a whole "
                "number",
            )
        pooled = sum(clip.projection_dim for clip in self._clips)
        self._expect_width(
            "pooled_projection_dim",
            "pooled embeddings",
            f"the two CLIP text encoders give {pooled} (projection_dim)",
            fits=transformer.pooled_projection_dim == pooled,
        )
        width = sum(clip.hidden_size for clip in self._clips)
        self._expect_width(
            "joint_attention_dim",
            "embeddings",
            f"the two CLIP text encoders give {width} (hidden_size)",
            fits=transformer.joint_attention_dim >= width,
        )
        if self._has_t5:
            t5 = self.components.text_config("text_encoder_3", T5EncoderModel)
            self._expect_width(
                "joint_attention_dim",
                "embeddings",
                f"text_encoder_3 gives {t5.d_model} (d_model)",
                fits=transformer.joint_attention_dim == t5.d_model,
            )
        for clip, name in zip(self._clips, self.text_encoders):
            refuse_unless(
                clip.max_position_embeddings >= self._inputs[0].length,
                f"{name} reads {clip.max_position_embeddings} tokens (max_position_embeddings), the "
                f"tokenizer gives {self._inputs[0].length} (model_max_length)",
            )


class SD3Denoiser(TransformerDenoiser):
    """SD3Transformer2DModel, conditioned on the joint sequence and the pooled embedding."""

    def forward(
        self,
        latents: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        pooled_projections: Tensor,
    ) -> Tensor:
        dtype = self.denoiser.dtype
        return widened(
            self.denoiser(
                hidden_states=cast(latents, dtype),
                timestep=timestep,
                encoder_hidden_states=cast(encoder_hidden_states, dtype),
                pooled_projections=cast(pooled_projections, dtype),
                return_dict=False,
            )[0]
        )

    def map_of(self, name: str, output, latents: Tensor) -> Tensor | None:
        patch = self.denoiser.config.patch_size
        return token_map(name, output, latents.shape[2] // patch, latents.shape[3] // patch)


class TwoClipTextEncoder(nn.Module):
    """Ids of both CLIP tokenizers to the joint sequence, zeros where T5's tokens would be."""

    def __init__(self, clip: nn.Module, clip_2: nn.Module, width: int, t5_length: int):
        super().__init__()
        self.clip = clip
        self.clip_2 = clip_2
        self._width = width
        self._t5_length = t5_length

    def forward(self, ids: Tensor, ids_2: Tensor) -> tuple[Tensor, Tensor]:
        tokens, pooled = _two_clips(self.clip, self.clip_2, ids, ids_2)
        absent = (0, self._width - tokens.shape[2], 0, self._t5_length)
        return F.pad(tokens, absent), pooled


class TwoClipAndT5TextEncoder(nn.Module):
    """Ids of all three tokenizers to the joint sequence: CLIP's tokens side by side, then T5's."""

    def __init__(self, clip: nn.Module, clip_2: nn.Module, t5: nn.Module, width: int):
        super().__init__()
        self.clip = clip
        self.clip_2 = clip_2
        self.t5 = t5
        self._width = width

    def forward(self, ids: Tensor, ids_2: Tensor, ids_3: Tensor) -> tuple[Tensor, Tensor]:
        tokens, pooled = _two_clips(self.clip, self.clip_2, ids, ids_2)
        padded = F.pad(tokens, (0, self._width - tokens.shape[2]))
        return torch.cat([padded, widened(self.t5(ids_3)[0])], 1), pooled


def _two_clips(clip: nn.Module, clip_2: nn.Module, ids: Tensor, ids_2: Tensor):
    """The hidden states before the last layer, and the projected end-of-text tokens, side by side."""
    read = [encoder(i, output_hidden_states=True) for encoder, i in ((clip, ids), (clip_2, ids_2))]
    tokens = torch.cat([widened(each.hidden_states[-2]) for each in read], 2)
    return tokens, torch.cat([widened(each.text_embeds) for each in read], 1)
