"""The golden files say exactly how each picture was made."""

import json

import numpy as np
import torch
from PIL import Image

from probeselect_models.golden_pipeline import cases, write_golden
from random_pipeline import build


def test_golden_files_start_from_the_seed_and_end_in_the_picture(tmp_path):
    pipeline = build()
    pipeline.set_progress_bar_config(disable=True)
    chosen = [case for case in cases(2, 3.0) if not case.name.startswith("prompt")]
    write_golden(pipeline, tmp_path, chosen)
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
