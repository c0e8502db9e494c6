"""The golden files say exactly how each picture was made."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from golden.pipeline import Sampler, cases, write_golden
from random_pipeline import build, flux, stable_diffusion_3


def test_golden_files_start_from_the_seed_and_end_in_the_picture(tmp_path):
    pipeline = build()
    pipeline.set_progress_bar_config(disable=True)
    pipeline.save_pretrained(tmp_path / "pipeline")
    sampler = Sampler(pipeline, tmp_path / "pipeline")
    chosen = [case for case in cases(2, 3.0) if not case.name.startswith("prompt")]
    write_golden(sampler, tmp_path, chosen)
    golden = json.loads((tmp_path / "golden.json").read_text())
    assert [case["name"] for case in golden["cases"]] == ["wide", "guidance-off", "negative-prompt"]
    for case in golden["cases"]:
        stored = json.loads((tmp_path / case["latents"]).read_text())
        noise = torch.Generator("cpu").manual_seed(case["seed"])
        expected = torch.randn(stored["shape"], generator=noise)
        assert np.allclose(stored["latents"]["0"], expected.flatten(), rtol=1e-6)
        last = torch.tensor(stored["latents"]["2"]).view(1, *stored["shape"])
        with torch.no_grad():
            decoded = pipeline.vae.decode(last / pipeline.vae.config.scaling_factor).sample[0]
        picture = np.asarray(Image.open(tmp_path / case["image"]))
        assert picture.shape == (case["height"], case["width"], 3)
        drawn = 255 * (decoded / 2 + 0.5).clamp(0, 1).permute(1, 2, 0).numpy()
        assert np.abs(picture - drawn).max() < 0.51


@pytest.mark.parametrize("build_pipeline", [stable_diffusion_3, flux])
def test_latents_of_a_flow_model_are_maps_that_end_in_the_picture(build_pipeline, tmp_path):
    pipeline = build_pipeline()
    pipeline.set_progress_bar_config(disable=True)
    pipeline.save_pretrained(tmp_path / "pipeline")
    sampler = Sampler(pipeline, tmp_path / "pipeline")
    chosen = cases(2, 3.0, side=sampler.side, negative=sampler.takes_negative_prompt)
    write_golden(sampler, tmp_path, chosen[-3:])
    names = [case["name"] for case in json.loads((tmp_path / "golden.json").read_text())["cases"]]
    assert ("negative-prompt" in names) == sampler.takes_negative_prompt
    stored = json.loads((tmp_path / "wide.json").read_text())
    assert stored["shape"] == [4, 12, 24]
    last = torch.tensor(stored["latents"]["2"]).view(1, 4, 12, 24)
    config = pipeline.vae.config
    with torch.no_grad():
        decoded = pipeline.vae.decode(last / config.scaling_factor + config.shift_factor).sample[0]
    drawn = 255 * (decoded / 2 + 0.5).clamp(0, 1).permute(1, 2, 0).numpy()
    assert np.abs(np.asarray(Image.open(tmp_path / "wide.png")) - drawn).max() < 0.51
