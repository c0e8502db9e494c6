"""`probeselect-metrics`: turns a published metric into a metric directory (docs/metrics.md)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from probeselect_models.commands.running import Parser, failing_with_a_message, report

_DESCRIPTION = (
    "Turns a published metric of generated images, as its authors lay it out, into a metric directory that "
    "ProbeSelect opens: one TorchScript module with the preprocessing inside, and its tokenizer. Nothing is "
    "downloaded."
)


def main() -> None:
    from probeselect_models.files.devices import FixedDeviceError
    from probeselect_models.files.tokenizer_file import TokenizerFileError
    from probeselect_models.metrics.export import KINDS, export
    from probeselect_models.metrics.source import UnsupportedMetricError

    given = _parser(KINDS).parse_args()
    expected = (UnsupportedMetricError, TokenizerFileError, FixedDeviceError, OSError)
    with failing_with_a_message(expected, show_traceback=given.traceback):
        export(given.kind, given.source, given.output, name=given.name)
        report(given.output)


def _parser(kinds: Iterable[str]) -> Parser:
    parser = Parser("probeselect-metrics", _DESCRIPTION)
    parser.add_argument("--kind", choices=tuple(kinds), required=True, help="which metric it is")
    parser.add_argument(
        "--source", type=Path, required=True, metavar="DIR", help="directory with the weights"
    )
    parser.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="metric directory to write"
    )
    parser.add_argument("--name", help="name under which scores are recorded; default: the kind")
    return parser
