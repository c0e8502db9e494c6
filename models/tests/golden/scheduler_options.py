"""Which values of which scheduler options are read, as the exporter decides; the Java side must agree."""

import inspect
import json
import math
import re

import diffusers

from golden.scheduler_cases import FLOW
from probeselect_models.families.scheduler_options import UnsupportedOptionError, check_options

VALUES = [None, False, True, -1, 0, 0.5, 1, 2, 5000, -math.inf, "other", [], [1], [0.1, 0.2]]
CONTEXTS = {
    "DDIMScheduler": [{}, {"clip_sample": False, "timestep_spacing": "trailing"}],
    "PNDMScheduler": [{"skip_prk_steps": True}],
    "EulerDiscreteScheduler": [
        {},
        {"use_karras_sigmas": True, "prediction_type": "v_prediction"},
        {
            "use_karras_sigmas": True,
            "sigma_min": 0.1,
            "sigma_max": 9,
            "timestep_spacing": "leading",
        },
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
    "FlowMatchEulerDiscreteScheduler": [
        {},
        {"use_dynamic_shifting": True, "use_karras_sigmas": True},
    ],
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
