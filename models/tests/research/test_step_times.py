"""The time of a step, of diffusers as it is and of Java as its command prints it."""

import re
from pathlib import Path

import pytest

from places import MODELS, REPOSITORY
from probeselect_models.research import step_times

PRINTED = """\
a step of a candidate   fastest 0.2500 s, median 0.3000 s, 1 together
a step with its activations captured : without   median 1.010, from 1.000 to 1.020 over 3 rounds
"""


def java(directory: Path, printed: str, monkeypatch) -> None:
    """A program of that name which prints this."""
    program = directory / "java"
    program.write_text(
        f"#!/bin/sh\necho \"$@\" > {directory}/arguments\ncat <<'EOF'\n{printed}EOF\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")
    monkeypatch.setenv("PYTHONPATH", str(MODELS))


def comparison(**options) -> step_times.Comparison:
    usual = dict(jar="tools.jar", bundle="B", rows=2, steps=2, rounds=1)
    return step_times.Comparison(MODELS / "tiny-sd2/pipeline", **usual, **options)


def test_java_is_as_much_faster_as_its_step_is_shorter(tmp_path, monkeypatch, capsys):
    java(tmp_path, PRINTED, monkeypatch)
    (ratio,) = comparison(metric="M", size=64).ratios()
    arguments = (tmp_path / "arguments").read_text().split()
    assert arguments[:3] == ["-jar", "tools.jar", "measure-overhead"]
    expected = "--bundle B --device cpu --rows 2 --rounds 2 --size 64 --metric M"
    assert " ".join(arguments[3:]) == expected
    theirs = float(re.search(r"diffusers ([0-9.]+) s", capsys.readouterr().out)[1])
    assert theirs > 0
    assert ratio == pytest.approx(theirs / 0.25, abs=0.001)


def test_a_command_that_prints_no_time_is_an_error(tmp_path, monkeypatch):
    java(tmp_path, "nothing of the kind\n", monkeypatch)
    with pytest.raises(ValueError, match="nothing of the kind"):
        comparison().ratios()


def test_the_line_is_the_one_that_the_command_prints():
    source = REPOSITORY.joinpath(
        "probeselect-examples/tools/src/main/java/io/github/probeselect/tools/MeasureOverhead.java"
    ).read_text()
    line = re.search(r'"(a step of a candidate.*)%n"', source)[1]
    assert step_times.STEP.search(line.replace("%.4f", "0.1234"))[1] == "0.1234"
