"""Both small transformers: training survives a stop, and leaves a pipeline that diffusers opens."""

from dataclasses import replace
from functools import partial

import pytest
import torch
from diffusers import FluxPipeline, StableDiffusion3Pipeline
from safetensors.torch import load_file

from probeselect_models.training import loop, train_flux, train_sd3
from probeselect_models.training.flow import answers, flux, flux_guidance, sd3
from probeselect_models.training.flow import optimisation as flow_training
from probeselect_models.training.flow.lessons import Material
from probeselect_models.training.flow.optimisation import flow_rate, peak_step
from probeselect_models.training.flow.transformer import QuickGelu
from probeselect_models.training.loop import seed_step
from probeselect_models.training.settings import FluxSettings, Sd3Settings, TextSettings
from random_pipeline import build

TINY = dict(
    pictures=16,
    text=TextSettings(
        clip_width=32, clip_2_width=32, clip_layers=1, t5_width=64, t5_heads=1, t5_hidden=32,
        t5_layers=1, captions=24, steps=2, batch=4,
    ),
    heads=1,
    batch=4,
    steps=8,
    warmup=2,
    checkpoint_every=2,
    layout_block=0,
    answers=4,
    taught=0.5,
)  # fmt: skip
SD3 = Sd3Settings(**TINY, layers=2)
FLUX = FluxSettings(**TINY, layers=1, single_layers=1, guidance_steps=4)
TRAINERS = {"sd3": (train_sd3, SD3), "flux": (train_flux, FLUX)}


class Stopped(Exception):
    pass


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    directory = tmp_path_factory.mktemp("base")
    build().save_pretrained(directory)
    return directory


@pytest.fixture(scope="module", autouse=True)
def few_answers():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answers, "PART", 2)
        yield


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def run(base, shared):
    """Trains one kind into a directory and returns the pipeline."""

    def train(kind, output, **changes):
        trainer, settings = TRAINERS[kind]
        early = changes.pop("early", False)
        return trainer.train(replace(settings, **changes), base, shared, output, early)

    return train


@pytest.fixture(scope="module", params=TRAINERS)
def finished(request, run, tmp_path_factory):
    return request.param, run(request.param, tmp_path_factory.mktemp(request.param))


def weights(pipeline):
    return {
        f"{file.parent.name}/{name}": tensor
        for file in pipeline.rglob("*.safetensors")
        for name, tensor in load_file(file).items()
    }


def assert_same(made, expected):
    assert made.keys() == expected.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(made[name], tensor, rtol=1e-2, atol=1e-3, msg=name)


def stop_at(monkeypatch, module, checkpoint, step):
    save = module.save_whole

    def stopping(value, path):
        save(value, path)
        if path.name == checkpoint and value["step"] == step:
            raise Stopped

    monkeypatch.setattr(module, "save_whole", stopping)


def test_a_run_that_was_stopped_ends_with_the_weights_of_one_that_was_not(
    finished, run, tmp_path, monkeypatch
):
    kind, pipeline = finished
    with monkeypatch.context() as patch:
        stop_at(patch, flow_training, "denoiser.pt", 4)
        with pytest.raises(Stopped):
            run(kind, tmp_path)
    assert_same(weights(run(kind, tmp_path)), weights(pipeline))


def test_a_distillation_that_was_stopped_ends_as_one_that_was_not(
    run, tmp_path_factory, tmp_path, monkeypatch
):
    pipeline = run("flux", tmp_path_factory.mktemp("flux"))
    with monkeypatch.context() as patch:
        stop_at(patch, loop, "guidance.pt", 2)
        with pytest.raises(Stopped):
            run("flux", tmp_path)
    assert_same(weights(run("flux", tmp_path)), weights(pipeline))


def test_a_few_steps_change_every_weight(run, tmp_path):
    run("sd3", tmp_path)
    torch.manual_seed(SD3.seed)
    fresh = sd3.Sd3Denoiser(SD3).transformer.state_dict()
    trained = torch.load(tmp_path / "checkpoints" / "denoiser.pt", weights_only=True)["trained"]
    unchanged = {name for name in fresh if torch.equal(fresh[name], trained[name])}
    # fixed positions, and the last block's queries of text tokens, whose answers nobody reads
    assert unchanged <= {"pos_embed.pos_embed", "transformer_blocks.1.attn.add_q_proj.bias"}


def test_kept_answers_are_those_of_the_data_but_for_the_velocity(base, shared):
    material = Material(SD3, base, shared)
    made = material.answers()
    assert len(made.sigma) == SD3.answers
    assert (made.sigma.diff() >= 0).all()
    again = answers.data_answers(SD3, material.latents, 2, seed_step(SD3.seed + 1, 0))
    place = (made.sigma == again.sigma[0]).nonzero()[0]
    row = made.rows(place)
    torch.testing.assert_close(row.noise[0], again.noise[0].half())
    assert row.scene.item() == again.scene[0].item()
    assert not torch.allclose(row.velocity[0].float(), again.velocity[0], atol=0.1)


