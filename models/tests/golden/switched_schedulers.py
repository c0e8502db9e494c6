"""Configurations that a pipeline has after its scheduler was exchanged, leftovers of the first and all."""

import inspect
import itertools
import json
import tempfile
from pathlib import Path

from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    HeunDiscreteScheduler,
    KDPM2DiscreteScheduler,
    LCMScheduler,
    PNDMScheduler,
    UniPCMultistepScheduler,
)

from golden.scheduler_cases import FLOW, STABLE_DIFFUSION

SWITCHED_FROM = {
    DDIMScheduler: {"clip_sample": False, "set_alpha_to_one": False},
    PNDMScheduler: {"skip_prk_steps": True},
    EulerDiscreteScheduler: {"use_karras_sigmas": True, "sigma_min": 0.05, "sigma_max": 9.0},
    DPMSolverMultistepScheduler: {"solver_order": 3, "solver_type": "heun", "euler_at_final": True},
    UniPCMultistepScheduler: {
        "solver_type": "bh1",
        "final_sigmas_type": "sigma_min",
        "disable_corrector": [0],
        "sigma_max": 8.0,
    },
    HeunDiscreteScheduler: {"clip_sample": True, "clip_sample_range": 0.5},
    LCMScheduler: {"original_inference_steps": 40, "timestep_scaling": 9.0},
    DDPMScheduler: {"variance_type": "fixed_small_log", "clip_sample": True},
    EulerAncestralDiscreteScheduler: {"rescale_betas_zero_snr": False},
    KDPM2DiscreteScheduler: {"use_karras_sigmas": True},
}
"""Classes and options that a diffusion model is switched from; those of the last few stay foreign."""


def switched(before, options, scheduler_class, **changed):
    """A configuration that was saved, loaded into another class and saved again, leftovers and all."""
    with tempfile.TemporaryDirectory() as directory:
        before(**options).save_pretrained(directory)
        loaded = before.from_pretrained(directory)
        scheduler_class.from_config(loaded.config, **changed).save_pretrained(directory)
        text = (Path(directory) / "scheduler_config.json").read_text(encoding="utf-8")
    return json.loads(text)


def switched_cases():
    """Every switch from class to class that diffusers allows, with the arguments of trajectory."""
    cases = []
    to = (
        DDIMScheduler,
        PNDMScheduler,
        EulerDiscreteScheduler,
        DPMSolverMultistepScheduler,
        UniPCMultistepScheduler,
    )
    for (before, options), after in itertools.product(SWITCHED_FROM.items(), to):
        changed = {"skip_prk_steps": True} if after is PNDMScheduler else {}
        given = {**STABLE_DIFFUSION, "prediction_type": "v_prediction", **options}
        offset = "steps_offset" in inspect.signature(before).parameters
        given |= {"steps_offset": 1} if offset else {}
        cases.append((after, switched(before, given, after, **changed), 6))
    karras = {**FLOW, "use_karras_sigmas": True, "sigma_min": 0.02, "sigma_max": 0.9}
    flow_euler = FlowMatchEulerDiscreteScheduler
    cases += [
        (flow_euler, switched(UniPCMultistepScheduler, karras, flow_euler), 6),
        (flow_euler, switched(DDIMScheduler, {"prediction_type": "sample"}, flow_euler), 6),
    ]
    shifted = {"shift": 3.0, "time_shift_type": "linear", "shift_terminal": 0.1}
    for after in (UniPCMultistepScheduler, DPMSolverMultistepScheduler):
        found = switched(flow_euler, shifted, after, flow_shift=2.0, **FLOW)
        cases.append((after, found, 6))
    return cases
