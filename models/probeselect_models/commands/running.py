"""What the commands have in common: the version, messages in place of stack traces, and the last line."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from probeselect_models import __version__


class Parser(argparse.ArgumentParser):
    """Knows `--version` and `--traceback`."""

    def __init__(self, name: str, description: str):
        super().__init__(prog=name, description=description)
        self.add_argument("--version", action="version", version=f"{name} {__version__}")
        self.add_argument(
            "--traceback", action="store_true", help="show where in the code an error was raised"
        )


@contextmanager
def failing_with_a_message(
    expected: tuple[type[Exception], ...], *, show_traceback: bool
) -> Iterator[None]:
    """Ends the process with exit status 1 and one line on stderr where an error would have passed.

    An error of another type than the `expected` ones is named with its type: it may be a mistake of the
    exporter itself.
    """
    try:
        yield
    except KeyboardInterrupt:
        sys.exit("export stopped; nothing was written")
    except Exception as error:
        if show_traceback:
            traceback.print_exc()
        if isinstance(error, expected):
            sys.exit(f"export failed: {error}")
        reason = " ".join(line.strip() for line in str(error).splitlines()[:2])
        hint = "" if show_traceback else "; --traceback shows where"
        sys.exit(f"export failed: {type(error).__name__}: {reason}{hint}")


def report(output: Path) -> None:
    """Says what was written, and how large it is."""
    size = sum(p.stat().st_size for p in output.rglob("*") if p.is_file())
    print(f"wrote {output} ({size / 2**20:.1f} MiB)")
