"""Which options of a scheduler a bundle's reader can do. The Java package `schedule` reads the same.

Whether an option counts is up to the scheduler's class, and to the other options: as there, what a class
does not have or does not look at is never refused. `golden_core` writes what is refused here for the test
of the Java side, so that the two cannot drift apart.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable

import diffusers

from probeselect_models.families.refusals import UnsupportedPipelineError, shown

_MOST_STEPS = 1_000_000
_GREATEST = 3.4028234663852886e38
"""The greatest number in single precision."""
_DIFFUSION = ("epsilon", "sample", "v_prediction")
_FLOW = ("epsilon", "sample", "flow_prediction")


class UnsupportedOptionError(UnsupportedPipelineError):
    """A scheduler has an option in use that a bundle's reader does not know."""

    def __init__(self, scheduler: str, option: str, value, rule: str):
        super().__init__(
            f"scheduler/scheduler_config.json: {option} = {shown(value)}: of the {scheduler} it {rule}"
        )
        self.option = option


def check_options(scheduler: str, config: dict) -> None:
    """Raises UnsupportedOptionError for the first option that counts and is not supported."""
    _RULES[scheduler](_Options(scheduler, config))


def has_option(scheduler: str, option: str) -> bool:
    """Whether the class has the option; a configuration keeps those of classes it was switched from."""
    return option in inspect.signature(getattr(diffusers, scheduler).__init__).parameters


class _Options:
    def __init__(self, scheduler: str, config: dict):
        self._scheduler = scheduler
        self._config = config
        self._known = inspect.signature(getattr(diffusers, scheduler).__init__).parameters

    def value(self, key: str, default=None):
        known = self._known.get(key)
        return self._config.get(key, default if known is None else known.default)

    def flag(self, key: str) -> bool:
        value = self.value(key)
        self.require(value is None or isinstance(value, bool), key, "must be true or false")
        return bool(value)

    def number(self, key: str, above: float, below: float, default=None) -> None:
        value = self.value(key, default)
        self.require(
            _is_number(value) and above < value < below,
            key,
            f"must be a number above {above} and below {below}",
        )

    def optional_number(self, key: str, below: float) -> bool:
        """Whether there is one."""
        if self.value(key) is None:
            return False
        self.number(key, 0, below)
        return True

    def whole(self, key: str, least: int, most: int, default=None) -> int:
        value = self.value(key, default)
        self.require(
            _is_number(value) and value == math.floor(value) and least <= value <= most,
            key,
            f"must be a whole number from {least} to {most}",
        )
        return int(value)

    def choice(self, key: str, *allowed: str) -> str:
        value = self.value(key)
        self.require(
            isinstance(value, str) and value in allowed,
            key,
            f"must be one of {', '.join(allowed)}: nothing else is supported",
        )
        return value

    def off(self, key: str) -> None:
        self.require(not self.flag(key), key, "is not supported; save the pipeline without it")

    def absent(self, key: str) -> None:
        self.require(self.value(key) is None, key, "is not supported; save the pipeline without it")

    def require(self, holds: bool, key: str, rule: str) -> None:
        if not holds:
            raise UnsupportedOptionError(self._scheduler, key, self.value(key), rule)


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _betas(options: _Options) -> tuple[str, int]:
    """The schedule of the betas, and how many there are."""
    options.absent("trained_betas")
    steps = options.whole("num_train_timesteps", 2, _MOST_STEPS)
    schedule = options.choice("beta_schedule", "linear", "scaled_linear", "squaredcos_cap_v2")
    if schedule != "squaredcos_cap_v2":
        options.number("beta_start", 0, 1)
        options.number("beta_end", 0, 1)
    return schedule, steps


def _trained(kind, options: _Options, schedule: str, steps: int):
    """A scheduler of the same betas."""
    ends = {}
    if schedule != "squaredcos_cap_v2":
        ends = {key: options.value(key) for key in ("beta_start", "beta_end")}
    return kind(
        num_train_timesteps=steps,
        beta_schedule=schedule,
        rescale_betas_zero_snr=options.flag("rescale_betas_zero_snr"),
        **ends,
    )


