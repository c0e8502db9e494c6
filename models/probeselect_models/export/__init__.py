"""Turns a diffusers pipeline directory into a bundle (docs/bundle-format.md)."""

from probeselect_models.export.exporter import export

__all__ = ["export"]
