"""A directory with a published metric, as its authors lay it out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from probeselect_models.files import tokenizer_file

_SHOWN = 5
"""Keys in a message."""


class UnsupportedMetricError(ValueError):
    """The source has something that the exporter does not know how to carry over."""


class Source:
    """Remembers in `weight_files` which files the weights came from."""

    def __init__(self, directory: Path):
        if not directory.is_dir():
            raise UnsupportedMetricError(f"{directory} is not a directory")
        self.directory = directory
        self.weight_files: list[Path] = []

    def has(self, file: str) -> bool:
        return (self.directory / file).is_file()

    def json(self, file: str) -> dict:
        if not self.has(file):
            raise UnsupportedMetricError(f"{self.directory} lacks {file}")
        with self._reading(file):
            content = json.loads((self.directory / file).read_text(encoding="utf-8-sig"))
        if not isinstance(content, dict):
            raise self.refuse(f"{file} holds no JSON object")
        return content

    def model(self, kind: type[PreTrainedModel]) -> PreTrainedModel:
        """A transformers model in single precision; every weight must be in the directory."""
        config = self.json("config.json")
        wanted = kind.config_class.model_type
        if config.get("model_type") != wanted:
            raise UnsupportedMetricError(
                f"{self.directory}/config.json is of a {config.get('model_type')}, not of a {wanted}"
            )
        try:
            model, loaded = kind.from_pretrained(
                self.directory,
                dtype=torch.float32,
                local_files_only=True,
                output_loading_info=True,
            )
        except Exception as error:
            raise UnsupportedMetricError(
                f"{self.directory} cannot be loaded as {kind.__name__}: {_reason(error)}"
            ) from error
        if loaded["missing_keys"]:
            raise UnsupportedMetricError(
                f"the weights in {self.directory} lack {_shown(loaded['missing_keys'])}"
            )
        safe = sorted(self.directory.glob("model*.safetensors"))
        self.weight_files += safe or sorted(self.directory.glob("pytorch_model*.bin"))
        return model.eval()

    def tokenizer(self, kind: type[PreTrainedTokenizerBase]) -> PreTrainedTokenizerBase:
        files = set(kind.vocab_files_names.values())
        if not any(self.has(file) for file in files):
            raise UnsupportedMetricError(
                f"{self.directory} has no tokenizer: none of {', '.join(sorted(files))} is there"
            )
        with self._reading("the tokenizer"):
            tokenizer = kind.from_pretrained(self.directory, local_files_only=True)
            missing = tokenizer_file.missing_special_token(tokenizer, self.directory)
        if missing is not None:
            token, vocabulary = missing
            raise self.refuse(
                f"{vocabulary} lacks the special token {token!r}, so that the metric has no "
                "embedding for it; add it there, or name one that is there in tokenizer_config.json"
            )
        return tokenizer

    def weights_beside(self, *patterns: str) -> dict[str, Tensor] | None:
        """The tensors, in single precision, of the one file that a pattern fits; None without one."""
        files = sorted({file for pattern in patterns for file in self.directory.glob(pattern)})
        if not files:
            return None
        if len(files) > 1:
            raise UnsupportedMetricError(
                f"{self.directory} has several files of weights: "
                f"{', '.join(file.name for file in files)}; leave one"
            )
        self.weight_files += files
        with self._reading(files[0].name):
            if files[0].suffix == ".safetensors":
                weights = load_file(files[0])
            else:
                weights = torch.load(files[0], map_location="cpu", weights_only=True)
                weights = weights.get("state_dict", weights)
        return {
            key: value.float() if value.is_floating_point() else value
            for key, value in weights.items()
        }

    @contextmanager
    def _reading(self, what: str) -> Iterator[None]:
        """Names what cannot be read: of a damaged file libraries raise errors of many types."""
        try:
            yield
        except Exception as error:
            raise self.refuse(f"{what} cannot be read: {_reason(error)}") from error

    def refuse(self, what: str) -> UnsupportedMetricError:
        return UnsupportedMetricError(f"{self.directory}: {what}")


def filled(module: torch.nn.Module, weights: dict[str, Tensor], source: Source) -> torch.nn.Module:
    """The module with exactly these weights."""
    wanted = module.state_dict()
    for problem, keys in (
        ("lack", wanted.keys() - weights.keys()),
        ("have, and should not have,", weights.keys() - wanted.keys()),
    ):
        if keys:
            raise source.refuse(f"the weights {problem} {_shown(keys)}")
    for key, value in weights.items():
        if value.shape != wanted[key].shape:
            raise source.refuse(
                f"{key} has the shape {list(value.shape)}, expected was {list(wanted[key].shape)}"
            )
    module.load_state_dict(weights)
    return module.eval()


def _reason(error: Exception) -> str:
    text = " ".join(line.strip() for line in str(error).splitlines()[:2])
    return f"{type(error).__name__}: {text[:300]}"


def _shown(keys) -> str:
    keys = sorted(keys)
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return ", ".join(keys[:_SHOWN]) + more
