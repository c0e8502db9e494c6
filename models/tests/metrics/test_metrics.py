"""Every exported metric gives the scores of its own definition."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tokenizers import Tokenizer
from transformers import CLIPModel, CLIPTokenizer
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from metric_definitions import DEFINITIONS, cropped, framed, tensor
from places import MODELS
from probeselect_models.metrics.export import KINDS, export
from probeselect_models.metrics.preprocessing import CenterCrop, pillow_bicubic
from random_metrics import CLIP_SIDE, write_source
from random_tokenizers import METRIC_LENGTH

SIZES = {(45, 62): 2e-5, (97, 64): 5e-4, (20, 33): 2e-5, (28, 28): 2e-6}
"""Heights and widths: reduced, enlarged, left as it is. How far a score may be off, as a share of RANGES.

At 97 x 64 some pixels lie between two levels, and Pillow rounds them the other way.
"""
RANGES = {
    "clipscore": 100,
    "pickscore": 14.3,
    "hpsv2": 1,
    "aesthetic": 1,
    "imagereward": 1,
    "blip-itm": 4,
}
"""Of the scores that the random networks give; for CLIP what the cosine is multiplied by."""
_SEED = 1
"""With it CLIPScore is at its floor for some images of each size and above it for others."""
PROMPTS = [
    "a red circle left of a small blue square",
    "",
    "two green stars and a white cross on a dotted cyan background " * 8,
]


def pictures(height: int, width: int) -> list[Image.Image]:
    """Three: coloured noise with a smooth part and a hard edge, so that resizing overshoots."""
    rng = np.random.default_rng(height * 1000 + width)
    made = rng.integers(0, 256, (len(PROMPTS), height, width, 3), dtype=np.uint8)
    made[:, : height // 2, : width // 2] = 255
    made[:, height // 2 :, : width // 3] = np.arange(width // 3, dtype=np.uint8)[:, None]
    return [Image.fromarray(pixels) for pixels in made]


class Exported:
    def __init__(self, kind: str, folder: Path):
        self.kind = kind
        self.source, self.directory = folder / "source", folder / "metric"
        write_source(kind, self.source, _SEED)
        export(kind, self.source, self.directory)
        self.description = json.loads((self.directory / "metric.json").read_text())
        self.module = torch.jit.load(self.directory / "metric.pt")

    @torch.no_grad()
    def scores(self, images, prompts):
        return self.module(tensor(images), self.ids(prompts))

    @torch.no_grad()
    def defined(self, images, prompts):
        return DEFINITIONS[self.kind](self.source, images, prompts)

    def ids(self, prompts):
        words = Tokenizer.from_file(str(self.directory / "tokenizer.json"))
        return torch.tensor([words.encode(prompt).ids for prompt in prompts])


@pytest.fixture(scope="module", params=KINDS)
def exported(request, tmp_path_factory):
    return Exported(request.param, tmp_path_factory.mktemp(request.param))


@pytest.mark.parametrize("size", SIZES)
def test_scores_are_those_of_the_definition(exported, size):
    images = pictures(*size)
    wanted = exported.defined(images, PROMPTS)
    found = exported.scores(images, PROMPTS)
    assert found.dtype == torch.float32
    off = (found - wanted).abs().max().item() / RANGES[exported.kind]
    assert off <= SIZES[size], (found, wanted)


def test_image_and_prompt_show_in_the_score(exported):
    images = pictures(45, 62)
    table = torch.stack([exported.scores(images, [prompt] * len(images)) for prompt in PROMPTS])
    assert (table[:, 1:] != table[:, :1]).any()
    assert (table[1:] != table[:1]).any() == (exported.kind != "aesthetic")


def test_a_score_depends_on_its_own_row_only(exported):
    images = pictures(45, 62)
    alone = [exported.scores([image], [prompt]) for image, prompt in zip(images, PROMPTS)]
    assert torch.allclose(torch.cat(alone), exported.scores(images, PROMPTS), rtol=1e-5, atol=1e-5)


def test_the_directory_describes_itself(exported):
    files = {path.name for path in exported.directory.iterdir()}
    assert files == {"metric.json", "metric.pt", "tokenizer.json"}
    description = exported.description
    assert description["formatVersion"] == 1
    assert description["name"] == exported.kind
    assert (description["dtype"], description["device"]) == ("float32", "any")
    assert description["provenance"]["kind"] == exported.kind
    weights = description["provenance"]["sourceWeights"]
    assert weights and all((exported.source / name).is_file() for name in weights)
    assert description["files"].keys() == files - {"metric.json"}
    for name, entry in description["files"].items():
        content = (exported.directory / name).read_bytes()
        assert entry == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    tokenizer = description["tokenizer"]
    check = tokenizer["check"]
    assert exported.ids([check["text"]])[0].tolist() == check["ids"]
    assert len(check["ids"]) == tokenizer["length"]


@pytest.mark.parametrize("kind", ["hpsv2", "imagereward"])
def test_the_same_source_gives_the_same_files(kind, tmp_path):
    """In two processes: names inside an archive count on while one lives."""
    write_source(kind, tmp_path / "source")
    for name in ("one", "other"):
        command = [sys.executable, "-m", "probeselect_models.metrics", "--kind", kind]
        command += ["--source", str(tmp_path / "source"), "--output", str(tmp_path / name)]
        subprocess.run(command, check=True, cwd=MODELS)
    for file in (tmp_path / "one").iterdir():
        assert (tmp_path / "other" / file.name).read_bytes() == file.read_bytes()


def test_hpsv2_is_also_read_in_the_layout_of_transformers(tmp_path):
    write_source("clipscore", tmp_path / "source")
    export("hpsv2", tmp_path / "source", tmp_path / "metric")
    images = pictures(45, 62)
    model = CLIPModel.from_pretrained(tmp_path / "source")
    words = CLIPTokenizer.from_pretrained(tmp_path / "source")(
        PROMPTS[0], padding="max_length", max_length=METRIC_LENGTH, return_tensors="pt"
    )
    pixels = torch.stack([framed(image, CLIP_SIDE) for image in images])
    module = torch.jit.load(tmp_path / "metric/metric.pt")
    with torch.no_grad():
        output = model(words.input_ids, pixels)
        found = module(tensor(images), words.input_ids.expand(3, -1))
    assert torch.allclose(found, (output.image_embeds @ output.text_embeds.T)[:, 0], atol=1e-5)


@pytest.mark.parametrize("size", [(45, 62), (97, 64), (20, 33), (512, 512), (768, 1024)])
@pytest.mark.parametrize("side", [28, 224])
def test_pixels_are_those_of_pillow_but_for_rounding(size, side):
    images = pictures(*size)
    wanted = tensor([image.resize((side, side), Image.Resampling.BICUBIC) for image in images])
    off = (255 * (pillow_bicubic(tensor(images), side, side) - wanted)).round().abs()
    assert off.max() <= 2
    assert (off > 0).float().mean() < 0.02


@pytest.mark.parametrize("size", [(64, 45), (45, 64), (65, 28), (28, 66), (67, 28), (28, 29)])
def test_the_crop_is_in_the_middle_as_torchvision_and_as_transformers_see_it(size):
    images = pictures(*size)
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28}
    )
    theirs = processor(images, return_tensors="pt").pixel_values
    assert torch.allclose(CenterCrop(28, 28, False)(tensor(images)), theirs, atol=0.05)
    wanted = torch.stack([cropped(image, 28) for image in images])
    assert torch.allclose(CenterCrop(28, 28, True)(tensor(images)), wanted, atol=0.05)
