"""Trains the denoiser and the text encoder, together, on latents of captioned scenes."""

import copy
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel, UniPCMultistepScheduler
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from probeselect_models.training.loop import (
    HalvedBatches,
    Stage,
    average,
    learning_rate,
    seed_step,
)
from probeselect_models.training.networks import Networks
from probeselect_models.training.settings import Settings
from probeselect_models.training.tokenizer import LENGTH, encode

NOISE_LEVELS = (
    "num_train_timesteps",
    "beta_start",
    "beta_end",
    "beta_schedule",
    "prediction_type",
    "rescale_betas_zero_snr",
    "timestep_spacing",
    "steps_offset",
)
"""What the sampler has in common with the scheduler of the training."""
TRUSTED_SNR = 5.0


@dataclass(frozen=True)
class Denoiser(Networks):
    """The two networks that are trained together."""

    unet: UNet2DConditionModel
    text_encoder: CLIPTextModel


def new_denoiser(settings: Settings, tokenizer: CLIPTokenizer) -> Denoiser:
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        block_out_channels=settings.denoiser_channels,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        attention_head_dim=settings.denoiser_heads,
        cross_attention_dim=settings.text_width,
        norm_num_groups=16,
        use_linear_projection=True,
    )
    text = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=settings.text_width,
        intermediate_size=4 * settings.text_width,
        projection_dim=settings.text_width,
        num_hidden_layers=settings.text_layers,
        num_attention_heads=settings.text_width // 32,
        max_position_embeddings=LENGTH,
        hidden_act="gelu",
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return Denoiser(unet, CLIPTextModel(text))


def new_scheduler() -> DDIMScheduler:
    """Noise levels as in Stable Diffusion 2, but down to no signal at all at the last one."""
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=1,
    )


def new_sampler() -> UniPCMultistepScheduler:
    """What the finished pipeline draws with: fewer of its steps at high noise levels.

    It begins at sigma 3, where the latents are nearly pure noise, so that what a seed becomes shows
    early.
    """
    trained = new_scheduler().config
    return UniPCMultistepScheduler(
        **{key: trained[key] for key in NOISE_LEVELS},
        use_karras_sigmas=True,
        sigma_min=0.03,
        sigma_max=3.0,
    )


def loss_weights(alphas_cumprod: torch.Tensor) -> torch.Tensor:
    """Weight of the squared error of v at each noise level.

    The error of v is (SNR + 1) times that of the clean latents. Up to SNR 5 it counts as it is; above,
    where only fine detail is left to find, it counts as if SNR were 5. This is min-SNR weighting
    (Hang et al. 2023, arXiv 2303.09556), shifted by one so that pure noise, where the layout begins,
    keeps its full weight.
    """
    snr_plus_one = 1 / (1 - alphas_cumprod)
    return snr_plus_one.clamp(max=TRUSTED_SNR + 1) / snr_plus_one


def train_denoiser(
    settings: Settings,
    tokenizer: CLIPTokenizer,
    latents: torch.Tensor,
    ids: torch.Tensor,
    path: Path,
    at_early_step=lambda averaged: None,
) -> Denoiser:
    """Trains, or goes on from the checkpoint at `path`; returns the averaged weights."""
    torch.manual_seed(settings.seed)
    trained = new_denoiser(settings, tokenizer)
    averaged = copy.deepcopy(trained)
    optimizer = torch.optim.AdamW(
        trained.parameters(), lr=0.0, betas=(0.9, 0.99), weight_decay=0.01
    )
    steps, count = settings.denoiser_steps, settings.denoiser_batch
    stage = Stage(
        "denoiser",
        path,
        steps,
        settings.checkpoint_every,
        trained=trained,
        averaged=averaged,
        optimizer=optimizer,
    )
    alphas_cumprod = new_scheduler().alphas_cumprod
    weights = loss_weights(alphas_cumprod)
    empty = torch.from_numpy(encode(tokenizer, [""]))

    def loss(clean, noise, times, ids):
        alpha = alphas_cumprod[times][:, None, None, None]
        signal, spread = alpha.sqrt(), (1 - alpha).sqrt()
        prompt = trained.text_encoder(ids).last_hidden_state
        predicted = trained.unet(signal * clean + spread * noise, times, prompt).sample
        error = (predicted - (signal * noise - spread * clean)).square().mean((1, 2, 3))
        return (weights[times] * error).mean()

    batches = HalvedBatches(trained.parameters())
    for step in stage.left():
        generator = seed_step(settings.seed, step)
        chosen = torch.randint(len(latents), (count,), generator=generator)
        dropped = torch.rand(count, generator=generator) < settings.prompt_dropout
        prompts = torch.where(dropped[:, None], empty, ids[chosen])
        noise = torch.randn(count, *latents.shape[1:], generator=generator)
        times = _spread_times(count, len(alphas_cumprod), generator)
        rate = learning_rate(step, steps, settings.denoiser_rate, settings.denoiser_warmup)
        value = batches.descend([optimizer], rate, loss, latents[chosen], noise, times, prompts)
        average(averaged, trained, min(settings.average_decay, (step + 1) / (step + 10)))
        stage.done(step + 1, value)
        if step + 1 == settings.early_step:
            at_early_step(averaged)
    return averaged


def _spread_times(count: int, levels: int, generator: torch.Generator) -> torch.Tensor:
    """Random noise levels, one from each of `count` equal ranges, in random order."""
    offsets = torch.rand(count, generator=generator)
    order = torch.randperm(count, generator=generator)
    return ((order + offsets) * levels / count).long().clamp(max=levels - 1)
