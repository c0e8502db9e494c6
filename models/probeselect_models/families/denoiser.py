"""The denoiser as a bundle has it: a prediction, and on request the compressed taps beside it."""

from __future__ import annotations

from abc import abstractmethod

from torch import Tensor, nn

from probeselect_models.families.precision import widened
from probeselect_models.families.taps import Compression, UnknownTapError, find_taps, listening


class Denoiser(nn.Module):
    """A network with a second entry point, `capture`, that also gives the compressed taps."""

    _jit_override_qualname = "__torch__.probeselect_models.families.Denoiser"
    """In the archive, where it counts: its checksum tells probes which denoiser they were made for."""

    def __init__(self, network: nn.Module, taps: list[str]):
        super().__init__()
        self.denoiser = network
        self.compressions = nn.ModuleList()
        self._names = list(taps)
        self._tapped = find_taps(network, taps)  # in a list: not registered a second time

    def compress_with(self, compressions: list[Compression]) -> None:
        self.compressions = nn.ModuleList(compressions)

    @abstractmethod
    def map_of(self, name: str, output, latents: Tensor) -> Tensor | None:
        """What the tapped module put out as a map [B, c, h, w]; None if it is no map of the image."""

    def observe(self, *inputs: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The prediction, and the map [B, c, h, w] of each tap, in FP32, not yet compressed."""
        with listening(self._tapped) as heard:
            prediction = self.forward(*inputs)
        maps = []
        for name, output in zip(self._names, heard):
            found = self.map_of(name, output, inputs[0])
            if found is None:
                raise UnknownTapError(
                    f"tap {name} is not an image-shaped activation [B, C, h, w] or [B, tokens, C] but "
                    + _shapes(output)
                )
            maps.append(widened(found))
        return prediction, maps

    def captured(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        prediction, maps = self.observe(*inputs)
        return prediction, *(compress(each) for compress, each in zip(self.compressions, maps))


def _shapes(output) -> str:
    if isinstance(output, Tensor):
        return f"has shape {list(output.shape)}"
    if isinstance(output, (tuple, list)):
        return "gives " + ", ".join(_shapes(part).removeprefix("has ") for part in output)
    return f"gives a {type(output).__name__}"