def _spacing(options: _Options, train_steps: int) -> str:
    spacing = options.choice("timestep_spacing", "leading", "trailing", "linspace")
    if spacing == "leading":
        options.whole("steps_offset", 0, train_steps)
    return spacing


def _karras_limits(options: _Options) -> bool:
    """Whether both are given. Every class looks at them, also those that do not have them."""
    greatest = options.optional_number("sigma_max", _GREATEST)
    least = options.optional_number("sigma_min", _GREATEST)
    return greatest and least


def _no_other_sigmas(options: _Options) -> None:
    options.off("use_exponential_sigmas")
    options.off("use_beta_sigmas")


def _shift(options: _Options, fixed: str, *time_shifts: str) -> None:
    if not options.flag("use_dynamic_shifting"):
        options.number(fixed, 0, math.inf)
        return
    options.choice("time_shift_type", *time_shifts)
    options.number("base_shift", -100, 100, default=0.5)
    options.number("max_shift", -100, 100, default=1.15)
    few = options.whole("base_image_seq_len", 1, 2**31 - 1, default=256)
    many = options.whole("max_image_seq_len", 1, 2**31 - 1, default=4096)
    options.require(few != many, "base_image_seq_len", "must differ from max_image_seq_len")


def _ddim(options: _Options) -> None:
    schedule, steps = _betas(options)
    trained = _trained(diffusers.DDIMScheduler, options, schedule, steps)
    zero_snr = float(trained.alphas_cumprod[-1]) == 0
    prediction = options.choice("prediction_type", *_DIFFUSION)
    spacing = _spacing(options, steps)
    options.flag("set_alpha_to_one")
    if options.flag("clip_sample"):
        options.number("clip_sample_range", 0, math.inf)
    options.off("thresholding")
    options.require(
        not zero_snr or prediction != "epsilon" or spacing == "leading",
        "rescale_betas_zero_snr",
        "contradicts prediction_type epsilon, which says nothing about the image at a "
        "signal-to-noise ratio of zero",
    )


def _pndm(options: _Options) -> None:
    _, steps = _betas(options)
    options.choice("prediction_type", "epsilon", "v_prediction")
    _spacing(options, steps)
    options.flag("set_alpha_to_one")
    options.require(
        options.flag("skip_prk_steps"),
        "skip_prk_steps",
        "must be true: Runge-Kutta steps are not supported",
    )


def _euler(options: _Options) -> None:
    _, steps = _betas(options)
    options.flag("rescale_betas_zero_snr")
    _spacing(options, steps)
    prediction = options.choice("prediction_type", *_DIFFUSION, "original_sample")
    both = options.flag("use_karras_sigmas") and _karras_limits(options)
    options.choice("final_sigmas_type", "zero", "sigma_min")
    if prediction == "v_prediction":
        options.choice("timestep_type", "discrete", "continuous")
    if not both:
        options.choice("interpolation_type", "linear")
    _no_other_sigmas(options)


