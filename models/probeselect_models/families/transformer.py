"""What the families with a transformer have in common: image and text tokens, and a pooled prompt."""

from __future__ import annotations

from torch import Tensor

from probeselect_models.families.denoiser import Denoiser
from probeselect_models.families.family import Family
from probeselect_models.families.refusals import refuse_unless
from probeselect_models.families.taps import find_taps
from probeselect_models.families.tokens import refuse_text_stream


class TransformerFamily(Family):
    """A flow whose denoiser reads states of the prompt and one pooled embedding."""

    network = "transformer"
    timestep_type = "float32"
    follows_flow = True

    def check_taps(self, names: list[str]) -> None:
        refuse_text_stream(names)
        find_taps(self._skeleton, names)

    def _expect_width(self, option: str, what: str, given: str, *, fits: bool) -> None:
        """Refuses embeddings that do not fit the width in this option of the transformer."""
        refuse_unless(
            fits,
            f"transformer/config.json: the transformer expects {what} of width "
            f"{self._skeleton.config[option]} ({option}), {given}",
        )


class TransformerDenoiser(Denoiser):
    """A transformer on image tokens, conditioned on the prompt's states and a pooled embedding."""

    def capture(
        self,
        latents: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        pooled_projections: Tensor,
    ) -> tuple[Tensor, ...]:
        return self.captured(latents, timestep, encoder_hidden_states, pooled_projections)
