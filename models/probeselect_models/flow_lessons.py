"""What both transformers are trained on, and by: made once, kept in a directory that they share."""

from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from torch import Tensor

from probeselect_models.answers import Answers, teacher_answers
from probeselect_models.dataset import encoded_scenes, training_scenes
from probeselect_models.flow import VelocityTeacher
from probeselect_models.flow_training import Lessons
from probeselect_models.layout import layouts
from probeselect_models.scenes import caption
from probeselect_models.settings import FlowSettings
from probeselect_models.t5_tokenizer import build_t5_tokenizer
from probeselect_models.text_encoders import TextEncoders, Tokenizers, train_text_encoders
from probeselect_models.tokenizer import encode, shortened

CHUNK = 500


@dataclass(frozen=True)
class Material:
    """The first model, and what is made from it for the transformers."""

    base: StableDiffusionPipeline
    tokenizers: Tokenizers
    encoders: TextEncoders
    latents: Tensor
    captions: list[str]
    layouts: Tensor

    def vae(self) -> AutoencoderKL:
        """The first model's; the pipelines of the transformers want its shift to be a number."""
        self.base.vae.register_to_config(shift_factor=0.0)
        return self.base.vae

    def answers(self, settings: FlowSettings, directory: Path) -> Answers | None:
        """What the first model answers, kept in `directory`; None if the settings want none."""
        if not settings.answers:
            return None

        def predict(latents, timestep, prompt):
            return self.base.unet(latents, timestep, prompt).sample

        teacher = VelocityTeacher(predict, self.base.scheduler.alphas_cumprod)
        ids = torch.from_numpy(encode(self.base.tokenizer, [*self.captions, ""]))
        (prompts,) = _in_chunks(lambda part: self.base.text_encoder(part)[:1], ids)
        return teacher_answers(settings, teacher, self.latents, prompts, directory)

    @torch.no_grad()
    def lessons(self, read) -> Lessons:
        """With what `read(clip_ids, t5_ids)` makes of the captions: sequence and pooled."""
        texts = [*self.captions, ""]
        ids = self.tokenizers.ids(texts)
        sequence, pooled = _in_chunks(read, *ids)
        return Lessons(self.latents, sequence, pooled, self.layouts)


def gather(settings: FlowSettings, base: Path, shared: Path) -> Material:
    """Runs, or goes on with, the stages that both transformers share."""
    pipeline = StableDiffusionPipeline.from_pretrained(
        base, dtype=torch.float32, local_files_only=True
    )
    for module in (pipeline.unet, pipeline.text_encoder, pipeline.vae):
        module.eval().requires_grad_(False)
    length = settings.text.length
    tokenizers = Tokenizers(shortened(pipeline.tokenizer, length), build_t5_tokenizer(length))
    encoders = train_text_encoders(settings.text, tokenizers, shared / "text_encoders.pt")
    scenes = training_scenes(settings.pictures, settings.seed)
    latents, _ = encoded_scenes(pipeline.vae, pipeline.tokenizer, scenes, shared / "latents.pt")
    return Material(
        pipeline, tokenizers, encoders, latents, [caption(s) for s in scenes], layouts(scenes)
    )


def _in_chunks(function, *inputs: Tensor) -> list[Tensor]:
    """The outputs for all inputs, in half precision to save memory."""
    made = [
        [output.half() for output in function(*(part[start : start + CHUNK] for part in inputs))]
        for start in range(0, len(inputs[0]), CHUNK)
    ]
    return [torch.cat(parts) for parts in zip(*made)]
