"""Families of text-to-image pipelines. Everything that differs between backbones is decided here.

A family turns a diffusers pipeline into modules with one contract, whatever the backbone:
text encoder `(ids...) -> (embeddings...)`, denoiser `(latents, timestep, embeddings...) -> prediction`,
VAE decoder `(latents) -> image in [0, 1]`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Protocol

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from torch import Tensor, nn

from probeselect_models.taps import Compression, find_taps, listening


class UnsupportedPipelineError(ValueError):
    """The pipeline has something that the exporter does not know how to carry over."""


class Family(Protocol):
    """One backbone: its modules, and the manifest entries that describe them."""

    name: str
    guidance: str
    timestep_type: str
    default_taps: tuple[str, ...]

    def denoiser_module(self) -> nn.Module: ...
    def text_encoder(self) -> nn.Module: ...
    def vae_decoder(self) -> nn.Module: ...
    def tokenizers(self) -> list: ...
    def ids(self, text: str, tokenizer: int = 0) -> Tensor: ...
    def text_outputs(self) -> list[dict]: ...
    def latents(self) -> dict: ...
    def size(self) -> dict: ...
    def scheduler(self): ...


def open_family(directory: Path) -> Family:
    """The family of the pipeline in `directory`; UnsupportedPipelineError if there is none."""
    index = directory / "model_index.json"
    if not index.is_file():
        raise UnsupportedPipelineError(
            f"{directory} is not a diffusers pipeline directory: it has no model_index.json"
        )
    pipeline_class = json.loads(index.read_text()).get("_class_name")
    family = FAMILIES.get(pipeline_class)
    if family is None:
        raise UnsupportedPipelineError(
            f"cannot export a {pipeline_class}; known pipeline classes: {', '.join(FAMILIES)}"
        )
    return family(directory)


class Denoiser(nn.Module):
    """The denoiser with a second entry point, `capture`, that also gives the compressed taps."""

    def __init__(self, denoiser: nn.Module, tap_names: list[str], compressions: list[Compression]):
        super().__init__()
        self.denoiser = denoiser
        self.compressions = nn.ModuleList(compressions)
        self._tapped = [find_taps(denoiser, tap_names)]  # in a list: not registered a second time

    def forward(self, latents: Tensor, timestep: Tensor, prompt_embedding: Tensor) -> Tensor:
        return self.denoiser(latents, timestep, prompt_embedding, return_dict=False)[0]

    def capture(self, latents: Tensor, timestep: Tensor, prompt_embedding: Tensor):
        with listening(self._tapped[0]) as heard:
            prediction = self.forward(latents, timestep, prompt_embedding)
        return prediction, *(
            compress(activation) for compress, activation in zip(self.compressions, heard)
        )


class StableDiffusion2:
    """StableDiffusionPipeline: one CLIP text encoder, UNet2DConditionModel, AutoencoderKL."""

    name = "stable-diffusion-2"
    guidance = "classifier-free"
    timestep_type = "int64"
    default_taps = ("up_blocks.2.resnets.1", "up_blocks.1.attentions.1", "mid_block")

    def __init__(self, directory: Path):
        self.pipeline = StableDiffusionPipeline.from_pretrained(
            directory,
            dtype=torch.float32,
            local_files_only=True,
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
        for module in (self.pipeline.unet, self.pipeline.text_encoder, self.pipeline.vae):
            module.eval().requires_grad_(False)
        self._refuse_what_is_unknown()

    def denoiser_module(self) -> nn.Module:
        return self.pipeline.unet

    def text_encoder(self) -> nn.Module:
        return ClipTextEncoder(self.pipeline.text_encoder)

    def vae_decoder(self) -> nn.Module:
        return VaeDecoder(self.pipeline.vae)

    def tokenizers(self) -> list:
        return [self.pipeline.tokenizer]

    def ids(self, text: str, tokenizer: int = 0) -> Tensor:
        """The ids [1, L] that the pipeline itself makes of a prompt: padded and truncated."""
        words = self.tokenizers()[tokenizer]
        return words(
            text,
            padding="max_length",
            max_length=words.model_max_length,
            truncation=True,
            return_tensors="pt",
        ).input_ids

    def text_outputs(self) -> list[dict]:
        width = self.pipeline.text_encoder.config.hidden_size
        length = self.pipeline.tokenizer.model_max_length
        return [{"name": "encoder_hidden_states", "shape": [length, width]}]

    def latents(self) -> dict:
        return {
            "channels": self.pipeline.unet.config.in_channels,
            "pixelsPerLatent": self._pixels_per_latent(),
        }

    def size(self) -> dict:
        """From half to twice the size that the model was made for, in steps that the UNet can halve."""
        made_for = self.pipeline.unet.config.sample_size * self._pixels_per_latent()
        halvings = len(self.pipeline.unet.config.block_out_channels) - 1
        return {
            "multipleOf": self._pixels_per_latent() * 2**halvings,
            "min": made_for // 2,
            "max": made_for * 2,
            "default": made_for,
        }

    def scheduler(self):
        return self.pipeline.scheduler

    def _pixels_per_latent(self) -> int:
        return 2 ** (len(self.pipeline.vae.config.block_out_channels) - 1)

    def _refuse_what_is_unknown(self) -> None:
        unet, vae, text = (
            self.pipeline.unet.config,
            self.pipeline.vae.config,
            self.pipeline.text_encoder.config,
        )
        for option in (
            "class_embed_type",
            "num_class_embeds",
            "addition_embed_type",
            "encoder_hid_dim_type",
            "time_cond_proj_dim",
        ):
            if unet.get(option) is not None:
                raise UnsupportedPipelineError(
                    f"the UNet takes an input that this exporter does not give it: {option} = "
                    f"{unet.get(option)!r} in unet/config.json"
                )
        if not unet.in_channels == unet.out_channels == vae.latent_channels:
            raise UnsupportedPipelineError(
                f"the UNet takes {unet.in_channels} and gives {unet.out_channels} channels, the VAE "
                f"has {vae.latent_channels}: inpainting and depth models are not supported"
            )
        if unet.cross_attention_dim != text.hidden_size:
            raise UnsupportedPipelineError(
                f"the UNet expects embeddings of width {unet.cross_attention_dim}, the text encoder "
                f"gives {text.hidden_size}"
            )
        if getattr(text, "use_attention_mask", False):
            raise UnsupportedPipelineError(
                "the text encoder asks for an attention mask (use_attention_mask in "
                "text_encoder/config.json), which a bundle's text encoder does not get"
            )
        if not isinstance(self.pipeline.scheduler, DDIMScheduler):
            raise UnsupportedPipelineError(
                f"unknown scheduler {type(self.pipeline.scheduler).__name__}; save the pipeline with "
                "DDIMScheduler.from_config(pipeline.scheduler.config)"
            )


class ClipTextEncoder(nn.Module):
    """Token ids [B, L] to the last hidden states, without attention mask: padding is attended to."""

    def __init__(self, encoder: nn.Module):
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor):
        return (self.encoder(ids)[0],)


class VaeDecoder(nn.Module):
    """Latents in the denoiser's scale to pictures in [0, 1]."""

    def __init__(self, vae: nn.Module):
        super().__init__()
        self.decoder = vae.decoder
        self.post_quant_conv = vae.post_quant_conv or nn.Identity()
        self.scale = float(vae.config.scaling_factor)
        self.shift = float(vae.config.shift_factor or 0.0)

    def forward(self, latents: Tensor) -> Tensor:
        unscaled = latents / self.scale + self.shift
        return (self.decoder(self.post_quant_conv(unscaled)) / 2 + 0.5).clamp(0, 1)


FAMILIES = {"StableDiffusionPipeline": StableDiffusion2}
