"""Where the things are that tests and golden-value generators read and write."""

from pathlib import Path

MODELS = Path(__file__).parents[1]
REPOSITORY = MODELS.parent
CORE_RESOURCES = REPOSITORY / "probeselect-core/src/test/resources"
DJL_RESOURCES = REPOSITORY / "probeselect-djl/src/test/resources"
