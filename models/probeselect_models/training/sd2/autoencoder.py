"""Trains the autoencoder: pictures of 64x64x3 to latents of 4x16x16 and back."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

from probeselect_models.training.loop import HalvedBatches, Stage, learning_rate, seed_step
from probeselect_models.training.scenes import SIDE, render
from probeselect_models.training.settings import Settings

CROP = 32


def new_autoencoder(settings: Settings) -> AutoencoderKL:
    stages = len(settings.autoencoder_channels)
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * stages,
        up_block_types=("UpDecoderBlock2D",) * stages,
        block_out_channels=settings.autoencoder_channels,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=SIDE,
        mid_block_add_attention=False,
    )


def as_tensor(pictures: np.ndarray) -> torch.Tensor:
    """uint8 [B, H, W, 3] to float in [-1, 1], [B, 3, H, W]."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1).contiguous()


def reconstruction_loss(made: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Mean absolute error of values and, for sharp outlines, of differences of neighbours."""
    loss = F.l1_loss(made, wanted) + F.mse_loss(made, wanted)
    for axis in (2, 3):
        loss = loss + F.l1_loss(made.diff(dim=axis), wanted.diff(dim=axis))
    return loss


def train_autoencoder(settings: Settings, scenes, path: Path) -> AutoencoderKL:
    """Trains, or goes on from the checkpoint at `path`; the latents come out centred, of unit scale."""
    torch.manual_seed(settings.seed)
    model = new_autoencoder(settings)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.0, betas=(0.9, 0.99), weight_decay=0.01)
    steps, every = settings.autoencoder_steps, settings.checkpoint_every
    stage = Stage("autoencoder", path, steps, every, model=model, optimizer=optimizer)
    if "scaling_factor" in stage.saved:
        model.register_to_config(scaling_factor=stage.saved["scaling_factor"])
        return model.eval()
    pictures = np.stack([render(scene) for scene in scenes[: settings.autoencoder_pictures]])
    batches = HalvedBatches(model.parameters())

    def loss(batch, noise):
        posterior = model.encode(batch).latent_dist
        made = model.decode(posterior.mean + posterior.std * noise).sample
        divergence = posterior.kl().mean() / noise[0].numel()
        return reconstruction_loss(made, batch) + settings.divergence_weight * divergence

    for step in stage.left():
        generator = seed_step(settings.seed, step)
        batch = _batch(pictures, settings, step < settings.autoencoder_crop_steps, generator)
        count, _, height, width = batch.shape
        noise = torch.randn(count, 4, height // 4, width // 4, generator=generator)
        rate = learning_rate(step, steps, settings.autoencoder_rate, 50)
        stage.done(step + 1, batches.descend([optimizer], rate, loss, batch, noise))
    model.eval()
    _centre(model, as_tensor(pictures[:512]))
    stage.save(steps, scaling_factor=float(model.config.scaling_factor))
    return model


def _batch(pictures, settings, crop, generator) -> torch.Tensor:
    count = settings.autoencoder_crop_batch if crop else settings.autoencoder_batch
    chosen = torch.randint(len(pictures), (count,), generator=generator).numpy()
    batch = pictures[chosen]
    if crop:
        top, left = torch.randint(SIDE - CROP + 1, (2,), generator=generator).tolist()
        batch = np.ascontiguousarray(batch[:, top : top + CROP, left : left + CROP])
    return as_tensor(batch)


@torch.no_grad()
def _centre(model: AutoencoderKL, pictures: torch.Tensor) -> None:
    """Moves the mean of each latent channel to zero inside the 1x1 convolutions beside the latents.

    The autoencoder as a whole stays the same function. The scale goes into `scaling_factor`.
    """
    latents = model.encode(pictures).latent_dist.mean
    mean = latents.mean((0, 2, 3))
    model.quant_conv.bias[: len(mean)] -= mean
    model.post_quant_conv.bias += model.post_quant_conv.weight[:, :, 0, 0] @ mean
    scale = (latents - mean[:, None, None]).std().item()
    model.register_to_config(scaling_factor=1.0 / scale)


@torch.no_grad()
def encode_pictures(model: AutoencoderKL, pictures: np.ndarray) -> torch.Tensor:
    """Latents in the denoiser's scale, [B, 4, H/4, W/4]."""
    return model.encode(as_tensor(pictures)).latent_dist.mean * model.config.scaling_factor


@torch.no_grad()
def decode_latents(model: AutoencoderKL, latents: torch.Tensor) -> np.ndarray:
    """uint8 [B, H, W, 3] of latents in the denoiser's scale."""
    made = model.decode(latents / model.config.scaling_factor).sample
    values = (made / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1)
    return (values * 255).round().to(torch.uint8).numpy()
