"""Every figure that a GPU is wanted for, in one run without a network; the report is Markdown.

    python -m probeselect_models.research.device_figures --jar JAR --device cuda --output figures \
        --pipeline sd35=DIR --pipeline flux=DIR --dtype bfloat16

JAR is that of the tools. Java needs its natives for the GPU (docs/gpu.md). The small models of this folder
serve for comparisons with the CPU, the pipelines, in the format of diffusers, for speed at full size:
`python -m golden.wide_bundles --full-depth`, in tests/, writes some with random weights. A figure
that cannot be had is reported with its reason, and the run goes on.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

import numpy as np
import torch

from probeselect_models.files import manifest
from probeselect_models.research.recorded_shards import read_shard, shard_files
from probeselect_models.research.step_times import Comparison

_MODELS = Path(__file__).resolve().parents[2]
SMALL_BUNDLES = {
    "tiny-sd2": _MODELS / "src/main/resources/io/github/probeselect/models/tiny-sd2",
    "tiny-sd3": _MODELS / "tiny-sd3/bundle",
    "tiny-flux": _MODELS / "tiny-flux/bundle",
}
_RATIO = re.compile(r"^(.+?) {3}(?:median )?(-?[0-9.]+%?)", re.MULTILINE)
_PEAK = re.compile(r"peak resident memory ([0-9]+) MB")
_MEBIBYTE = 2**20
LOG = "tools.log"
HEAP = ("-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch")
"""Of a fixed size, so that it does not count where memory is compared."""


@dataclass(frozen=True)
class Report:
    """Rows of a table, on the screen and in a file as they come."""

    file: Path

    def begin(self) -> None:
        self.file.unlink(missing_ok=True)
        self._write("| figure | value |\n|---|---|")

    def row(self, name: str, value: str) -> None:
        self._write(f"| {name} | {value} |")

    def _write(self, text: str) -> None:
        print(text, flush=True)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(text + "\n")


class Figures:
    """The figures of one device."""

    def __init__(self, given: argparse.Namespace, report: Report):
        self.given = given
        self.device: str = given.device
        self.output: Path = given.output
        self.report = report

    def tool(self, *arguments: str | Path) -> str:
        """What a command of the tools prints; its log goes into a file beside the report."""
        with self.log() as log:
            done = subprocess.run(
                self.command(*arguments), stdout=subprocess.PIPE, stderr=log, text=True, check=False
            )
        if done.returncode:
            raise RuntimeError(f"{arguments[0]} ended with {done.returncode}; {LOG} has why")
        return done.stdout

    def log(self) -> TextIO:
        """What is printed besides figures; the caller closes it."""
        return (self.output / LOG).open("a", encoding="utf-8")

    def command(self, *arguments: str | Path) -> list[str]:
        return ["java", *HEAP, "-jar", *map(str, (self.given.jar, *arguments))]

    def of_the_machine(self) -> None:
        for line in self.tool("doctor").splitlines():
            found = re.match(r"(ok|note|fault) +(platform|GPU|engine) +(.*)", line)
            if found:
                self.report.row(found[2], found[3])

    def parity(self, name: str, bundle: Path) -> None:
        """Images, activations and scores of the same seeds, on the CPU and on the device."""
        recorded = []
        for device in ("cpu", self.device):
            data = self.output / "data" / name / f"on-{device.replace(':', '-')}"
            self.tool(
                *("collect", "--bundle", bundle, "--device", device, "--output", data),
                *("--count", str(self.given.count), "--seeds", "4", "--fractions", "0.2"),
            )
            recorded.append(read_shard(shard_files(data)[0]).arrays)
        of_cpu, of_device = recorded
        apart = np.abs(of_cpu["images"].astype(int) - of_device["images"])
        self.report.row(
            f"{name}: images, largest difference of 255, share of the values that differ",
            f"{apart.max()}, {np.mean(apart != 0):.2%}",
        )
        for array in sorted(of_cpu):
            if array.startswith(("taps/", "latents", "scores/")):
                largest = np.abs(of_cpu[array] - of_device[array]).max() / np.std(of_cpu[array])
                self.report.row(
                    f"{name}: {array}, largest difference in standard deviations", f"{largest:.1g}"
                )

    def early_exit(self, name: str, bundle: Path, *options: str | Path) -> None:
        """Its share of the time beside its share of the evaluations."""
        ratios = self.ratios(
            *("measure-cost", "--bundle", bundle, "--rounds", str(self.given.rounds)),
            *("-n", str(self.given.candidates), "-k", str(max(1, self.given.candidates // 4))),
            *options,
        )
        theory, clock = (float(value) for value in list(ratios.values())[:2])
        self.report.row(f"{name}: early exit, time : evaluations", f"{clock / theory:.3f}")
        self.report_all(name, ratios)

    def overhead(self, name: str, bundle: Path, *options: str | Path) -> None:
        """Of capturing, scoring and choosing."""
        rounds = str(self.given.rounds)
        arguments = ("measure-overhead", "--bundle", bundle, "--rounds", rounds, *options)
        self.report_all(name, self.ratios(*arguments))

    def ratios(self, *arguments: str | Path) -> dict[str, str]:
        return dict(_RATIO.findall(self.tool(*arguments, "--device", self.device)))

    def report_all(self, name: str, ratios: dict[str, str]) -> None:
        for what, ratio in ratios.items():
            self.report.row(f"{name}: {what}", ratio)

    def memory(self, name: str, bundle: Path, *options: str | Path) -> None:
        """The most that a process holds, of the device or else of the computer, by n."""
        peaks = {}
        for n in (16, self.given.most):
            with watched(self.device) as peak:
                printed = self.tool(
                    *("measure-memory", "--peak", "--bundle", bundle, "--device", self.device),
                    *("-n", str(n), "-k", "4", *options),
                )
            peaks[n] = peak.mebibytes or float(_PEAK.search(printed)[1])
            self.report.row(f"{name}: peak memory for n = {n}, MiB", f"{peaks[n]:.0f}")
        ratio = peaks[self.given.most] / peaks[16]
        self.report.row(f"{name}: peak memory, n = {self.given.most} : 16", f"{ratio:.3f}")

    def two_processes(self, name: str, bundle: Path, *options: str | Path) -> None:
        """Both have to end well."""
        rounds = str(self.given.rounds)
        arguments = ("measure-overhead", "--bundle", bundle, "--rounds", rounds, *options)
        arguments += ("--device", self.device)
        with self.log() as log:
            both = [
                subprocess.Popen(self.command(*arguments), stdout=log, stderr=log) for _ in range(2)
            ]
            ended = [process.wait() for process in both]
        if any(ended):
            raise RuntimeError(f"they ended with {ended[0]} and {ended[1]}; {LOG} has why")
        self.report.row(f"{name}: two processes at once end with", f"{ended[0]} and {ended[1]}")

    def out_of_memory(self, name: str, bundle: Path, *options: str | Path) -> None:
        """Many rows in a call while little memory is free: the call has to be done again with fewer."""
        before = (self.output / LOG).stat().st_size
        with memory_held(self.device, self.given.left_free):
            self.tool(
                *("measure-overhead", "--bundle", bundle, "--device", self.device),
                *("--rows", "256", "--rounds", "1", *options),
            )
        log = (self.output / LOG).read_bytes()[before:].decode()
        calls = len(re.findall("in a call are too many", log))
        self.report.row(f"{name}: calls that ran out of memory and were done again", str(calls))

    def export(self, name: str, pipeline: Path) -> Path:
        bundle = self.output / "bundles" / name
        begin = time.monotonic()
        with self.log() as log:
            subprocess.run(
                [sys.executable, "-m", "probeselect_models.export"]
                + ["--pipeline", str(pipeline), "--output", str(bundle), "--device", self.device]
                + ["--dtype", self.given.dtype, "--prompts", str(self.prompts())],
                stdout=log,
                stderr=log,
                check=True,
            )
        self.report.row(f"{name}: export on the device, s", f"{time.monotonic() - begin:.0f}")
        device = json.loads((bundle / manifest.MANIFEST).read_text(encoding="utf-8"))["device"]
        self.report.row(f"{name}: device in the manifest", device)
        return bundle

    def prompts(self) -> Path:
        """Two, since the projection is read by no figure."""
        file = self.output / "prompts.txt"
        file.write_text("a red circle\na lighthouse in a storm\n", encoding="utf-8")
        return file

    def speed(self, name: str, pipeline: Path, bundle: Path, rows: int) -> None:
        ratios = Comparison(
            pipeline=pipeline,
            bundle=bundle,
            jar=self.given.jar,
            metric=self.given.metric,
            dtype=self.given.dtype,
            device=self.device,
            rows=rows,
            rounds=self.given.rounds,
        ).ratios()
        self.report.row(
            f"{name}: step of Java : diffusers on torch {torch.__version__}, {rows} together, speed",
            f"{statistics.median(ratios):.3f}, from {min(ratios):.3f} to {max(ratios):.3f}",
        )


@dataclass
class Peak:
    mebibytes: float = 0


@contextmanager
def watched(device: str) -> Iterator[Peak]:
    """The most memory of the GPU that is in use meanwhile, beyond what was before; 0 of a CPU."""
    peak, ended = Peak(), threading.Event()
    if device == "cpu":
        yield peak
        return
    before = used(device)

    def watch() -> None:
        while not ended.wait(0.2):
            peak.mebibytes = max(peak.mebibytes, used(device) - before)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def used(device: str) -> float:
    free, total = torch.cuda.mem_get_info(device)
    return (total - free) / _MEBIBYTE


@contextmanager
def memory_held(device: str, left_free: float) -> Iterator[None]:
    """Holds all of the GPU's free memory but so many GiB."""
    free, _ = torch.cuda.mem_get_info(device)
    held = torch.empty(max(0, free - int(left_free * 2**30)), dtype=torch.uint8, device=device)
    try:
        yield
    finally:
        del held
        torch.cuda.empty_cache()


