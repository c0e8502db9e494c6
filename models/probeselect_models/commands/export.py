"""`probeselect-export`: turns a diffusers pipeline directory into a bundle (docs/bundle-format.md)."""

from __future__ import annotations

import argparse
from pathlib import Path

from probeselect_models.commands.running import Parser, failing_with_a_message, report

_DESCRIPTION = (
    "Turns a text-to-image pipeline, in the directory format of diffusers, into a bundle that ProbeSelect "
    "opens: TorchScript modules, tokenizers, the scheduler's configuration and a manifest. Nothing is "
    "downloaded. Pipelines of Stable Diffusion 2 and 3 and of FLUX.1 are supported."
)
_DTYPES = ("float32", "float16", "bfloat16")
_DEVICES = ("cpu", "cuda")


def main() -> None:
    given = _parser().parse_args()
    from probeselect_models.export.bundle_name import BundleNameError
    from probeselect_models.export.exporter import PROJECTION_PROMPTS, export
    from probeselect_models.families import UnsupportedPipelineError
    from probeselect_models.families.taps import UnknownTapError
    from probeselect_models.files.devices import FixedDeviceError
    from probeselect_models.files.manifest import NotReplaceableError
    from probeselect_models.files.prompt_file import PromptFileError, read_prompts
    from probeselect_models.files.tokenizer_file import TokenizerFileError

    expected = (
        UnsupportedPipelineError,
        UnknownTapError,
        TokenizerFileError,
        PromptFileError,
        BundleNameError,
        NotReplaceableError,
        FixedDeviceError,
        OSError,
    )
    with failing_with_a_message(expected, show_traceback=given.traceback):
        export(
            given.pipeline,
            given.output,
            name=given.name,
            taps=given.tap,
            tap_channels=given.tap_channels,
            grid=given.grid,
            steps=given.steps,
            guidance_scale=given.guidance_scale,
            metrics=dict(given.metric or []),
            preview_decoder=given.preview_decoder,
            prompts=read_prompts(given.prompts, PROJECTION_PROMPTS) if given.prompts else None,
            dtype=given.dtype,
            device=given.device,
        )
        report(given.output)


def _parser() -> Parser:
    parser = Parser("probeselect-export", _DESCRIPTION)
    parser.add_argument(
        "--pipeline", type=Path, required=True, metavar="DIR", help="pipeline directory to read"
    )
    parser.add_argument(
        "--output", type=Path, required=True, metavar="BUNDLE", help="bundle directory to write"
    )
    parser.add_argument("--name", help="name of the bundle; default: that of the pipeline")
    parser.add_argument(
        "--tap",
        action="append",
        metavar="MODULE",
        help="module of the denoiser whose activations probes read; may be repeated; "
        "default: the family's",
    )
    parser.add_argument(
        "--tap-channels",
        type=int,
        default=32,
        metavar="N",
        help="channels that a tap's activations are projected to; default: %(default)s",
    )
    parser.add_argument(
        "--grid",
        type=int,
        default=8,
        metavar="N",
        help="cells per side of a tap's map; default: %(default)s",
    )
    parser.add_argument(
        "--steps", type=int, metavar="N", help="default number of steps; else the family's"
    )
    parser.add_argument(
        "--guidance-scale", type=float, metavar="SCALE", help="default scale; else the family's"
    )
    parser.add_argument(
        "--dtype", choices=_DTYPES, default="float32", help="of the weights; default: %(default)s"
    )
    parser.add_argument(
        "--device",
        choices=_DEVICES,
        default="cpu",
        help="where the export computes; the bundle runs on every device; default: %(default)s",
    )
    parser.add_argument(
        "--metric",
        action="append",
        type=_metric,
        metavar="NAME=DIR",
        help="a scene-reward to put into the bundle; may be repeated",
    )
    parser.add_argument(
        "--preview-decoder",
        type=Path,
        metavar="DIR",
        help="a diffusers AutoencoderTiny (TAESD and its like) that decodes previews",
    )
    parser.add_argument(
        "--prompts",
        type=Path,
        metavar="FILE",
        help="one prompt a line, the first 32 fix the projection of the taps; default: captions of "
        "simple scenes",
    )
    return parser


def _metric(text: str) -> tuple[str, Path]:
    name, separator, directory = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r}: write NAME=DIRECTORY")
    return name, Path(directory)
