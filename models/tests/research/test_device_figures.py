"""The figures of a device, on the CPU: every part runs, and what fails is reported and does not end it."""

import re

import pytest

from places import DJL_RESOURCES, MODELS, REPOSITORY
from probeselect_models.research import device_figures

JARS = REPOSITORY / "probeselect-examples/tools/target"


def run(tmp_path, monkeypatch, *options):
    arguments = ["device_figures", "--output", str(tmp_path), "--device", "cpu", *map(str, options)]
    monkeypatch.setattr("sys.argv", arguments)
    monkeypatch.setenv("PYTHONPATH", str(MODELS))
    with pytest.raises(SystemExit) as ended:
        device_figures.main()
    return ended.value.code, (tmp_path / "figures.md").read_text()


def test_every_figure_can_be_had_with_a_small_pipeline(tmp_path, monkeypatch):
    jars = list(JARS.glob("probeselect-tools-*-all.jar"))
    if not jars:
        pytest.skip(f"{JARS} has no executable jar: mvn package makes it")
    code, report = run(
        tmp_path,
        monkeypatch,
        *("--jar", jars[0], "--small", "tiny-sd2", "--count", 1, "--candidates", 4, "--rounds", 1),
        *(
            "--rows",
            2,
            "--dtype",
            "float32",
            "--metric",
            DJL_RESOURCES / "metrics/random-clipscore",
        ),
        *("--pipeline", f"small={MODELS / 'tiny-sd2/pipeline'}", "--most", 32),
    )
    assert code == 0, report
    rows = dict(line.strip("| ").split(" | ") for line in report.splitlines()[2:])
    assert rows["tiny-sd2: images, largest difference of 255, share of the values that differ"] == (
        "0, 0.00%"
    )
    assert rows["small: device in the manifest"] == "any"
    assert rows["tiny-sd2: two processes at once end with"] == "0 and 0"
    for figure in (
        "tiny-sd2: early exit, time : evaluations",
        "tiny-sd2: peak memory, n = 32 : 16",
        "small: early exit, time : evaluations",
        "small: a step with its activations captured : without",
    ):
        assert float(rows[figure]) > 0, figure
    (speed,) = (value for name, value in rows.items() if "of Java : diffusers" in name)
    assert re.fullmatch(r"[0-9.]+, from [0-9.]+ to [0-9.]+", speed)


def test_what_cannot_be_measured_is_reported_with_its_reason(tmp_path, monkeypatch):
    code, report = run(tmp_path, monkeypatch, "--jar", tmp_path / "none.jar", "--small", "tiny-sd3")
    assert code == 1
    assert "| the machine: not measured | RuntimeError: doctor ended with 1" in report
    assert "| tiny-sd3, two processes: not measured | RuntimeError" in report
    assert "none.jar" in (tmp_path / device_figures.LOG).read_text()
