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


def of_diffusers(
    directory: Path, dtype: str, device: str, rows: int, size: int | None, steps: int
) -> float:
    """Seconds of the fastest step of a candidate, in a process of its own."""
    arguments = [dtype, device, str(rows), str(size or 0), str(steps)]
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name, "--of-diffusers", str(directory), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


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


def paired(given: argparse.Namespace) -> list[float]:
    """Prints each round; how many times as fast Java is as diffusers, round by round."""
    java = ["--bundle", str(given.bundle), "--device", given.device, "--rows", str(given.rows)]
    java += ["--rounds", str(given.steps)]
    java += ["--size", str(given.size)] if given.size else []
    java += ["--metric", str(given.metric)] if given.metric else []
    ratios = []
    for round_ in range(given.rounds):
        ours = of_java(given.jar, java)
        theirs = of_diffusers(
            given.pipeline, given.dtype, given.device, given.rows, given.size, given.steps
        )
        ratios.append(theirs / ours)
        print(
            f"round {round_ + 1}: Java {ours:.4f} s, diffusers {theirs:.4f} s a step of a candidate",
            flush=True,
        )
    return ratios


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
    parser.add_argument("--dtype", default="float32", help="of the bundle's weights")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--size", type=int, help="side of the image; the pipeline's by default")
    parser.add_argument("--rows", type=int, default=1, help="candidates evaluated together")
    parser.add_argument("--steps", type=int, default=4, help="timed in a round, of each")
    parser.add_argument("--rounds", type=int, default=3)
    ratios = sorted(paired(parser.parse_args()))
    print(
        f"Java is {statistics.median(ratios):.3f} times as fast as diffusers on torch "
        f"{torch.__version__}, from {ratios[0]:.3f} to {ratios[-1]:.3f} in {len(ratios)} rounds"
    )


if __name__ == "__main__":
    main()
