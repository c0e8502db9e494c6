"""Families of text-to-image pipelines. Everything that differs between backbones is decided here.

A family turns a diffusers pipeline into modules with one contract, whatever the backbone:
text encoder `(ids...) -> (embeddings...)`, denoiser `(latents, timestep, embeddings...) -> prediction`,
VAE decoder `(latents) -> image in [0, 1]`.
"""

from __future__ import annotations

from pathlib import Path

import torch

from probeselect_models.families.components import Components
from probeselect_models.families.family import Family
from probeselect_models.families.flux import Flux
from probeselect_models.families.refusals import UnsupportedPipelineError
from probeselect_models.families.sd2 import StableDiffusion2
from probeselect_models.families.sd3 import StableDiffusion3

FAMILIES = {
    "StableDiffusionPipeline": StableDiffusion2,
    "StableDiffusion3Pipeline": StableDiffusion3,
    "FluxPipeline": Flux,
}


def open_family(directory: Path, dtype: torch.dtype = torch.float32, device: str = "cpu") -> Family:
    """The family of the pipeline in `directory`; UnsupportedPipelineError if there is none.

    Reads configurations only. Weights are loaded in `dtype` to `device`, one module at a time, by
    the methods that return a module.
    """
    components = Components(directory, dtype, device)
    family = FAMILIES.get(components.pipeline_class)
    if family is None:
        raise UnsupportedPipelineError(
            f"model_index.json: _class_name = {components.pipeline_class!r} is no pipeline that can be "
            "exported; those are " + ", ".join(FAMILIES)
        )
    return family(components)


__all__ = ["FAMILIES", "Family", "UnsupportedPipelineError", "open_family"]
