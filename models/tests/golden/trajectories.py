"""What schedulers of diffusers make of fixed noise, step by step."""

import inspect

import numpy as np
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    PNDMScheduler,
    UniPCMultistepScheduler,
)
from diffusers.pipelines.flux.pipeline_flux import calculate_shift

from golden.noise import shortest
from golden.scheduler_cases import (
    ddim_cases,
    dpm_solver_cases,
    euler_cases,
    flow_euler_cases,
    pndm_cases,
    unipc_cases,
)
from golden.switched_schedulers import switched_cases

LATENTS = 5
PIPELINE = ("base_image_seq_len", "max_image_seq_len", "base_shift", "max_shift")
"""Options that a pipeline reads, whether or not the scheduler has them."""


def prediction(sample, timestep):
    """Stands in for a denoiser: basic arithmetic in double precision, the same in any language."""
    x = sample.astype(np.float64)
    index = np.arange(len(x))
    y = 0.8 * x / (1.0 + np.abs(x)) + 0.05 * (index % 5 - 2) - timestep / 4000.0
    return y.astype(np.float32)


def trajectory(scheduler_class, options, steps, image_tokens=None, linear_sigmas=False):
    """The latents and the predicted image at every step, from fixed noise.

    The arguments of set_timesteps are those of the pipelines: mu if the shift is dynamic, sigmas as
    FluxPipeline gives them.
    """
    known = inspect.signature(scheduler_class).parameters
    if "_class_name" in options:
        scheduler = scheduler_class.from_config(options)
    else:
        scheduler = scheduler_class(
            **{
                name: value
                for name, value in options.items()
                if name in known or name not in PIPELINE
            }
        )
    arguments = {"num_inference_steps": steps}
    if image_tokens is not None:
        arguments["mu"] = calculate_shift(image_tokens, *(options[name] for name in PIPELINE))
    if linear_sigmas:
        arguments["sigmas"] = np.linspace(1.0, 1 / steps, steps)
    scheduler.set_timesteps(**arguments)
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(0)
    timesteps = scheduler.timesteps
    whole = not timesteps.is_floating_point()
    noise = torch.randn(LATENTS, generator=torch.Generator("cpu").manual_seed(steps))
    sample = noise * getattr(scheduler, "init_noise_sigma", 1.0)
    latents, originals = [], []
    # A batch of one: UniPC takes no latents without a batch.
    for step, timestep in enumerate(timesteps):
        model_input = sample
        if hasattr(scheduler, "scale_model_input"):
            model_input = scheduler.scale_model_input(sample, timestep)
        output = torch.from_numpy(prediction(model_input.numpy(), timestep.item()))
        before = sample
        result = scheduler.step(output[None], timestep, sample[None])
        sample = result.prev_sample[0]
        latents.append(shortest(sample.numpy()))
        original = predicted_image(scheduler, result, step, before, output)
        if original is not None:
            originals.append(shortest(original.numpy()))
    assert np.isfinite(latents).all(), (scheduler_class, options, steps)
    assert not originals or np.isfinite(originals).all(), (scheduler_class, options, steps)
    case = {
        "config": {"_class_name": scheduler_class.__name__, **options},
        "steps": steps,
        "timesteps": timesteps.tolist() if whole else shortest(timesteps.numpy()),
        "noise": shortest(noise.numpy()),
        "latents": latents,
        "originals": originals,
    }
    if image_tokens is not None:
        case["imageTokens"] = image_tokens
    if linear_sigmas:
        case["sigmas"] = "linear"
    return case


def predicted_image(scheduler, result, step, sample, output):
    """The image that a prediction amounts to, as far as the scheduler says it."""
    if isinstance(scheduler, FlowMatchEulerDiscreteScheduler):
        return sample - scheduler.sigmas[step] * output
    if isinstance(scheduler, DPMSolverMultistepScheduler):
        return scheduler.model_outputs[-1][0]
    if isinstance(scheduler, UniPCMultistepScheduler):
        return scheduler.model_outputs[-1][0] if scheduler.predict_x0 else None
    original = getattr(result, "pred_original_sample", None)
    return None if original is None else original[0]


def golden_trajectories():
    """The trajectories of every file, by its name."""
    cases_by_file = {
        "ddim.json": (DDIMScheduler, ddim_cases()),
        "pndm.json": (PNDMScheduler, pndm_cases()),
        "euler.json": (EulerDiscreteScheduler, euler_cases()),
        "dpm-solver.json": (DPMSolverMultistepScheduler, dpm_solver_cases()),
        "unipc.json": (UniPCMultistepScheduler, unipc_cases()),
        "flow-euler.json": (FlowMatchEulerDiscreteScheduler, flow_euler_cases()),
    }
    trajectories = {
        name: [trajectory(scheduler_class, *case) for case in cases]
        for name, (scheduler_class, cases) in cases_by_file.items()
    }
    return trajectories | {"switched.json": [trajectory(*case) for case in switched_cases()]}
