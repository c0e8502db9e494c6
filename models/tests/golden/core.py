"""Writes the golden files that the Java tests of noise, schedules and scheduler options compare with.

The numbers come from torch and diffusers. Run it in the folder of the tests:

    python -m golden.core
"""

import json

from golden.noise import noise_cases
from golden.scheduler_options import verdicts
from golden.trajectories import golden_trajectories
from places import CORE_RESOURCES

GOLDEN = CORE_RESOURCES / "golden"


def write_verdicts(tables):
    """One option of one context per line."""
    blocks = []
    for table in tables:
        lines = ",\n".join(
            f"{json.dumps(option)}: {json.dumps(verdict)}"
            for option, verdict in table["options"].items()
        )
        head = json.dumps({key: table[key] for key in ("type", "context")})[:-1]
        blocks.append(f'{head}, "options": {{\n{lines}\n}}}}')
    text = ",\n".join(blocks)
    (GOLDEN / "scheduler-options.json").write_text(f"[\n{text}\n]\n", encoding="utf-8")


def write(name, cases):
    """Writes one case per line, so that a change shows up where it is."""
    lines = ",\n".join(json.dumps(case) for case in cases)
    (GOLDEN / name).write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def main():
    GOLDEN.mkdir(parents=True, exist_ok=True)
    write("torch-noise.json", noise_cases())
    for name, golden in golden_trajectories().items():
        write(name, golden)
    write_verdicts(verdicts())


if __name__ == "__main__":
    main()
