"""A tiny autoencoder goes into the bundle as its preview decoder, if it fits the latents."""

import json

import pytest
import torch
from diffusers import AutoencoderTiny

from probeselect_models.export.exporter import export
from probeselect_models.families import UnsupportedPipelineError
from random_pipeline import build, flux, stable_diffusion_3
from random_tokenizers import CAPTIONS

BLOCKS = {"encoder_block_out_channels": (8, 8, 8), "decoder_block_out_channels": (8, 8, 8)}
COUNTS = {"num_encoder_blocks": (1, 1, 1), "num_decoder_blocks": (1, 1, 1)}


def tiny(**options):
    torch.manual_seed(5)
    return AutoencoderTiny(**{**BLOCKS, **COUNTS, "latent_channels": 4, **options}).eval()


def exported(make, decoder, tmp_path):
    make().save_pretrained(tmp_path / "pipeline")
    decoder.save_pretrained(tmp_path / "tiny")
    return export(
        tmp_path / "pipeline",
        tmp_path / "bundle",
        prompts=CAPTIONS[:1],
        steps=4,
        preview_decoder=tmp_path / "tiny",
    )


@pytest.mark.parametrize("make", [build, stable_diffusion_3, flux])
def test_it_gives_the_picture_that_diffusers_gives_at_any_size(make, tmp_path):
    decoder = tiny(scaling_factor=1.3, shift_factor=0.2)
    manifest = exported(make, decoder, tmp_path)
    assert manifest["previewDecoder"] == {"file": "preview_decoder.pt"}
    written = json.loads((tmp_path / "bundle/manifest.json").read_text(encoding="utf-8"))
    assert "preview_decoder.pt" in written["files"]
    module = torch.jit.load(tmp_path / "bundle/preview_decoder.pt")
    for shape in [(1, 4, 8, 8), (2, 4, 16, 24)]:
        latents = torch.randn(shape, generator=torch.Generator().manual_seed(7))
        with torch.no_grad():
            decoded = decoder.decode(latents / 1.3 + 0.2).sample
            assert torch.allclose(module(latents), (decoded / 2 + 0.5).clamp(0, 1), atol=1e-5)


def test_without_one_the_manifest_names_none(tmp_path):
    build().save_pretrained(tmp_path / "pipeline")
    manifest = export(tmp_path / "pipeline", tmp_path / "bundle", prompts=CAPTIONS[:1], steps=4)
    assert "previewDecoder" not in manifest


@pytest.mark.parametrize(
    "decoder, words",
    [
        (tiny(latent_channels=16), "takes 16 latent channels, the pipeline has 4"),
        (
            tiny(
                encoder_block_out_channels=(8, 8),
                decoder_block_out_channels=(8, 8),
                num_encoder_blocks=(1, 1),
                num_decoder_blocks=(1, 1),
            ),
            "makes 2 pixels of a latent, the pipeline's VAE 4",
        ),
    ],
)
def test_one_that_does_not_fit_is_refused(decoder, words, tmp_path):
    with pytest.raises(UnsupportedPipelineError, match=words):
        exported(build, decoder, tmp_path)


def test_what_is_no_tiny_autoencoder_is_refused(tmp_path):
    build().save_pretrained(tmp_path / "pipeline")
    with pytest.raises(UnsupportedPipelineError, match="preview decoder (lack|have|cannot)"):
        export(
            tmp_path / "pipeline",
            tmp_path / "bundle",
            prompts=CAPTIONS[:1],
            steps=4,
            preview_decoder=tmp_path / "pipeline" / "vae",
        )
