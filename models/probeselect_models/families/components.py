"""The parts of a pipeline directory, each loaded on its own and checked against its configuration."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import diffusers
import torch
import transformers
from safetensors import safe_open
from torch import nn

from probeselect_models.families.refusals import (
    UnsupportedPipelineError,
    hints,
    naming,
    read_object,
    refuse_unless,
    shown,
)
from probeselect_models.families.scheduler_options import SCHEDULERS
from probeselect_models.files import tokenizer_file

_SHOWN = 5
"""Keys in a message."""
_ROOT = "model_index.json"
NUMBER_OF_IDS = "it must be the number of ids of a prompt"
"""What model_max_length is for."""


class Components:
    """A diffusers pipeline directory. Holds no weights: what `load` returns is the caller's."""

    def __init__(self, directory: Path, dtype: torch.dtype, device: str):
        index = directory / _ROOT
        if not index.is_file():
            raise UnsupportedPipelineError(
                f"{directory} is not a diffusers pipeline directory: it has no {_ROOT}"
            )
        self.directory = directory
        self.dtype = dtype
        self.device = device
        self._index = read_object(index, _ROOT)
        self._weightless = False

    @property
    def pipeline_class(self) -> str:
        name = self._index.get("_class_name")
        refuse_unless(
            isinstance(name, str), f"{_ROOT}: _class_name = {shown(name)} names no pipeline class"
        )
        return name

    def has(self, name: str) -> bool:
        """Whether the pipeline comes with the component; one that may be absent is two nulls."""
        refuse_unless(
            self._index.get(name) is not None,
            f"{_ROOT}: {name} is missing or null; of a pipeline without it it is [null, null]",
        )
        return self._class_name(name) is not None

    def raw_config(self, name: str) -> dict:
        """What stands in a component's config.json, without any default."""
        return read_object(self.directory / name / "config.json", f"{name}/config.json")

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
        with self._naming(name, kind, config), torch.device("meta"):
            return kind.from_config(config).eval()

    def text_config(self, name: str, kind: type[nn.Module]) -> transformers.PreTrainedConfig:
        """The configuration of a text encoder."""
        with self._naming(name, kind, self._config(name, kind)):
            return kind.config_class.from_pretrained(self.directory / name, local_files_only=True)

    @contextmanager
    def without_weights(self) -> Iterator[None]:
        """Meanwhile `load` returns modules on the meta device: they compute shapes and nothing else."""
        self._weightless = True
        try:
            yield
        finally:
            self._weightless = False

    def load(self, name: str, kind: type[nn.Module], dtype: torch.dtype | None = None) -> nn.Module:
        """The module with its weights, which must be those that its configuration asks for.

        They have the export's type where no other is given.
        """
        config = self._config(name, kind)
        if not self._weightless:
            whole = load_whole(self.directory / name, name, kind, dtype or self.dtype)
            return whole.to(self.device)
        if issubclass(kind, transformers.PreTrainedModel):
            module = load_whole(self.directory / name, name, kind, torch.float32, device_map="meta")
        else:
            module = self.skeleton(name, kind)
            _check_stored(module, self.directory / name, name, kind)
        module.forward = self._named(module.forward, name, kind, config)
        return module

    def tokenizer(self, name: str) -> transformers.PreTrainedTokenizerBase:
        kind = self._class_name(name)
        if kind is None or not (self.directory / name).is_dir():
            raise UnsupportedPipelineError(f"the pipeline has no {name}")
        file = f"{name}/tokenizer_config.json"
        if (self.directory / file).is_file():
            read_object(self.directory / file, file)
        with naming(file, f"transformers cannot open the tokenizer as {kind}"):
            tokenizer = getattr(transformers, kind, transformers.AutoTokenizer).from_pretrained(
                self.directory / name, local_files_only=True
            )
            refuse_unless(
                isinstance(tokenizer, transformers.PreTrainedTokenizerBase)
                and hasattr(tokenizer, "backend_tokenizer"),
                f"{name} is a {kind} by {_ROOT}, which is no tokenizer with a tokenizer.json",
            )
        refuse_unless(
            tokenizer.pad_token_id is not None,
            f"{file}: pad_token is missing or null; a bundle pads every prompt with it",
        )
        length = tokenizer.model_max_length
        refuse_unless(
            isinstance(length, int) and not isinstance(length, bool) and length > 0,
            f"{file}: model_max_length = {shown(length)}; {NUMBER_OF_IDS}",
        )
        missing = tokenizer_file.missing_special_token(tokenizer, self.directory / name)
        if missing is not None:
            token, vocabulary = missing
            raise UnsupportedPipelineError(
                f"{name}/{vocabulary} lacks the special token {token!r} of {file}, so that the text "
                "encoder has no embedding for it; add it there, or name one that is there"
            )
        return tokenizer

    def scheduler(self) -> diffusers.SchedulerMixin:
        kind = self._class_name("scheduler")
        if kind not in SCHEDULERS:
            raise UnsupportedPipelineError(
                f"{_ROOT}: unknown scheduler {kind}; save the pipeline with one of {', '.join(SCHEDULERS)}, "
                "for example DDIMScheduler.from_config(pipeline.scheduler.config)"
            )
        file = "scheduler/scheduler_config.json"
        config = read_object(self.directory / file, file)
        found = getattr(diffusers, kind)
        with naming(file, f"diffusers cannot make a {kind} of it", config, found):
            return found.from_pretrained(self.directory / "scheduler", local_files_only=True)

    def weight_files(self, names: tuple[str, ...]) -> list[Path]:
        return sorted(
            file for name in names for file in (self.directory / name).glob("*.safetensors")
        )

    def _named(self, forward, name: str, kind: type[nn.Module], config: dict):
        def run(*inputs, **named):
            with self._naming(name, kind, config):
                return forward(*inputs, **named)

        return run

    def _naming(self, name: str, kind: type[nn.Module], config: dict):
        return naming(f"{name}/config.json", f"{kind.__name__} cannot work with it", config, kind)

    def _class_name(self, name: str) -> str | None:
        entry = self._index.get(name)
        if entry is None:
            return None
        refuse_unless(
            isinstance(entry, list)
            and len(entry) == 2
            and (entry == [None, None] or all(isinstance(part, str) for part in entry)),
            f"{_ROOT}: {name} = {shown(entry)} must be a library and a class, or null",
        )
        return entry[1]

    def _config(self, name: str, kind: type[nn.Module]) -> dict:
        """The component's config.json, if the component is there and of the right class."""
        found = self._class_name(name)
        if found is None:
            raise UnsupportedPipelineError(
                f"the pipeline has no {name}, which a {self.pipeline_class} needs "
                f"({kind.__name__}); see {_ROOT}"
            )
        if found != kind.__name__:
            raise UnsupportedPipelineError(
                f"{name} is a {found} by {_ROOT}; this exporter knows {kind.__name__}"
            )
        if not (self.directory / name / "config.json").is_file():
            raise UnsupportedPipelineError(f"the pipeline lacks {name}/config.json")
        return self.raw_config(name)


