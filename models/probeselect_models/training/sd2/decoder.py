"""Trains the decoder alone, last: the latents stay what they are, their pictures become sharper."""

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from probeselect_models.training.loop import (
    HalvedBatches,
    Progress,
    learning_rate,
    load_if_present,
    save_whole,
    seed_step,
    set_learning_rate,
)
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
    first = 0
    saved = load_if_present(path)
    if saved:
        decoder.load_state_dict(saved["decoder"])
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["step"]
    steps = settings.decoder_steps
    if first >= steps:
        return
    pictures = np.stack([render(scene) for scene in scenes[: settings.autoencoder_pictures]])
    batches = HalvedBatches(decoder.parameters())
    progress = Progress("decoder", first, steps)

    def loss(noisy, wanted):
        made = model.decode(noisy / model.config.scaling_factor).sample
        return reconstruction_loss(made, wanted)

    for step in range(first, steps):
        generator = seed_step(settings.seed, step)
        chosen = torch.randint(len(pictures), (settings.autoencoder_batch,), generator=generator)
        noise = torch.randn(len(chosen), *latents.shape[1:], generator=generator)
        noisy = latents[chosen] + settings.decoder_noise * noise
        set_learning_rate(optimizer, learning_rate(step, steps, settings.decoder_rate, 50))
        value = batches.backward(loss, noisy, as_tensor(pictures[chosen.numpy()]))
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimizer.step()
        progress.step(step + 1, loss=value)
        if (step + 1) % settings.checkpoint_every == 0 or step + 1 == steps:
            save_whole(
                {
                    "decoder": decoder.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "step": step + 1,
                },
                path,
            )
