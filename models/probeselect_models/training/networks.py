"""Networks that are trained and saved together."""

import copy
from dataclasses import fields

import torch


class Networks:
    """Base of a dataclass whose fields are all modules."""

    def modules(self) -> dict[str, torch.nn.Module]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def parameters(self) -> list[torch.nn.Parameter]:
        return [p for module in self.modules().values() for p in module.parameters()]

    def state_dict(self) -> dict[str, dict]:
        return {name: module.state_dict() for name, module in self.modules().items()}

    def load_state_dict(self, state: dict[str, dict]) -> None:
        for name, module in self.modules().items():
            module.load_state_dict(state[name])

    def frozen(self):
        """Itself, no longer to be trained, its weights rounded to what half precision can hold."""
        for module in self.modules().values():
            module.half().float().eval().requires_grad_(False)
        return self


def rounded(module: torch.nn.Module) -> torch.nn.Module:
    """A copy in half precision; loading it in single precision is exact."""
    return copy.deepcopy(module).half()
