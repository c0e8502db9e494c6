"""A value that is missing, null or of another kind, in any configuration of a pipeline.

The export either goes on and draws what diffusers draws, or is refused with a line that names the file
before anything is written. A sample of all changes is tried, whose seed is printed;
PROBESELECT_EVERY_CONFIG=1 tries them all, which takes an hour.
"""

import copy
import json
import os
import random
import shutil
import warnings

import numpy as np
import pytest
import torch

from golden.pipeline import Case, Sampler
from probeselect_models.export import checks
from probeselect_models.families import UnsupportedPipelineError, open_family
from probeselect_models.training.sample import open_pipeline
from random_tokenizers import CAPTIONS

REMOVED = object()
OTHER_VALUES = (REMOVED, None, [16, 24], "other", -3)
SAMPLED = 12
EVERY = os.environ.get("PROBESELECT_EVERY_CONFIG") == "1"
SEED = int(os.environ.get("PROBESELECT_SEED", random.randrange(2**31)))
STEPS = 2
NOT_IN_A_BUNDLE = (
    "safety_checker",
    "feature_extractor",
    "image_encoder",
    "requires_safety_checker",
)
"""Parts of a pipeline that are not carried over: diffusers may fail with them."""


def changes(directory):
    """(file, key, value) of every change."""
    for file in sorted(directory.rglob("*.json")):
        if file.name in (
            "model_index.json",
            "config.json",
            "scheduler_config.json",
            "tokenizer_config.json",
        ):
            for key in json.loads(file.read_text()):
                for value in OTHER_VALUES:
                    yield file.relative_to(directory), key, value


def change(directory, file, key, value):
    content = json.loads((directory / file).read_text())
    if value is REMOVED:
        content.pop(key, None)
    else:
        content[key] = copy.deepcopy(value)
    (directory / file).write_text(json.dumps(content))


def check(directory):
    family = open_family(directory)
    checks.check(
        family,
        list(family.default_taps),
        tap_channels=4,
        grid=2,
        steps=STEPS,
        guidance_scale=family.guidance_scale,
    )
    return family


@torch.no_grad()
def drawn(family):
    """The picture that the bundle's modules and scheduler make, at the default size."""
    height, width = (side // family.pixels_per_latent for side in family.default_size())
    prompts = ["", CAPTIONS[0]] if family.guidance == "classifier-free" else [CAPTIONS[0]]
    ids = [torch.cat([text.ids(prompt) for prompt in prompts]) for text in family.text_inputs()]
    conditions = list(family.text_encoder()(*ids))
    if family.guidance == "embedded":
        conditions.append(torch.full((1,), 2.0))
    denoiser, scheduler = family.denoiser([]), family.scheduler
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(1, family.latent_channels, height, width, generator=generator)
    family.set_timesteps(scheduler, STEPS, height * width)
    x = x * getattr(scheduler, "init_noise_sigma", 1.0)
    for timestep in scheduler.timesteps:
        shown = scheduler.scale_model_input(x, timestep) if not family.follows_flow else x
        rows = len(prompts)
        seen = denoiser(torch.cat([shown] * rows), timestep.expand(rows), *conditions)
        if rows == 2:
            without, given = seen.chunk(2)
            seen = without + 2.0 * (given - without)
        x = scheduler.step(seen, timestep, x, return_dict=False)[0]
    return (family.vae_decoder()(x)[0].permute(1, 2, 0) * 255).round().numpy()


def drawn_by_diffusers(directory, family):
    pipeline = open_pipeline(directory)
    height, width = family.default_size()
    case = Case("any", CAPTIONS[0], 5, STEPS, 2.0, height=height, width=width)
    picture, _ = Sampler(pipeline, directory).run(case)
    if family.name == "stable-diffusion-2":
        assert pipeline(CAPTIONS[0], num_inference_steps=1).images[0].size == (width, height)
    return picture.astype(float)


def assert_as_diffusers(directory, family):
    assert np.abs(drawn(family) - drawn_by_diffusers(directory, family)).max() <= 1


@pytest.mark.parametrize("name", ["sd2", "sd3", "flux"])
def test_a_changed_value_is_carried_over_or_refused_with_its_file(originals, tmp_path, name):
    print(f"PROBESELECT_SEED={SEED}")
    chosen = list(changes(originals / name))
    if not EVERY:
        chosen = random.Random(SEED).sample(chosen, SAMPLED)
    found = []
    for i, (file, key, value) in enumerate(chosen):
        directory = shutil.copytree(originals / name, tmp_path / str(i))
        change(directory, file, key, value)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                assert_carried_over_or_refused(directory, file, key)
        except Exception as error:
            what = f"{file}: {key} = {'removed' if value is REMOVED else repr(value)}"
            found.append(f"{what}: {type(error).__name__}: {error}")
        shutil.rmtree(directory)
    assert not found, "\n".join(found)


def assert_carried_over_or_refused(directory, file, key):
    try:
        family = check(directory)
    except UnsupportedPipelineError as refused:
        message = str(refused)
        assert "\n" not in message
        named = file.parent.name if file.parent.name else file.name
        assert named in message or key in message, message
        return
    if key in NOT_IN_A_BUNDLE:
        change(directory, file, key, [None, None])
    assert_as_diffusers(directory, family)
