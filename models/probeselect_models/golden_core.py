"""Writes the golden files that the Java tests of noise and schedules compare with.

The numbers come from torch and diffusers. Run it from any directory:

    python -m probeselect_models.golden_core
"""

import itertools
import json
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler

GOLDEN = Path(__file__).parents[2] / "probeselect-core/src/test/resources/golden"

SEEDS = [0, 1, 42, 2**32, 2**32 + 42, -1, -(2**63), 2**63 - 1, 8125398413, -6098234751098234]
COUNTS = [1, 2, 15, 16, 17, 31, 64, 1024, 1030, 4 * 96 * 96]
LATENTS = 5


def shortest(values):
    """Single-precision numbers with just the digits that tell them apart."""
    return [float(str(value)) for value in values.astype(np.float32)]


def noise_case(seed, count):
    """Some of the numbers of one draw, and two sums over all of them."""
    generator = torch.Generator("cpu").manual_seed(seed)
    values = torch.randn(count, generator=generator, dtype=torch.float32).numpy()
    if count <= 31:
        indices = np.arange(count)
    else:
        inner = np.linspace(16, count - 33, 8).astype(int)
        indices = np.unique(np.concatenate([[0, 8], inner, np.arange(count - 17, count)]))
    exact = values.astype(np.float64)
    return {
        "seed": seed,
        "count": count,
        "indices": indices.tolist(),
        "values": shortest(values[indices]),
        "sum": float(exact.sum()),
        "weightedSum": float((exact * (np.arange(count) % 17)).sum()),
    }


def prediction(sample, timestep):
    """Stands in for a denoiser: basic arithmetic in double precision, the same in any language."""
    x = sample.astype(np.float64)
    index = np.arange(len(x))
    y = 0.8 * x / (1.0 + np.abs(x)) + 0.05 * (index % 5 - 2) - timestep / 4000.0
    return y.astype(np.float32)


def trajectory(options, steps):
    """The latents and the predicted image at every step, from fixed noise."""
    scheduler = DDIMScheduler(**options)
    scheduler.set_timesteps(steps)
    timesteps = scheduler.timesteps.tolist()
    assert len(timesteps) == steps and min(timesteps) >= 0, (options, steps)
    noise = torch.randn(LATENTS, generator=torch.Generator("cpu").manual_seed(steps)).numpy()
    sample, latents, originals = noise, [], []
    for timestep in timesteps:
        output = scheduler.step(
            torch.from_numpy(prediction(sample, timestep)), timestep, torch.from_numpy(sample)
        )
        sample = output.prev_sample.numpy()
        latents.append(shortest(sample))
        originals.append(shortest(output.pred_original_sample.numpy()))
    assert np.isfinite(latents).all() and np.isfinite(originals).all(), (options, steps)
    return {
        "config": {"_class_name": "DDIMScheduler", **options},
        "steps": steps,
        "timesteps": timesteps,
        "noise": shortest(noise),
        "latents": latents,
        "originals": originals,
    }


def ddim_cases():
    """Every pair of options that act on each other, and what known models are configured with."""
    defaults = {}
    tiny = {
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "prediction_type": "v_prediction",
        "timestep_spacing": "trailing",
        "rescale_betas_zero_snr": True,
        "clip_sample": False,
    }
    stable_diffusion_2 = {
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "prediction_type": "v_prediction",
        "clip_sample": False,
        "set_alpha_to_one": False,
        "steps_offset": 1,
        "trained_betas": None,
    }
    cases = [(defaults, 10), (defaults, 1), ({"num_train_timesteps": 100}, 100)]
    cases += [(tiny, steps) for steps in (1, 2, 7, 20, 50)]
    cases += [(stable_diffusion_2, steps) for steps in (1, 7, 20, 50)]
    steps = itertools.cycle((3, 4, 6, 9, 12))
    for beta_schedule, prediction_type, spacing in itertools.product(
        ("linear", "scaled_linear", "squaredcos_cap_v2"),
        ("epsilon", "v_prediction", "sample"),
        ("leading", "trailing", "linspace"),
    ):
        options = {
            "beta_schedule": beta_schedule,
            "prediction_type": prediction_type,
            "timestep_spacing": spacing,
        }
        for alpha_to_one, zero_snr in itertools.product((False, True), (False, True)):
            if zero_snr and prediction_type == "epsilon" and spacing != "leading":
                continue
            cases.append(
                (
                    options
                    | {
                        "set_alpha_to_one": alpha_to_one,
                        "rescale_betas_zero_snr": zero_snr,
                        "clip_sample": alpha_to_one != zero_snr,
                        "clip_sample_range": 1.5,
                        "steps_offset": int(zero_snr),
                    },
                    next(steps),
                )
            )
    return cases


def write(name, cases):
    """Writes one case per line, so that a change shows up where it is."""
    lines = ",\n".join(json.dumps(case) for case in cases)
    (GOLDEN / name).write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def main():
    GOLDEN.mkdir(parents=True, exist_ok=True)
    write("torch-noise.json", [noise_case(s, c) for s in SEEDS for c in COUNTS])
    write("ddim.json", [trajectory(options, steps) for options, steps in ddim_cases()])


if __name__ == "__main__":
    main()
