"""Sizes of the golden cases are sizes that the model can do."""

import pytest

from golden.modules import sizes


@pytest.mark.parametrize(
    "least, most, step, expected",
    [
        (8, 160, 8, [(32, 32), (32, 56)]),
        (16, 3072, 16, [(64, 64), (64, 112)]),
        (64, 256, 64, [(64, 64), (64, 256)]),
        (256, 1024, 64, [(256, 256), (256, 448)]),
        (100, 200, 64, [(128, 128), (128, 192)]),
    ],
)
def test_one_picture_is_square_and_one_is_not(least, most, step, expected):
    assert sizes({"min": least, "max": most, "multipleOf": step}) == expected