def test_drawn_answers_are_spread_over_the_noise_levels():
    count = 8
    sorted_sigmas = torch.linspace(0, 1, 64)
    rows = torch.arange(64)
    all_rows = answers.Answers(rows, rows > 64, sorted_sigmas, rows, rows)
    drawn = all_rows.draw(count, torch.Generator().manual_seed(1))
    assert (drawn.scene // (64 // count)).tolist() == list(range(count))


def test_a_finished_run_starts_nothing_again(finished, run, capsys):
    kind, pipeline = finished
    run(kind, pipeline.parent)
    assert "s/step" not in capsys.readouterr().err


def test_more_steps_go_on_from_where_the_rate_began_to_fall(run, tmp_path, capsys):
    run("sd3", tmp_path)
    capsys.readouterr()
    run("sd3", tmp_path, steps=12)
    saved = torch.load(tmp_path / "checkpoints" / "denoiser.pt", weights_only=True)
    assert saved["step"] == 12
    peak = torch.load(tmp_path / "checkpoints" / "denoiser-peak.pt", weights_only=True)
    assert peak["step"] == peak_step(replace(SD3, steps=12)) == 9


def test_early_weights_can_be_looked_at_while_training_goes_on(finished, run):
    kind, pipeline = finished
    early = run(kind, pipeline.parent, early=True)
    assert early != pipeline
    assert weights(early).keys() == weights(pipeline).keys()


def test_weights_are_stored_in_half_precision(finished):
    assert {tensor.dtype for tensor in weights(finished[1]).values()} == {torch.float16}


def test_diffusers_opens_the_pipeline_and_draws_a_picture(finished):
    kind, directory = finished
    opened = {"sd3": StableDiffusion3Pipeline, "flux": FluxPipeline}[kind].from_pretrained(
        directory, dtype=torch.float32, local_files_only=True
    )
    opened.set_progress_bar_config(disable=True)
    made = opened(
        "a red circle on a pink background",
        height=64,
        width=64,
        num_inference_steps=2,
        guidance_scale=3.0,
        max_sequence_length=SD3.text.length,
    )
    assert made.images[0].size == (64, 64)


def test_the_pipeline_reads_prompts_as_the_training_did(finished, base, shared):
    kind, directory = finished
    family, settings, cls, extra = {
        "sd3": (sd3, SD3, StableDiffusion3Pipeline, dict(prompt_3=None)),
        "flux": (flux, FLUX, FluxPipeline, {}),
    }[kind]
    material = Material(settings, base, shared)
    encoders = material.encoders if kind == "sd3" else flux.FluxTextEncoders.of(material.encoders)
    lessons = material.lessons(partial(family.read, encoders))

    pipeline = cls.from_pretrained(directory, dtype=torch.float32, local_files_only=True)
    made = pipeline.encode_prompt(
        material.texts[3], prompt_2=None, max_sequence_length=settings.text.length, **extra
    )
    sequence, pooled = (made[0], made[2]) if kind == "sd3" else made[:2]

    torch.testing.assert_close(sequence[0], lessons.sequence[3].float(), rtol=1e-2, atol=1e-2)
    torch.testing.assert_close(pooled[0], lessons.pooled[3].float(), rtol=1e-2, atol=1e-2)


def test_tokens_and_places_are_those_of_the_flux_pipeline():
    latents = torch.randn(2, 4, 16, 12)
    tokens = flux.packed(latents)
    assert torch.equal(tokens, FluxPipeline._pack_latents(latents, 2, 4, 16, 12))
    assert torch.equal(flux.unpacked(tokens, 16, 12), latents)
    ids = FluxPipeline._prepare_latent_image_ids(2, 8, 6, "cpu", torch.float32)
    assert torch.equal(flux.places(16, 12), ids)


def test_at_its_own_size_flux_has_the_shift_of_the_settings():
    scheduler = flux.new_scheduler(FLUX)
    config = scheduler.config
    part = (64 - config.base_image_seq_len) / (config.max_image_seq_len - config.base_image_seq_len)
    mu = config.base_shift + part * (config.max_shift - config.base_shift)
    assert abs(torch.tensor(mu).exp() - FLUX.sampler_shift) < 1e-6


def test_guided_velocity_is_that_of_classifier_free_guidance():
    class Constant:
        def velocity(self, latents, sigma, sequence, pooled, guidance):
            return latents * sequence.mean((1, 2))[:, None, None, None]

    latents = torch.randn(2, 4, 16, 16)
    sequence, pooled = torch.full((2, 3, 5), 2.0), torch.zeros(2, 5)
    scale = torch.tensor([1.0, 3.0])
    made = flux_guidance.guided_velocity(
        Constant(), latents, torch.rand(2), sequence, pooled, 0 * sequence[0], pooled[0], scale
    )
    torch.testing.assert_close(made, 2 * scale[:, None, None, None] * latents)


def test_the_rate_rises_stays_and_falls_to_zero():
    settings = Sd3Settings(steps=100, warmup=10, cooldown=0.25, rate=1.0)
    rates = [flow_rate(step, settings) for step in range(100)]
    assert rates[9:76] == [1.0] * 67
    assert rates[0] == 0.1
    assert 0 < rates[99] <= 0.04 + 1e-9


def test_the_quick_activation_is_gelu():
    x = torch.linspace(-6, 6, 101, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(QuickGelu.apply, (x,))
    expected = torch.nn.functional.gelu(x, approximate="tanh")
    torch.testing.assert_close(QuickGelu.apply(x), expected)
