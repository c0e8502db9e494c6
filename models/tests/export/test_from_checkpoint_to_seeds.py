"""The commands of Python in docs/from-checkpoint-to-seeds.md, run as they stand there.

`FromCheckpointToSeedsTest` runs those of Java; the end of the page says what the tests change.
"""

import json
import re
import shlex

import pytest
import torch
from diffusers import AutoencoderTiny

from places import REPOSITORY
from probeselect_models.commands import export, metrics
from random_metrics import write_source
from random_pipeline import build, flux, stable_diffusion_3

PAGE = (REPOSITORY / "docs/from-checkpoint-to-seeds.md").read_text(encoding="utf-8")
COMMANDS = {"probeselect-export": export.main, "probeselect-metrics": metrics.main}
LINES = [
    line
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
    if not language and line.split()[0] in COMMANDS
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """What the page takes for granted: checkpoints, tiny autoencoders, CLIP and prompts."""
    directory = tmp_path_factory.mktemp("page")
    build().save_pretrained(directory / "stable-diffusion-2-1")
    medium = stable_diffusion_3(dual_attention=True, qk_norm="rms_norm")
    medium.save_pretrained(directory / "stable-diffusion-3.5-medium")
    flux().save_pretrained(directory / "FLUX.1-dev")
    torch.manual_seed(5)
    for name in ("taesd", "taesd3", "taef1"):
        AutoencoderTiny(
            latent_channels=4,
            encoder_block_out_channels=(8, 8, 8),
            decoder_block_out_channels=(8, 8, 8),
            num_encoder_blocks=(1, 1, 1),
            num_decoder_blocks=(1, 1, 1),
        ).save_pretrained(directory / name)
    write_source("clipscore", directory / "clip-vit-large-patch14")
    prompts = "a cat on a skateboard\na watercolour of a harbour\n"
    (directory / "train.txt").write_text(prompts, encoding="utf-8")
    return directory


def test_the_page_exports_all_three_and_a_metric():
    exports = [line for line in LINES if line.startswith("probeselect-export")]
    assert len(exports) == 6
    assert sum("--preview-decoder" in line for line in exports) == 3
    assert len(LINES) == 7


@pytest.mark.parametrize("line", LINES)
def test_the_command_works_as_it_is_written(line, place, monkeypatch):
    arguments = shlex.split(line)
    monkeypatch.chdir(place)
    monkeypatch.setattr("sys.argv", arguments)
    COMMANDS[arguments[0]]()
    options = dict(zip(arguments[1::2], arguments[2::2]))
    written = place / options["--output"]
    if arguments[0] == "probeselect-metrics":
        assert json.loads((written / "metric.json").read_text())["name"] == "clipscore"
        return
    manifest = json.loads((written / "manifest.json").read_text())
    assert manifest["device"] == "any"
    assert manifest["provenance"]["weightType"] == options.get("--dtype", "float32")
    assert ("previewDecoder" in manifest) == ("--preview-decoder" in options)
