"""Muon's updates are orthogonal, and as large as those of AdamW."""

import torch

from probeselect_models.training.flow.muon import UPDATE_RMS, Muon, orthogonal


def test_singular_values_become_about_one_for_wide_and_tall_matrices():
    generator = torch.Generator().manual_seed(0)
    for shape in ((3, 16, 40), (3, 40, 16), (3, 16, 16)):
        values = torch.linalg.svdvals(orthogonal(torch.randn(shape, generator=generator)))
        assert values.max() < 1.3
        assert values.median() > 0.6


def test_singular_vectors_stay():
    generator = torch.Generator().manual_seed(1)
    matrix = torch.randn(1, 8, 24, generator=generator)
    u, _, v = torch.linalg.svd(matrix[0], full_matrices=False)
    inner = u.mT @ orthogonal(matrix)[0] @ v.mT
    torch.testing.assert_close(inner, torch.diag(inner.diag()), atol=1e-3, rtol=0)


def test_a_step_moves_weights_by_the_rate_like_adamw():
    generator = torch.Generator().manual_seed(2)
    weight = torch.nn.Parameter(torch.zeros(32, 128))
    optimizer = Muon([weight], weight_decay=0.0)
    optimizer.param_groups[0]["lr"] = 0.01
    weight.grad = torch.randn(32, 128, generator=generator)
    optimizer.step()
    moved = weight.detach().square().mean().sqrt().item()
    assert 0.7 < moved / (0.01 * UPDATE_RMS) < 1.3


def test_it_finds_the_least_squares_solution():
    generator = torch.Generator().manual_seed(3)
    inputs, wanted = torch.randn(64, 8, generator=generator), torch.randn(8, 8, generator=generator)
    weight = torch.nn.Parameter(torch.zeros(8, 8))
    optimizer = Muon([weight], weight_decay=0.0)
    for step in range(300):
        optimizer.param_groups[0]["lr"] = 0.2 * (1 - step / 300)
        weight.grad = inputs.mT @ (inputs @ (weight.detach() - wanted)) / 64
        optimizer.step()
    assert (weight.detach() - wanted).abs().max() < 0.05


def test_its_state_survives_saving():
    weight = torch.nn.Parameter(torch.ones(4, 4))
    optimizer = Muon([weight])
    weight.grad = torch.eye(4)
    optimizer.step()
    other = Muon([torch.nn.Parameter(torch.ones(4, 4))])
    other.load_state_dict(optimizer.state_dict())
    (kept,) = other.state.values()
    torch.testing.assert_close(kept["momentum"], optimizer.state[weight]["momentum"])
