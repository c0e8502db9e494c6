"""Writes the golden files that the Java tests of noise and schedules compare with.

The numbers come from torch and diffusers. Run it from any directory:

    python -m probeselect_models.golden_core
"""

import inspect
import itertools
import json
import math
import re
import tempfile
from pathlib import Path

import diffusers
import numpy as np
import torch
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
from diffusers.pipelines.flux.pipeline_flux import calculate_shift

from probeselect_models.families.scheduler_options import UnsupportedOptionError, check_options

GOLDEN = Path(__file__).parents[2] / "probeselect-core/src/test/resources/golden"

SEEDS = [0, 1, 42, 2**32, 2**32 + 42, -1, -(2**63), 2**63 - 1, 8125398413, -6098234751098234]
COUNTS = [1, 2, 15, 16, 17, 31, 64, 1024, 1030, 4 * 96 * 96]
LATENTS = 5
PIPELINE = ("base_image_seq_len", "max_image_seq_len", "base_shift", "max_shift")
"""Options that a pipeline reads, whether or not the scheduler has them."""


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
            **{name: value for name, value in options.items() if name in known or name not in PIPELINE}
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


STABLE_DIFFUSION = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
V_PREDICTION = {**STABLE_DIFFUSION, "prediction_type": "v_prediction"}
SPACINGS = ("leading", "trailing", "linspace")
FLOW = {"use_flow_sigmas": True, "prediction_type": "flow_prediction"}
DYNAMIC_SHIFT = {
    "base_image_seq_len": 256,
    "base_shift": 0.5,
    "max_image_seq_len": 4096,
    "max_shift": 1.15,
    "use_dynamic_shifting": True,
}


def pndm_cases():
    """PLMS: Stable Diffusion 1.5 and 2, and every spacing and prediction type."""
    plms = {**STABLE_DIFFUSION, "skip_prk_steps": True, "steps_offset": 1}
    cases = [(plms, steps) for steps in (1, 2, 3, 4, 5, 20, 50)]
    for spacing, prediction_type, alpha_to_one in itertools.product(
        SPACINGS, ("epsilon", "v_prediction"), (False, True)
    ):
        options = {
            "skip_prk_steps": True,
            "timestep_spacing": spacing,
            "prediction_type": prediction_type,
            "set_alpha_to_one": alpha_to_one,
        }
        cases.append((options, 7))
        cases.append(({**plms, **options}, 2))
    return cases


