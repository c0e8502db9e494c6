"""What both transformers are trained on, and by: made once, kept in a directory that they share."""

from functools import cached_property
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from torch import Tensor

from probeselect_models.training.flow.answers import Answers, teacher_answers
from probeselect_models.training.flow.layout import layouts
from probeselect_models.training.flow.optimisation import Lessons
from probeselect_models.training.flow.text_encoders import Tokenizers, train_text_encoders
from probeselect_models.training.flow.velocity import VelocityTeacher
from probeselect_models.training.scenes import Scene, caption
from probeselect_models.training.sd2.dataset import encoded_scenes, training_scenes
from probeselect_models.training.settings import FlowSettings
from probeselect_models.training.t5_tokenizer import build_t5_tokenizer
from probeselect_models.training.tokenizer import encode, shortened

CHUNK = 500


class Material:
    """The first model, what is made from it for the transformers, and where that is kept."""

    def __init__(self, settings: FlowSettings, base: Path, shared: Path):
        """Opens the first model, and trains the text encoders or goes on with that."""
        self.settings, self.shared = settings, shared
        self.base = StableDiffusionPipeline.from_pretrained(
            base, dtype=torch.float32, local_files_only=True
        )
        for module in (self.base.unet, self.base.text_encoder, self.base.vae):
            module.eval().requires_grad_(False)
        length = settings.text.length
        self.tokenizers = Tokenizers(
            shortened(self.base.tokenizer, length), build_t5_tokenizer(length)
        )
        self.encoders = train_text_encoders(
            settings.text, self.tokenizers, shared / "text_encoders.pt"
        )

    def vae(self) -> AutoencoderKL:
        """The first model's; the pipelines of the transformers want its shift to be a number."""
        self.base.vae.register_to_config(shift_factor=0.0)
        return self.base.vae

    @cached_property
    def scenes(self) -> list[Scene]:
        return training_scenes(self.settings.pictures, self.settings.seed)

    @cached_property
    def latents(self) -> Tensor:
        """Of the scenes, made once."""
        path = self.shared / "latents.pt"
        return encoded_scenes(self.base.vae, self.base.tokenizer, self.scenes, path)[0]

    @property
    def texts(self) -> list[str]:
        """The captions of the scenes, and the empty prompt."""
        return [*map(caption, self.scenes), ""]

    @torch.no_grad()
    def lessons(self, read) -> Lessons:
        """With what `read(clip_ids, t5_ids)` makes of the captions: sequence and pooled."""
        sequence, pooled = _in_chunks(read, *self.tokenizers.ids(self.texts))
        return Lessons(self.latents, sequence, pooled, layouts(self.scenes))

    @torch.no_grad()
    def answers(self) -> Answers | None:
        """What the first model answers; None if the settings want none."""
        if not self.settings.answers:
            return None

        def predict(latents, timestep, prompt):
            return self.base.unet(latents, timestep, prompt).sample

        teacher = VelocityTeacher(predict, self.base.scheduler.alphas_cumprod)
        ids = torch.from_numpy(encode(self.base.tokenizer, self.texts))
        (prompts,) = _in_chunks(lambda part: self.base.text_encoder(part)[:1], ids)
        directory = self.shared / "answers"
        return teacher_answers(self.settings, teacher, self.latents, prompts, directory)


def _in_chunks(function, *inputs: Tensor) -> list[Tensor]:
    """The outputs for all inputs, in half precision to save memory."""
    made = [
        [output.half() for output in function(*(part[start : start + CHUNK] for part in inputs))]
        for start in range(0, len(inputs[0]), CHUNK)
    ]
    return [torch.cat(parts) for parts in zip(*made)]
