"""Turns a published metric into a metric directory (docs/metrics.md).

    python -m probeselect_models.metrics --kind clipscore --source DIR --output DIR
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from probeselect_models.metrics.export import KINDS, export
from probeselect_models.metrics.source import UnsupportedMetricError
from probeselect_models.tokenizer_file import TokenizerFileError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=KINDS, required=True)
    parser.add_argument("--source", type=Path, required=True, help="directory with the weights")
    parser.add_argument("--output", type=Path, required=True, help="metric directory to write")
    parser.add_argument("--name", help="name under which scores are recorded; default: the kind")
    given = parser.parse_args()
    try:
        export(given.kind, given.source, given.output, name=given.name)
    except (UnsupportedMetricError, TokenizerFileError, FileExistsError) as error:
        sys.exit(f"export failed: {error}")
    size = sum(p.stat().st_size for p in given.output.rglob("*") if p.is_file())
    print(f"wrote {given.output} ({size / 2**20:.1f} MiB)")


if __name__ == "__main__":
    main()