def euler_cases():
    """Stable Diffusion XL, and every spacing and prediction type with and without Karras sigmas."""
    leading = {**STABLE_DIFFUSION, "timestep_spacing": "leading", "steps_offset": 1}
    cases = [(leading, steps) for steps in (1, 2, 5, 20, 50)]
    cases += [({**leading, "use_karras_sigmas": True}, steps) for steps in (1, 2, 5, 20, 50)]
    steps = itertools.cycle((3, 4, 6, 9))
    for spacing, prediction_type, karras in itertools.product(
        SPACINGS, ("epsilon", "v_prediction", "sample"), (False, True)
    ):
        options = {
            **STABLE_DIFFUSION,
            "timestep_spacing": spacing,
            "prediction_type": prediction_type,
            "use_karras_sigmas": karras,
        }
        cases.append((options, next(steps)))
    continuous = {**V_PREDICTION, "timestep_type": "continuous"}
    edm = {**continuous, "use_karras_sigmas": True, "sigma_min": 0.002, "sigma_max": 700.0}
    cases += [(continuous, 6), (edm, 8), (edm, 1), ({**edm, "prediction_type": "epsilon"}, 5)]
    for options in (leading, continuous, {**leading, "use_karras_sigmas": True}):
        cases.append(({**options, "final_sigmas_type": "sigma_min"}, 4))
    zero_snr = {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    cases += [({**V_PREDICTION, **zero_snr}, 5), ({**STABLE_DIFFUSION, **zero_snr}, 5)]
    cases += [({"beta_schedule": "squaredcos_cap_v2"}, 5), ({"num_train_timesteps": 100}, 10)]
    return cases


def multistep_cases():
    """What both multistep solvers are asked: spacings, predictions, with and without Karras sigmas."""
    cases = [(STABLE_DIFFUSION, steps) for steps in (1, 2, 5, 20, 50)]
    cases += [({**STABLE_DIFFUSION, "use_karras_sigmas": True}, n) for n in (1, 2, 5, 20, 50)]
    steps = itertools.cycle((3, 4, 6, 9))
    for spacing, prediction_type, karras in itertools.product(
        SPACINGS, ("epsilon", "v_prediction", "sample"), (False, True)
    ):
        options = {
            **STABLE_DIFFUSION,
            "timestep_spacing": spacing,
            "prediction_type": prediction_type,
            "use_karras_sigmas": karras,
            "steps_offset": 1,
        }
        cases.append((options, next(steps)))
    return cases


def dynamic_shift_cases(max_shift):
    """Flows whose shift the pipeline works out, with the arguments of trajectory."""
    options = {**FLOW, **DYNAMIC_SHIFT, "max_shift": max_shift}
    return [(options, steps, tokens) for steps in (1, 2, 6) for tokens in (64, 1500, 4096)]


def dpm_solver_cases():
    """Every order and solver type, final steps, spacings, predictions, Karras sigmas and flows."""
    cases = multistep_cases()
    for order, solver_type in itertools.product((1, 2, 3), ("midpoint", "heun")):
        options = {**V_PREDICTION, "solver_order": order, "solver_type": solver_type}
        cases += [(options, 7), (options, 16)]
        cases.append(({**options, "use_karras_sigmas": True, "lower_order_final": False}, 6))
        cases.append(({**options, "final_sigmas_type": "sigma_min"}, 6))
        sigma_min = {"final_sigmas_type": "sigma_min", "lower_order_final": False}
        cases.append(({**options, **sigma_min}, 6))
        cases.append(({**options, **sigma_min, "euler_at_final": True}, 5))
    for shift, prediction_type in ((1.0, "flow_prediction"), (3.0, "flow_prediction"), (2.5, "epsilon")):
        flow = {**FLOW, "flow_shift": shift, "prediction_type": prediction_type}
        cases += [(flow, count) for count in (1, 2, 6)]
        cases.append(({**flow, "solver_order": 3}, 18))
    zero_snr = {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    cases += [({**V_PREDICTION, **zero_snr}, 5), ({**STABLE_DIFFUSION, **zero_snr}, 5)]
    cases += [({**V_PREDICTION, **zero_snr, "use_karras_sigmas": True}, 5)]
    cosine = {"beta_schedule": "squaredcos_cap_v2"}
    cases += [(cosine, 5), ({**cosine, "use_karras_sigmas": True}, 5)]
    return cases + dynamic_shift_cases(1.16)


def unipc_cases():
    """Every order and solver type, correctors, predictions, spacings, Karras sigmas and flows."""
    cases = multistep_cases()
    sigma_min = {"final_sigmas_type": "sigma_min"}
    for order, solver_type in itertools.product((1, 2, 3), ("bh1", "bh2")):
        options = {**V_PREDICTION, "solver_order": order, "solver_type": solver_type, **sigma_min}
        cases += [(options, 7), ({**options, "predict_x0": False}, 7)]
        cases.append(({**options, "lower_order_final": False}, 6))
        cases.append(({**options, "disable_corrector": [0, 1, 3]}, 6))
        if solver_type == "bh2":
            cases += [({**options, "final_sigmas_type": "zero"}, count) for count in (6, 20)]
            cases.append(({**options, "use_karras_sigmas": True}, 6))
    for shift, prediction_type in ((1.0, "flow_prediction"), (3.0, "flow_prediction"), (2.5, "epsilon")):
        flow = {**FLOW, "flow_shift": shift, "prediction_type": prediction_type}
        cases += [(flow, count) for count in (1, 2, 6)]
        cases.append(({**flow, "solver_order": 3}, 18))
    flow = {**FLOW, "flow_shift": 3.0}
    cases += [({**flow, "shift_terminal": 0.1}, 5), ({**flow, **sigma_min}, 5)]
    cases += [({**flow, "use_karras_sigmas": True}, 5)]
    cases += [({**V_PREDICTION, "use_karras_sigmas": True, "sigma_min": 0.1, "sigma_max": 10.0}, 5)]
    zero_snr = {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    cases += [({**V_PREDICTION, **zero_snr}, 5), ({**STABLE_DIFFUSION, **zero_snr}, 5)]
    cases += dynamic_shift_cases(1.15)
    linear = {**FLOW, **DYNAMIC_SHIFT, "time_shift_type": "linear"}
    return cases + [(linear, 5, 1024), ({**linear, "shift_terminal": 0.1}, 5, 1024)]


def flow_euler_cases():
    """Stable Diffusion 3, FLUX.1 and what else shifts, with the arguments of trajectory."""
    stable_diffusion_3 = {"shift": 3.0}
    schnell = {"shift": 1.0, "use_dynamic_shifting": False}
    flux = {**DYNAMIC_SHIFT, "num_train_timesteps": 1000, "shift": 3.0}
    linear = {**flux, "time_shift_type": "linear"}
    cases = [(stable_diffusion_3, steps, None, False) for steps in (1, 2, 5, 20, 50)]
    cases += [(schnell, steps, None, True) for steps in (1, 2, 4)]
    for tokens, linear_sigmas in itertools.product((256, 1024, 1500, 8192), (False, True)):
        cases.append((flux, 6, tokens, linear_sigmas))
        cases.append((linear, 5, tokens, linear_sigmas))
    cases += [(flux, steps, 4096, True) for steps in (1, 2, 5, 20, 50)]
    for linear_sigmas in (False, True):
        cases.append(({**stable_diffusion_3, "use_karras_sigmas": True}, 6, None, linear_sigmas))
        cases.append(({**stable_diffusion_3, "shift_terminal": 0.1}, 6, None, linear_sigmas))
        cases.append(({**flux, "shift_terminal": 0.02}, 6, 1024, linear_sigmas))
    cases.append(({"num_train_timesteps": 100, "shift": 0.5}, 10, None, False))
    return cases


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


VALUES = [None, False, True, -1, 0, 0.5, 1, 2, 5000, -math.inf, "other", [], [1], [0.1, 0.2]]
CONTEXTS = {
    "DDIMScheduler": [{}, {"clip_sample": False, "timestep_spacing": "trailing"}],
    "PNDMScheduler": [{"skip_prk_steps": True}],
    "EulerDiscreteScheduler": [
        {},
        {"use_karras_sigmas": True, "prediction_type": "v_prediction"},
        {"use_karras_sigmas": True, "sigma_min": 0.1, "sigma_max": 9, "timestep_spacing": "leading"},
    ],
    "DPMSolverMultistepScheduler": [
        {},
        {"use_karras_sigmas": True, "prediction_type": "v_prediction"},
        FLOW,
        {**FLOW, "use_dynamic_shifting": True, "beta_schedule": "squaredcos_cap_v2"},
    ],
    "UniPCMultistepScheduler": [
        {},
        {"use_karras_sigmas": True, "timestep_spacing": "leading"},
        {"predict_x0": False, "final_sigmas_type": "sigma_min"},
        {**FLOW, "shift_terminal": 0.1},
        {**FLOW, "use_dynamic_shifting": True},
    ],
    "FlowMatchEulerDiscreteScheduler": [{}, {"use_dynamic_shifting": True, "use_karras_sigmas": True}],
}
"""Options beside which others count or do not."""


def values_of(option):
    """Values to try: of every type, and everything that any class has for this option."""
    found = list(VALUES)
    for scheduler_class in (getattr(diffusers, name) for name in CONTEXTS):
        parameter = inspect.signature(scheduler_class.__init__).parameters.get(option)
        if parameter is not None:
            found += [parameter.default, *re.findall(r"'(\w[\w+-]*)'", str(parameter.annotation))]
    found += _MORE_VALUES.get(option, [])
    distinct = {json.dumps(value): value for value in found}
    return list(distinct.values())


_MORE_VALUES = {
    "beta_schedule": ["scaled_linear", "squaredcos_cap_v2", "sigmoid"],
    "solver_type": ["logrho"],
    "algorithm_type": ["deis"],
    "variance_type": ["fixed_small"],
    "prediction_type": ["original_sample"],
    "lambda_min_clipped": [-5.1, -5.0],
}


def verdicts():
    """For each scheduler and its context: an option, and which of its values are read or why not."""
    tables = []
    for scheduler, contexts in CONTEXTS.items():
        options = {
            option
            for name in CONTEXTS
            for option in inspect.signature(getattr(diffusers, name).__init__).parameters
        }
        for context in contexts:
            verdicts = {
                option: _verdict(scheduler, context, option)
                for option in sorted(options - {"self"})
            }
            tables.append({"type": scheduler, "context": context, "options": verdicts})
    return tables


def _verdict(scheduler, context, option):
    """The values of an option that are read, and by the option that is refused those that are not."""
    verdict = {"read": []}
    for value in values_of(option):
        try:
            check_options(scheduler, {**context, option: value})
            verdict["read"].append(value)
        except UnsupportedOptionError as error:
            verdict.setdefault(error.option, []).append(value)
    return verdict


def write_verdicts(tables):
    """One option of one context per line."""
    blocks = []
    for table in tables:
        lines = ",\n".join(
            f"{json.dumps(option)}: {json.dumps(verdict)}"
            for option, verdict in table["options"].items()
        )
        head = json.dumps({key: table[key] for key in ("type", "context")})[:-1]
        blocks.append(f'{head}, "options": {{\n{lines}\n}}}}')
    text = ",\n".join(blocks)
    (GOLDEN / "scheduler-options.json").write_text(f"[\n{text}\n]\n", encoding="utf-8")


def write(name, cases):
    """Writes one case per line, so that a change shows up where it is."""
    lines = ",\n".join(json.dumps(case) for case in cases)
    (GOLDEN / name).write_text(f"[\n{lines}\n]\n", encoding="utf-8")


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


def main():
    GOLDEN.mkdir(parents=True, exist_ok=True)
    write("torch-noise.json", [noise_case(s, c) for s in SEEDS for c in COUNTS])
    for name, golden in golden_trajectories().items():
        write(name, golden)
    write_verdicts(verdicts())


if __name__ == "__main__":
    main()
