"""Exports diffusers pipelines and published metrics to what ProbeSelect opens.

`export` and `metrics` are the product, with `families` and `files` below them and `commands` in front.
`training` made the small models, `research` recomputes published figures; both are run from a clone of the
repository and are not installed.
"""

__version__ = "0.1.0.dev0"
