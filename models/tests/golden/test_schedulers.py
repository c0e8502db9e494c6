"""Golden files of schedulers say what the denoiser was shown, and end in the picture."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from golden import schedulers as golden_schedulers
from golden.pipeline import PROMPTS
from random_pipeline import build, flux, stable_diffusion_3


@pytest.mark.parametrize("build_pipeline", [build, stable_diffusion_3, flux])
def test_every_scheduler_walks_from_the_seed_to_the_picture(build_pipeline, tmp_path, monkeypatch):
    monkeypatch.setattr(golden_schedulers, "STEPS", 3)
    pipeline = build_pipeline()
    pipeline.set_progress_bar_config(disable=True)
    pipeline.save_pretrained(tmp_path / "pipeline")
    chosen = golden_schedulers.cases(64, 3.0)
    golden_schedulers.write(pipeline, tmp_path / "pipeline", tmp_path / "golden", chosen)
    names = json.loads((tmp_path / "golden" / "schedulers.json").read_text())
    assert len(names) >= 2
    for name in names:
        golden = json.loads((tmp_path / "golden" / f"{name}.json").read_text())
        cases = golden["cases"]
        assert {case["prompt"] for case in cases} == set(PROMPTS)
        assert {case["guidanceScale"] for case in cases} == {1.0, 3.0}
        assert len({(case["height"], case["width"]) for case in cases}) == 2
        evaluations = 4 if golden["type"] == "PNDMScheduler" else 3
        for case in cases:
            assert len(case["shown"]) == len(case["rms"]) == evaluations + 1
            start = np.array(case["shown"][0])
            assert np.abs(start - scaled_noise(case, golden["stride"], start)).max() < 1e-4
        page = Image.open(tmp_path / "golden" / f"{name}.png")
        tallest = [max(c["height"] for c in cases), min(c["height"] for c in cases)]
        assert page.size[1] == sum(tallest)


def scaled_noise(case: dict, stride: int, start: np.ndarray) -> np.ndarray:
    """The seed's noise at the chosen places; some schedulers show it to the denoiser on another scale."""
    shape = (1, 4, case["height"] // 4, case["width"] // 4)
    noise = torch.randn(shape, generator=torch.Generator("cpu").manual_seed(case["seed"]))
    chosen = noise.flatten()[::stride].numpy()
    scale = float(start @ chosen / (chosen @ chosen))
    assert 0.9 < scale < 1.1
    return scale * chosen
