"""The parts of a pipeline directory, each loaded on its own and checked against its configuration."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import diffusers
import torch
import transformers
from torch import nn

SCHEDULERS = (
    "DDIMScheduler",
    "PNDMScheduler",
    "EulerDiscreteScheduler",
    "DPMSolverMultistepScheduler",
    "UniPCMultistepScheduler",
    "FlowMatchEulerDiscreteScheduler",
)
_SHOWN = 5
"""Keys in a message."""


class UnsupportedPipelineError(ValueError):
    """The pipeline has something that the exporter does not know how to carry over."""


def refuse_unless(holds: bool, otherwise: str) -> None:
    if not holds:
        raise UnsupportedPipelineError(otherwise)


class Components:
    """A diffusers pipeline directory. Holds no weights: what `load` returns is the caller's."""

    def __init__(self, directory: Path, dtype: torch.dtype, device: str):
        index = directory / "model_index.json"
        if not index.is_file():
            raise UnsupportedPipelineError(
                f"{directory} is not a diffusers pipeline directory: it has no model_index.json"
            )
        self.directory = directory
        self.dtype = dtype
        self.device = device
        self._index = json.loads(index.read_text(encoding="utf-8"))

    @property
    def pipeline_class(self) -> str:
        return str(self._index.get("_class_name"))

    def has(self, name: str) -> bool:
        """Whether the pipeline comes with the component; an optional one may be null."""
        return self._class_name(name) is not None

    def skeleton(self, name: str, kind: type[nn.Module]) -> nn.Module:
        """The diffusers module as its configuration makes it, without weights."""
        config = self._config(name, kind)
        known = inspect.signature(kind.__init__).parameters
        for option, value in config.items():
            if option not in known and not option.startswith("_") and value is not None:
                raise UnsupportedPipelineError(
                    f"{name}/config.json has the option {option} = {value!r}, which {kind.__name__} "
                    f"of diffusers {diffusers.__version__} does not know"
                )
        with torch.device("meta"):
            return kind.from_config(config)

    def text_config(self, name: str, kind: type[nn.Module]):
        """The configuration of a text encoder."""
        self._config(name, kind)
        return kind.config_class.from_pretrained(self.directory / name, local_files_only=True)

    def load(self, name: str, kind: type[nn.Module]) -> nn.Module:
        """The module with its weights, which must be those that its configuration asks for."""
        self._config(name, kind)
        return load_whole(self.directory / name, name, kind, self.dtype).to(self.device)

    def tokenizer(self, name: str):
        kind = self._class_name(name)
        if kind is None or not (self.directory / name).is_dir():
            raise UnsupportedPipelineError(f"the pipeline has no {name}")
        return getattr(transformers, kind, transformers.AutoTokenizer).from_pretrained(
            self.directory / name, local_files_only=True
        )

    def scheduler(self):
        kind = self._class_name("scheduler")
        if kind not in SCHEDULERS:
            raise UnsupportedPipelineError(
                f"unknown scheduler {kind}; save the pipeline with one of {', '.join(SCHEDULERS)}, for "
                "example DDIMScheduler.from_config(pipeline.scheduler.config)"
            )
        return getattr(diffusers, kind).from_pretrained(
            self.directory / "scheduler", local_files_only=True
        )

    def weight_files(self, names: tuple[str, ...]) -> list[Path]:
        return sorted(file for name in names for file in (self.directory / name).glob("*.safetensors"))

    def _class_name(self, name: str) -> str | None:
        library_and_class = self._index.get(name) or [None, None]
        return library_and_class[1]

    def _config(self, name: str, kind: type[nn.Module]) -> dict:
        """The component's config.json, if the component is there and of the right class."""
        found = self._class_name(name)
        if found is None:
            raise UnsupportedPipelineError(
                f"the pipeline has no {name}, which a {self.pipeline_class} needs "
                f"({kind.__name__}); see model_index.json"
            )
        if found != kind.__name__:
            raise UnsupportedPipelineError(
                f"{name} is a {found} by model_index.json; this exporter knows {kind.__name__}"
            )
        file = self.directory / name / "config.json"
        if not file.is_file():
            raise UnsupportedPipelineError(f"the pipeline lacks {name}/config.json")
        return json.loads(file.read_text(encoding="utf-8"))


def load_whole(folder: Path, name: str, kind: type[nn.Module], dtype: torch.dtype) -> nn.Module:
    """The module in a folder, whose weights must be those that its configuration asks for."""
    if not any(folder.glob("*.safetensors")):
        raise UnsupportedPipelineError(f"{name} has no weights: no .safetensors file in {folder}")
    try:
        module, loaded = kind.from_pretrained(
            folder,
            dtype=dtype,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
            **_MISMATCHES[issubclass(kind, transformers.PreTrainedModel)],
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise UnsupportedPipelineError(
            f"{name} cannot be loaded as {kind.__name__}: {str(error).splitlines()[0]}"
        ) from error
    for problem, wrong in (
        ("lack", loaded["missing_keys"]),
        ("have", loaded["unexpected_keys"]),
    ):
        if wrong:
            raise UnsupportedPipelineError(
                f"the weights in {name} {problem} {_shown(wrong)}, by {name}/config.json they "
                f"{'need it' if problem == 'lack' else 'should not'}"
            )
    if loaded["mismatched_keys"]:
        key, found, expected = sorted(loaded["mismatched_keys"])[0]
        raise UnsupportedPipelineError(
            f"the weights in {name} have {key} of shape {list(found)}, by {name}/config.json it "
            f"is {list(expected)}"
        )
    return module.eval().requires_grad_(False)


_MISMATCHES = {True: {"ignore_mismatched_sizes": True}, False: {}}
"""transformers lists keys of another shape if asked to go on; diffusers names the first and stops."""


def _shown(keys) -> str:
    keys = sorted(keys)
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return ", ".join(keys[:_SHOWN]) + more
