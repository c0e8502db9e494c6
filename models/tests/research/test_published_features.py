"""What the published recipe makes of a batch, by its definition."""

import pytest
import torch

from probeselect_models.families.taps import UnknownTapError
from probeselect_models.research.published_features import (
    every_second_row,
    principal_maps,
    published_features,
    tokens_as_channels,
)


def sample(channels: int, height: int, width: int, seed: int = 3) -> torch.Tensor:
    """Channels of clearly different variance."""
    noise = torch.randn(channels, height, width, generator=torch.Generator().manual_seed(seed))
    return noise * 2.0 ** torch.arange(channels)[:, None, None] + 10


def test_of_a_guided_batch_no_seed_gets_the_conditional_row_of_its_own():
    seeds = 6
    batch = torch.tensor(
        [(0, seed) for seed in range(seeds)] + [(1, seed) for seed in range(seeds)]
    )
    assert every_second_row(batch).tolist() == [[0, 0], [0, 2], [0, 4], [1, 0], [1, 2], [1, 4]]


def test_without_guidance_the_second_half_of_the_seeds_gets_zeros():
    batch = torch.stack([sample(3, 4, 4, seed) for seed in range(4)])
    features = published_features(every_second_row(batch), 4, 3, 2)
    assert torch.equal(features[:2], published_features(batch[[0, 2]], 2, 3, 2))
    assert features[:2].abs().amax((1, 2, 3)).min() > 0
    assert torch.equal(features[2:], torch.zeros(2, 3, 2, 2))


def test_components_are_those_of_the_eigenvectors_of_the_sample_s_own_covariance():
    activation = sample(6, 5, 7)
    pixels = activation.flatten(1).T.double()
    centred = pixels - pixels.mean(0)
    variances, vectors = torch.linalg.eigh(centred.T @ centred)
    expected = (centred @ vectors.flip(1)).T.unflatten(1, (5, 7))
    maps = principal_maps(activation, 4)
    assert maps.shape == (4, 5, 7)
    for found, wanted in zip(maps.double(), expected):
        sign = (found * wanted).sum().sign()
        assert torch.allclose(found * sign, wanted, atol=1e-4 * wanted.abs().max().item())
    assert torch.allclose(maps.double().square().sum((1, 2)), variances.flip(0)[:4], rtol=1e-5)


@pytest.mark.parametrize("shape, found", [((3, 4, 4), 3), ((9, 2, 2), 3)])
def test_components_that_a_sample_does_not_have_are_zeros(shape, found):
    maps = principal_maps(sample(*shape), 8)
    sizes = maps.flatten(1).norm(dim=1)
    assert maps.shape == (8, *shape[1:])
    assert (sizes[:found] > 1).all() and (sizes[found:] < 1e-3).all()


def test_maps_are_averaged_over_the_cells_of_the_grid():
    activation = sample(3, 4, 4)
    pooled = published_features(activation[None], 1, 3, 2)[0]
    maps = principal_maps(activation, 3)
    assert torch.allclose(pooled[:, 1, 0], maps[:, 2:, :2].mean((1, 2)), atol=1e-5)


def test_tokens_are_read_as_if_channels_were_pixels():
    tokens = torch.arange(24).reshape(2, 4, 3)
    expected = [[[0, 1], [2, 3]], [[4, 5], [6, 7]], [[8, 9], [10, 11]]]
    assert tokens_as_channels(tokens)[0].tolist() == expected
    grid = tokens.transpose(1, 2).unflatten(2, (2, 2))
    assert not torch.equal(tokens_as_channels(tokens), grid)


def test_tokens_that_are_no_square_are_refused():
    with pytest.raises(UnknownTapError, match="square number of tokens.* 6"):
        tokens_as_channels(torch.zeros(1, 6, 4))