def all_of(figures: Figures, given: argparse.Namespace) -> Iterator[tuple[str, Callable]]:
    """What is to be measured, in the order of the report."""
    metric = ("--metric", given.metric) if given.metric else ()
    yield "the machine", figures.of_the_machine
    for name in given.small:
        bundle = SMALL_BUNDLES[name]
        yield f"{name}, parity with the CPU", partial(figures.parity, name, bundle)
        yield f"{name}, early exit", partial(figures.early_exit, name, bundle)
        yield f"{name}, memory", partial(figures.memory, name, bundle)
        yield f"{name}, two processes", partial(figures.two_processes, name, bundle)
        if given.device != "cpu":
            yield f"{name}, out of memory", partial(figures.out_of_memory, name, bundle)
    for name, pipeline in given.pipeline.items():
        bundle = figures.output / "bundles" / name
        yield f"{name}, export", partial(figures.export, name, pipeline)
        for rows in given.rows:
            yield f"{name}, step", partial(figures.speed, name, pipeline, bundle, rows)
        yield f"{name}, overhead", partial(figures.overhead, name, bundle, *metric)
        yield f"{name}, early exit", partial(figures.early_exit, name, bundle, *metric)


def run(given: argparse.Namespace) -> int:
    """Measures everything; how many figures could not be had."""
    given.output.mkdir(parents=True, exist_ok=True)
    (given.output / LOG).touch()
    report = Report(given.output / "figures.md")
    report.begin()
    missing = 0
    for title, measure in all_of(Figures(given, report), given):
        begin = time.monotonic()
        try:
            measure()
        except Exception as error:
            missing += 1
            report.row(f"{title}: not measured", f"{type(error).__name__}: {error}")
        print(f"{title}: {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    return missing


def named_directory(text: str) -> tuple[str, Path]:
    name, separator, directory = text.partition("=")
    if not (separator and re.fullmatch(r"[A-Za-z0-9._-]+", name) and Path(directory).is_dir()):
        raise argparse.ArgumentTypeError(f"{text} is not NAME=DIR with a directory that is there")
    return name, Path(directory)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jar", type=Path, required=True, help="probeselect-tools-...-all.jar")
    parser.add_argument("--output", type=Path, required=True, help="for the report, and for data")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--pipeline", type=named_directory, action="append", default=[])
    parser.add_argument(
        "--metric", type=Path, help="a metric directory, for the pipelines' bundles"
    )
    parser.add_argument("--dtype", default="bfloat16", help="of the pipelines' bundles")
    parser.add_argument("--small", nargs="*", choices=SMALL_BUNDLES, default=list(SMALL_BUNDLES))
    parser.add_argument("--count", type=int, default=8, help="prompts that are compared")
    parser.add_argument("--candidates", type=int, default=16, help="of an early exit")
    parser.add_argument("--most", type=int, default=256, help="candidates whose memory is compared")
    parser.add_argument("--rows", type=int, nargs="*", default=[1, 8], help="in a denoiser call")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--left-free", type=float, default=3.0, help="GiB, to run out of memory in")
    given = parser.parse_args()
    if given.pipeline and given.metric is None:
        parser.error("a fresh bundle has nothing to score by: name a metric directory, --metric")
    given.pipeline = dict(given.pipeline)
    sys.exit(1 if run(given) else 0)


if __name__ == "__main__":
    main()