def _dpm_solver(options: _Options) -> None:
    schedule, steps = _betas(options)
    trained = _trained(diffusers.DPMSolverMultistepScheduler, options, schedule, steps)
    _spacing(options, steps)
    options.whole("solver_order", 1, 3)
    options.choice("solver_type", "midpoint", "heun", "logrho", "bh1", "bh2")
    options.flag("lower_order_final")
    options.flag("euler_at_final")
    options.choice("final_sigmas_type", "zero", "sigma_min")
    karras = options.flag("use_karras_sigmas")
    if karras:
        _karras_limits(options)
    flow = options.flag("use_flow_sigmas")
    prediction = options.choice("prediction_type", *(_FLOW if flow else _DIFFUSION))
    if flow:
        _shift(options, "flow_shift", "exponential")
    options.choice("algorithm_type", "dpmsolver++", "deis")
    _no_other_sigmas(options)
    if not karras:
        options.off("use_lu_lambdas")
    if not karras and not flow:
        least = float(trained.lambda_t[-1])
        limit = options.value("lambda_min_clipped")
        options.require(
            isinstance(limit, (int, float)) and not isinstance(limit, bool) and limit <= least,
            "lambda_min_clipped",
            f"must be a number that limits nothing, here at most {least:.6g}",
        )
    if prediction == "epsilon":
        variance = options.value("variance_type")
        options.require(
            not isinstance(variance, str) or variance not in ("learned", "learned_range"),
            "variance_type",
            "is not supported: the denoiser must predict nothing but the noise",
        )
    options.off("thresholding")
    options.require(
        not flow or not karras,
        "use_flow_sigmas",
        "contradicts use_karras_sigmas: there is only one set of sigmas",
    )


def _unipc(options: _Options) -> None:
    _, steps = _betas(options)
    options.flag("rescale_betas_zero_snr")
    _spacing(options, steps)
    order = options.whole("solver_order", 1, 3)
    options.choice("solver_type", "bh1", "bh2", "midpoint", "heun", "logrho")
    images = options.flag("predict_x0")
    without = options.value("disable_corrector")
    options.require(
        isinstance(without, list)
        and all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in without),
        "disable_corrector",
        "must be a list of whole numbers",
    )
    lower = options.flag("lower_order_final")
    final = options.choice("final_sigmas_type", "zero", "sigma_min")
    karras = options.flag("use_karras_sigmas")
    if karras:
        _karras_limits(options)
    flow = options.flag("use_flow_sigmas")
    prediction = options.choice("prediction_type", *(_FLOW if flow else _DIFFUSION))
    if flow:
        _shift(options, "flow_shift", "exponential", "linear")
    terminal = _shift_terminal(options, flow)
    _no_other_sigmas(options)
    options.absent("solver_p")
    if images:
        options.off("thresholding")
    options.require(
        not terminal or flow, "shift_terminal", "is for use_flow_sigmas only: save it without"
    )
    options.require(
        not terminal or not karras,
        "shift_terminal",
        "contradicts use_karras_sigmas: Karras sigmas are not stretched",
    )
    options.require(
        images or prediction != "flow_prediction",
        "predict_x0",
        "contradicts prediction_type: a flow is solved by its predicted images only",
    )
    options.require(
        images or final != "zero",
        "predict_x0",
        "contradicts final_sigmas_type: a solver of predicted noise cannot arrive at sigma 0",
    )
    options.require(
        lower or final != "zero" or order == 1,
        "lower_order_final",
        "contradicts final_sigmas_type: only the first order can arrive at sigma 0",
    )


def _shift_terminal(options: _Options, zero_is_none: bool) -> bool:
    """Whether there is one."""
    value = options.value("shift_terminal")
    if zero_is_none and _is_number(value) and value == 0:
        return False
    return options.optional_number("shift_terminal", 1)


def _flow_euler(options: _Options) -> None:
    options.whole("num_train_timesteps", 2, _MOST_STEPS)
    options.choice("time_shift_type", "exponential", "linear")
    _shift(options, "shift", "exponential", "linear")
    _shift_terminal(options, zero_is_none=True)
    if options.flag("use_karras_sigmas"):
        _karras_limits(options)
    _no_other_sigmas(options)
    options.off("invert_sigmas")
    options.off("stochastic_sampling")


_RULES: dict[str, Callable[[_Options], None]] = {
    "DDIMScheduler": _ddim,
    "PNDMScheduler": _pndm,
    "EulerDiscreteScheduler": _euler,
    "DPMSolverMultistepScheduler": _dpm_solver,
    "UniPCMultistepScheduler": _unipc,
    "FlowMatchEulerDiscreteScheduler": _flow_euler,
}
SCHEDULERS = tuple(_RULES)
