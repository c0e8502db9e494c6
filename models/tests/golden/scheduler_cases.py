"""Configurations of each scheduler and numbers of steps: what its golden trajectories are of."""

import itertools

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


def spaced_cases(**more):
    """Every spacing and prediction type, with and without Karras sigmas."""
    steps = itertools.cycle((3, 4, 6, 9))
    cases = []
    for spacing, prediction_type, karras in itertools.product(
        SPACINGS, ("epsilon", "v_prediction", "sample"), (False, True)
    ):
        options = {
            **STABLE_DIFFUSION,
            "timestep_spacing": spacing,
            "prediction_type": prediction_type,
            "use_karras_sigmas": karras,
            **more,
        }
        cases.append((options, next(steps)))
    return cases


def euler_cases():
    """Stable Diffusion XL, and every spacing and prediction type with and without Karras sigmas."""
    leading = {**STABLE_DIFFUSION, "timestep_spacing": "leading", "steps_offset": 1}
    cases = [(leading, steps) for steps in (1, 2, 5, 20, 50)]
    cases += [({**leading, "use_karras_sigmas": True}, steps) for steps in (1, 2, 5, 20, 50)]
    cases += spaced_cases()
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
    cases += spaced_cases(steps_offset=1)
    return cases


def flow_cases():
    """Flows with a static shift, which may be asked for the noise too."""
    cases = []
    for shift, prediction_type in (
        (1.0, "flow_prediction"),
        (3.0, "flow_prediction"),
        (2.5, "epsilon"),
    ):
        flow = {**FLOW, "flow_shift": shift, "prediction_type": prediction_type}
        cases += [(flow, count) for count in (1, 2, 6)]
        cases.append(({**flow, "solver_order": 3}, 18))
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
    cases += flow_cases()
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
    cases += flow_cases()
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
