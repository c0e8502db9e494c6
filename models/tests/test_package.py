"""The package is what its folders and the pages say: layers, commands, versions, what is installed."""

import ast
import importlib.util
import re
import sys
import tomllib

import pytest
from packaging.requirements import Requirement

from places import MODELS, REPOSITORY
from probeselect_models import __version__
from probeselect_models.commands import export as export_command
from probeselect_models.commands import metrics as metrics_command
from probeselect_models.export import exporter
from probeselect_models.files.prompt_file import read_prompts

PACKAGE = MODELS / "probeselect_models"
PROJECT = tomllib.loads((MODELS / "pyproject.toml").read_text(encoding="utf-8"))
MAY_IMPORT = {
    "files": set(),
    "families": {"files"},
    "metrics": {"files"},
    "export": {"files", "families", "metrics"},
    "commands": {"files", "families", "metrics", "export"},
    "training": {"files", "metrics"},
    "research": {"files", "families", "training"},
}
"""Beside itself. `python -m` of a package is a command, so its `__main__` is not meant."""
COMMANDS = {"probeselect-export": export_command, "probeselect-metrics": metrics_command}


def imported(file):
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_package_imports_only_what_lies_below_it(folder):
    files = [file for file in (PACKAGE / folder).rglob("*.py") if file.stem != "__main__"]
    assert files
    for file in files:
        for module in imported(file):
            top, _, rest = module.partition(".")
            assert top not in ("golden", "places", "tests"), file
            if top == "probeselect_models" and rest:
                assert rest.split(".")[0] in MAY_IMPORT[folder] | {folder}, (file, module)


def test_every_folder_has_its_place_in_the_layers():
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders == set(MAY_IMPORT)


def test_training_and_research_are_not_installed():
    excluded = PROJECT["tool"]["setuptools"]["packages"]["find"]["exclude"]
    assert excluded == ["probeselect_models.training*", "probeselect_models.research*"]


def test_a_bundle_is_made_with_the_first_training_prompts_where_nobody_gives_others():
    prompts = read_prompts(MODELS / "prompts/train.txt", exporter.PROJECTION_PROMPTS)
    assert read_prompts(PACKAGE / "export/projection_prompts.txt") == prompts


def test_the_version_is_that_of_the_java_artifacts():
    pom = (REPOSITORY / "pom.xml").read_text(encoding="utf-8")
    version = re.search(r"<artifactId>probeselect</artifactId>\s*<version>([^<]+)<", pom)[1]
    assert __version__ == version.replace("-SNAPSHOT", ".dev0")


def test_what_is_tested_with_is_what_may_be_installed():
    lines = (MODELS / "requirements.txt").read_text(encoding="utf-8").split()
    pinned = dict(line.split("==") for line in lines)
    for text in PROJECT["project"]["dependencies"]:
        requirement = Requirement(text)
        version = pinned[requirement.name]
        assert requirement.specifier.contains(version), text
        (least,) = (each.version for each in requirement.specifier if each.operator == ">=")
        assert version == least or version.startswith(least + "."), text


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_which_version_it_is(name, monkeypatch, capsys):
    assert name in PROJECT["project"]["scripts"]
    for option, words in (
        ("--help", ["Turns a", "--output", "--traceback"]),
        ("--version", [name]),
    ):
        monkeypatch.setattr(sys, "argv", [name, option])
        with pytest.raises(SystemExit) as ended:
            COMMANDS[name].main()
        assert ended.value.code == 0
        shown = capsys.readouterr().out
        assert all(word in shown for word in words)
    assert shown == f"{name} {__version__}\n"


@pytest.mark.parametrize("traceback", [False, True])
def test_an_error_that_nobody_expected_is_one_line_too(traceback, tmp_path, monkeypatch, capsys):
    def fail(*_, **__):
        raise ZeroDivisionError("somewhere\ninside")

    monkeypatch.setattr(exporter, "export", fail)
    command = ["export", "--pipeline", str(tmp_path), "--output", str(tmp_path / "bundle")]
    monkeypatch.setattr(sys, "argv", command + ["--traceback"] * traceback)
    with pytest.raises(SystemExit) as ended:
        export_command.main()
    message = str(ended.value)
    assert message.startswith("export failed: ZeroDivisionError: somewhere inside")
    assert "\n" not in message
    assert ("Traceback" in capsys.readouterr().err) == traceback


def test_the_modules_that_the_pages_run_are_there():
    pages = [*(REPOSITORY / "docs").rglob("*.md"), *MODELS.glob("*.md"), REPOSITORY / "README.md"]
    pages += MODELS.glob("tiny-*/**/*.md")
    run = {
        module
        for page in pages
        for module in re.findall(
            r"python -m ((?:probeselect_models|golden)[a-z0-9_.]*\w)\b",
            page.read_text(encoding="utf-8"),
        )
    }
    assert len(run) > 8
    for module in run:
        assert importlib.util.find_spec(module), module


def test_the_commands_that_the_pages_run_take_their_options():
    used = set()
    for page in [*(REPOSITORY / "docs").rglob("*.md"), *MODELS.glob("*.md")]:
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in re.findall(r"(?m)^probeselect-(?:export|metrics) .*$", text):
            name, *_ = line.split()
            parser = (
                export_command._parser()
                if name == "probeselect-export"
                else metrics_command._parser(["KIND"])
            )
            for option in re.findall(r"--[a-z-]+", line):
                assert option in parser._option_string_actions, (page, option)
                used.add(option)
    assert {"--pipeline", "--kind", "--preview-decoder"} <= used


def test_no_file_is_too_long_to_read_in_one_sitting():
    files = [file for folder in (PACKAGE, MODELS / "tests") for file in folder.rglob("*.py")]
    assert {file.name for file in files if len(file.read_text().splitlines()) > 400} == set()
