"""Trains the decoder alone, last: the latents stay what they are, their pictures become sharper."""

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from probeselect_models.training.loop import HalvedBatches, Stage, learning_rate, seed_step
from probeselect_models.training.scenes import render
from probeselect_models.training.sd2.autoencoder import as_tensor, reconstruction_loss
from probeselect_models.training.settings import Settings


def sharpen_decoder(
    settings: Settings, model: AutoencoderKL, scenes, latents: torch.Tensor, path: Path
) -> None:
    """Trains the decoder of `model` in place, or goes on from the checkpoint at `path`.

    `latents` are those of `scenes`, in the denoiser's scale.
    """
    model.requires_grad_(False)
    decoder = torch.nn.ModuleList([model.post_quant_conv, model.decoder]).requires_grad_(True)
    optimizer = torch.optim.AdamW(
        decoder.parameters(), lr=0.0, betas=(0.9, 0.99), weight_decay=0.01
    )
    steps, every = settings.decoder_steps, settings.checkpoint_every
    stage = Stage("decoder", path, steps, every, decoder=decoder, optimizer=optimizer)
    if stage.finished:
        return
    pictures = np.stack([render(scene) for scene in scenes[: settings.autoencoder_pictures]])
    batches = HalvedBatches(decoder.parameters())

    def loss(noisy, wanted):
        made = model.decode(noisy / model.config.scaling_factor).sample
        return reconstruction_loss(made, wanted)

    for step in stage.left():
        generator = seed_step(settings.seed, step)
        chosen = torch.randint(len(pictures), (settings.autoencoder_batch,), generator=generator)
        noise = torch.randn(len(chosen), *latents.shape[1:], generator=generator)
        noisy = latents[chosen] + settings.decoder_noise * noise
        rate = learning_rate(step, steps, settings.decoder_rate, 50)
        value = batches.descend([optimizer], rate, loss, noisy, as_tensor(pictures[chosen.numpy()]))
        stage.done(step + 1, value)
