"""A training run of a few steps: it survives a stop, and leaves a pipeline that diffusers opens."""

import pytest
import torch
from diffusers import StableDiffusionPipeline, UniPCMultistepScheduler
from safetensors.torch import load_file

from probeselect_models.training import loop
from probeselect_models.training import train_sd2 as train
from probeselect_models.training.scenes import caption, split_of
from probeselect_models.training.sd2 import denoiser
from probeselect_models.training.sd2.dataset import training_scenes
from probeselect_models.training.sd2.denoiser import loss_weights, new_scheduler
from probeselect_models.training.settings import Settings
from probeselect_models.training.tokenizer import encode

TINY = Settings(
    pictures=24,
    autoencoder_channels=(8, 8, 8),
    autoencoder_pictures=12,
    autoencoder_crop_steps=2,
    autoencoder_steps=4,
    autoencoder_crop_batch=4,
    autoencoder_batch=4,
    decoder_steps=3,
    denoiser_channels=(16, 32, 32),
    denoiser_heads=(1, 1, 1),
    text_width=32,
    text_layers=1,
    denoiser_steps=6,
    denoiser_batch=4,
    denoiser_warmup=2,
    checkpoint_every=2,
    early_step=2,
)


class Stopped(Exception):
    pass


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    output = tmp_path_factory.mktemp("finished")
    return train.train(TINY, output)


def weights(pipeline):
    return {
        f"{part}/{name}": tensor
        for part in ("unet", "text_encoder", "vae")
        for file in (pipeline / part).glob("*.safetensors")
        for name, tensor in load_file(file).items()
    }


def test_a_run_that_was_stopped_ends_with_the_weights_of_one_that_was_not(
    finished, tmp_path, monkeypatch
):
    save = loop.save_whole

    def stop_after_the_fourth_step(value, path):
        save(value, path)
        if path.name == "denoiser.pt" and value["step"] == 4:
            raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(loop, "save_whole", stop_after_the_fourth_step)
        with pytest.raises(Stopped):
            train.train(TINY, tmp_path)
    resumed = weights(train.train(TINY, tmp_path))

    for name, tensor in weights(finished).items():
        torch.testing.assert_close(resumed[name], tensor, rtol=1e-2, atol=1e-3, msg=name)


def test_a_finished_run_starts_nothing_again(finished, capsys):
    train.train(TINY, finished.parent)
    assert "s/step" not in capsys.readouterr().err


def test_an_early_pipeline_has_the_files_of_the_final_one(finished):
    def files(directory):
        return {p.relative_to(directory) for p in directory.rglob("*") if p.is_file()}

    assert files(finished.parent / "early" / "pipeline") == files(finished)


def test_weights_are_stored_in_half_precision(finished):
    assert {tensor.dtype for tensor in weights(finished).values()} == {torch.float16}


def test_diffusers_opens_the_pipeline_and_draws_a_picture(finished):
    pipeline = StableDiffusionPipeline.from_pretrained(
        finished, dtype=torch.float32, local_files_only=True
    )
    assert type(pipeline.scheduler) is UniPCMultistepScheduler
    assert pipeline.safety_checker is None
    assert pipeline.unet.up_blocks[2].resnets[1] is not None
    assert pipeline.tokenizer("a red circle")["input_ids"] == [
        i for i in encode(pipeline.tokenizer, ["a red circle"])[0] if i
    ]
    pipeline.set_progress_bar_config(disable=True)
    picture = pipeline("a red circle on a pink background", num_inference_steps=2).images[0]
    assert picture.size == (64, 64)


def test_training_sees_captions_of_the_training_split_only():
    assert {split_of(caption(scene)) for scene in training_scenes(300, seed=3)} == {"train"}


def test_loss_weight_is_full_up_to_the_trusted_signal_to_noise_ratio():
    alphas = new_scheduler().alphas_cumprod
    ratio = alphas / (1 - alphas)
    weight = loss_weights(alphas)
    assert torch.all(weight[ratio <= denoiser.TRUSTED_SNR] == 1)
    assert torch.all(weight[ratio > denoiser.TRUSTED_SNR] < 1)
    assert alphas[-1] == 0
