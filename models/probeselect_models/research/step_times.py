"""A denoiser step from Java beside one of diffusers: the same weights, size, data type and threads.

    python -m probeselect_models.research.step_times --pipeline DIR --bundle DIR --jar JAR --size 512

The jar is that of the tools, whose command `measure-overhead` times Java. The two take turns, each in
a process of its own, and each round gives one ratio; a load that lasts touches both. Of a round the
fastest step counts, as other load can only slow one down. A step is one evaluation of one candidate,
with both branches under classifier-free guidance.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from probeselect_models.families import open_family
from probeselect_models.research.early_steps import t5_length

STEP = re.compile(r"a step of a candidate +fastest ([0-9.]+) s")
WARM_UP = 1
PROMPT = "a yellow star above a blue circle on a dotted pink background"


def of_java(jar: Path, arguments: list[str]) -> float:
    """Seconds of the fastest step that `measure-overhead` has seen."""
    done = subprocess.run(
        ["java", "-jar", str(jar), "measure-overhead", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = STEP.search(done.stdout)
    if found is None:
        raise ValueError(f"measure-overhead printed no time of a step: {done.stdout}")
    return float(found[1])


@torch.no_grad()
def fastest_step(
    directory: Path, dtype: str, device: str, rows: int, size: int, steps: int
) -> float:
    """Denoises `rows` images together, and times what lies between two ends of a step."""
    import diffusers

    family = open_family(directory)
    pipeline = diffusers.DiffusionPipeline.from_pretrained(
        directory, torch_dtype=getattr(torch, dtype), local_files_only=True
    ).to(device)
    pipeline.set_progress_bar_config(disable=True)
    height, width = (size, size) if size else family.default_size()
    ends = []

    def note(_pipeline, _step, _timestep, _state):
        if device != "cpu":
            torch.cuda.synchronize()
        ends.append(time.perf_counter())
        return {}

    pipeline(
        PROMPT,
        num_images_per_prompt=rows,
        height=height,
        width=width,
        num_inference_steps=WARM_UP + steps,
        guidance_scale=family.guidance_scale,
        output_type="latent",
        callback_on_step_end=note,
        **t5_length(family),
    )
    return min(end - begin for begin, end in itertools.pairwise(ends)) / rows


@dataclass(frozen=True)
class Comparison:
    """What takes turns with what, and how."""

    pipeline: Path
    bundle: Path
    jar: Path
    metric: Path | None = None
    """Where the bundle has no probe."""
    dtype: str = "float32"
    """Of the bundle's weights."""
    device: str = "cpu"
    size: int | None = None
    """The side of the image; the pipeline's own by default."""
    rows: int = 1
    """Candidates evaluated together."""
    steps: int = 4
    """Timed in a round, of each."""
    rounds: int = 3

    def ratios(self) -> list[float]:
        """Prints each round; how many times as fast Java is as diffusers, round by round."""
        ratios = []
        for round_ in range(self.rounds):
            ours, theirs = of_java(self.jar, self._of_java()), self._of_diffusers()
            ratios.append(theirs / ours)
            print(
                f"round {round_ + 1}: Java {ours:.4f} s, diffusers {theirs:.4f} s a step of a "
                "candidate",
                flush=True,
            )
        return ratios

    def _of_java(self) -> list[str]:
        java = ["--bundle", str(self.bundle), "--device", self.device, "--rows", str(self.rows)]
        java += ["--rounds", str(self.steps)]
        java += ["--size", str(self.size)] if self.size else []
        return java + (["--metric", str(self.metric)] if self.metric else [])

    def _of_diffusers(self) -> float:
        """Seconds of the fastest step of a candidate, in a process of its own."""
        numbers = [str(self.rows), str(self.size or 0), str(self.steps)]
        done = subprocess.run(
            [sys.executable, "-m", __spec__.name, "--of-diffusers", str(self.pipeline)]
            + [self.dtype, self.device, *numbers],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    if sys.argv[1:2] == ["--of-diffusers"]:
        directory, dtype, device, *numbers = sys.argv[2:]
        print(fastest_step(Path(directory), dtype, device, *map(int, numbers)))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pipeline", type=Path, required=True, help="in the format of diffusers")
    parser.add_argument("--bundle", type=Path, required=True, help="exported from it")
    parser.add_argument("--jar", type=Path, required=True, help="probeselect-tools-...-all.jar")
    parser.add_argument("--metric", type=Path, help="where the bundle has no probe")
    for name, kind, text in (
        ("dtype", str, "of the bundle's weights"),
        ("device", str, None),
        ("size", int, "side of the image; the pipeline's by default"),
        ("rows", int, "candidates evaluated together"),
        ("steps", int, "timed in a round, of each"),
        ("rounds", int, None),
    ):
        parser.add_argument(f"--{name}", type=kind, default=getattr(Comparison, name), help=text)
    ratios = sorted(Comparison(**vars(parser.parse_args())).ratios())
    print(
        f"Java is {statistics.median(ratios):.3f} times as fast as diffusers on torch "
        f"{torch.__version__}, from {ratios[0]:.3f} to {ratios[-1]:.3f} in {len(ratios)} rounds"
    )


if __name__ == "__main__":
    main()
