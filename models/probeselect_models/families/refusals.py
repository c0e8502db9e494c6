"""What cannot be exported, in one line that names the file and, where it can be known, the key."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from transformers import PreTrainedConfig

from probeselect_models.families.taps import UnknownTapError

_LONGEST = 60
"""Characters of a value in a message."""


class UnsupportedPipelineError(ValueError):
    """The pipeline has something that the exporter does not know how to carry over."""


def refuse_unless(holds: bool, otherwise: str) -> None:
    if not holds:
        raise UnsupportedPipelineError(otherwise)


def shown(value: object) -> str:
    """A value as it stands in a JSON file, cut if it is long."""
    try:
        text = json.dumps(value)
    except TypeError:
        text = str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def read_object(file: Path, name: str) -> dict:
    """The JSON object in a file, which messages call by `name`."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UnsupportedPipelineError(f"{name}: cannot be read as JSON: {error}") from error
    refuse_unless(isinstance(content, dict), f"{name}: holds no JSON object")
    return content


@contextmanager
def naming(
    file: str, what: str, config: dict | None = None, kind: type | None = None
) -> Iterator[None]:
    """Turns whatever a library raises about a file into a message with its name.

    Libraries check few of the values that they are configured with: a wrong one shows itself as an
    error of any type somewhere inside. Which one it was is told from what `kind` has by default.
    """
    try:
        yield
    except (UnsupportedPipelineError, UnknownTapError):
        raise
    except Exception as error:
        reason = " ".join(line.strip() for line in str(error).splitlines()[:2])
        odd = _suspects(kind, config, str(error)) if kind and config else ""
        odd += ": " if odd else ""
        raise UnsupportedPipelineError(
            f"{file}: {odd}{what}: {type(error).__name__}: {reason[:300]}"
        ) from error


def hints(kind: type, config: dict) -> str:
    """Which keys of a configuration a mistake may be in: those of an odd value, and absent ones."""
    odd = _odd_values(kind, config)
    absent = [key for key in _defaults(kind) if key not in config]
    parts = [f"odd there: {odd}"] if odd else []
    parts += ["not there: " + ", ".join(absent)] if absent else []
    return f" ({'; '.join(parts)})" if parts else ""


def _odd_values(kind, config: dict) -> str:
    defaults = _defaults(kind)
    return ", ".join(
        f"{key} = {shown(value)}"
        for key, value in config.items()
        if key in defaults and _is_odd(value, *defaults[key])
    )


def _suspects(kind, config: dict, reason: str) -> str:
    return (
        _odd_values(kind, config)
        or ", ".join(
            f"{key} = {shown(value)}"
            for key, value in config.items()
            if reason.strip("'") == str(value)
            or (isinstance(value, str) and len(value) > 2 and value in reason)
        )
        or _lengths(config)
        or ", ".join(f"no {key}" for key in _defaults(kind) if key not in config)
    )


def _lengths(config: dict) -> str:
    """The lists of a configuration, where they are not of one length."""
    lists = {key: len(value) for key, value in config.items() if isinstance(value, list)}
    if len(set(lists.values())) < 2:
        return ""
    return ", ".join(f"{key} has {length} entries" for key, length in lists.items())


def _defaults(kind: Callable) -> dict[str, tuple[object, str]]:
    """What a class takes, each with its default value and what is known of its type."""
    kind = getattr(kind, "config_class", None) or kind
    of_all = inspect.signature(PreTrainedConfig.__init__).parameters
    return {
        name: (parameter.default, str(parameter.annotation))
        for name, parameter in inspect.signature(kind.__init__).parameters.items()
        if name not in of_all
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }


def _is_odd(value, default, annotation: str) -> bool:
    """Whether a value is of another kind than the default one."""
    several = "tuple" in annotation.lower() or "list" in annotation.lower()
    if value is None:
        return default is not None
    if isinstance(value, (list, tuple)):
        if isinstance(default, (list, tuple)):
            return not value or (bool(default) and any(_is_odd(v, default[0], "") for v in value))
        return not several
    if default is None or default is inspect.Parameter.empty:
        strange = isinstance(value, str) and bool(annotation) and "str" not in annotation
        return strange or isinstance(value, dict) or (_is_number(value) and value < 0)
    if isinstance(default, bool) or isinstance(value, bool):
        return not (isinstance(default, bool) and isinstance(value, bool))
    if _is_number(default):
        return not _is_number(value) or value < 0 <= default
    return not isinstance(value, type(default))


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