def load_whole(
    folder: Path, name: str, kind: type[nn.Module], dtype: torch.dtype, **options
) -> nn.Module:
    """The module in a folder, whose weights must be those that its configuration asks for."""
    if not any(folder.glob("*.safetensors")):
        raise UnsupportedPipelineError(f"{name} has no weights: no .safetensors file in {folder}")
    for file in sorted(folder.glob("*.safetensors")):
        with naming(f"{name}/{file.name}", "cannot be read"), safe_open(file, framework="pt"):
            pass
    config = read_object(folder / "config.json", f"{name}/config.json")
    with naming(f"{name}/config.json", f"{name} cannot be loaded as {kind.__name__}", config, kind):
        module, loaded = kind.from_pretrained(
            folder,
            dtype=dtype,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
            **options,
            **_MISMATCHES[issubclass(kind, transformers.PreTrainedModel)],
        )
    _refuse_other_weights(
        name,
        hints(kind, config),
        loaded["missing_keys"],
        loaded["unexpected_keys"],
        sorted(loaded["mismatched_keys"]),
    )
    return module.eval().requires_grad_(False)


_MISMATCHES = {True: {"ignore_mismatched_sizes": True}, False: {}}
"""transformers lists keys of another shape if asked to go on; diffusers names the first and stops."""


def _check_stored(module: nn.Module, folder: Path, name: str, kind: type[nn.Module]) -> None:
    """Compares a diffusers module with the headers of its weight files."""
    stored = {}
    for file in _weight_files(folder, name):
        with naming(f"{name}/{file.name}", "cannot be read"), safe_open(file, "pt") as tensors:
            for key in tensors.keys():  # noqa: SIM118 - safe_open is no mapping
                stored[key] = torch.empty(tensors.get_slice(key).get_shape(), device="meta")
    module._fix_state_dict_keys_on_load(stored)
    wanted = module.state_dict()
    _refuse_other_weights(
        name,
        hints(kind, read_object(folder / "config.json", f"{name}/config.json")),
        wanted.keys() - stored.keys(),
        stored.keys() - wanted.keys(),
        [
            (key, stored[key].shape, wanted[key].shape)
            for key in sorted(stored.keys() & wanted.keys())
            if stored[key].shape != wanted[key].shape
        ],
    )


def _weight_files(folder: Path, name: str) -> list[Path]:
    """The files that diffusers reads: those of the index if there is one."""
    whole = folder / "diffusion_pytorch_model.safetensors"
    index = folder / f"{whole.name}.index.json"
    if not index.is_file():
        refuse_unless(
            whole.is_file(),
            f"{name} has no weights: no .safetensors file in {folder} with the name {whole.name}",
        )
        return [whole]
    file = f"{name}/{index.name}"
    shards = read_object(index, file).get("weight_map")
    refuse_unless(
        isinstance(shards, dict) and all(isinstance(shard, str) for shard in shards.values()),
        f"{file}: weight_map = {shown(shards)} must say which file each tensor is in",
    )
    refuse_unless(bool(shards), f"{file}: weight_map names no tensor")
    found = [folder / shard for shard in sorted(set(shards.values()))]
    for path in found:
        refuse_unless(path.is_file(), f"{file}: weight_map names {path.name}, which is not there")
    return found


def _refuse_other_weights(name: str, hint: str, missing, unexpected, mismatched) -> None:
    for problem, wrong in (("lack", missing), ("have", unexpected)):
        if wrong:
            raise UnsupportedPipelineError(
                f"the weights in {name} {problem} {_shown(wrong)}, by {name}/config.json they "
                f"{'need it' if problem == 'lack' else 'should not'}{hint}"
            )
    if mismatched:
        key, found, expected = mismatched[0]
        raise UnsupportedPipelineError(
            f"the weights in {name} have {key} of shape {list(found)}, by {name}/config.json it "
            f"is {list(expected)}{hint}"
        )


def _shown(keys) -> str:
    keys = sorted(keys)
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return ", ".join(keys[:_SHOWN]) + more
