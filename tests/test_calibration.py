"""The laws that lab 07 rests on: its made-up patients, temperature, calibration error, least cost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from logitlab.datasets import disease_probabilities, diseases
from logitlab.formulas import best_temperature, calibration_bins, expected_calibration_error, logit_losses, softmax

seeds = st.integers(0, 2**32 - 1)


def logits(seed, m=40, n=4):
    rng = np.random.default_rng(seed)
    return 3 * rng.normal(size=(m, n)), rng.integers(0, n, size=m)


def test_the_exact_probabilities_of_the_patients_are_calibrated_for_every_class():
    X, y = diseases(50_000, seed=0)
    p = disease_probabilities(X)
    assert np.allclose(p.sum(axis=1), 1)
    for k in range(4):
        for low in np.arange(0, 1, 0.1):
            inside = (p[:, k] > low) & (p[:, k] <= low + 0.1)
            # Five standard errors of a share.
            assert not inside.any() or abs((y[inside] == k).mean() - p[inside, k].mean()) < 2.5 / np.sqrt(inside.sum())


def test_the_same_seed_gives_the_same_patients():
    assert all(np.array_equal(a, b) for a, b in zip(diseases(9, 1), diseases(9, 1), strict=True))
    assert not np.array_equal(diseases(9, 1)[0], diseases(9, 2)[0])


@given(seeds, st.floats(0.1, 10))
def test_a_temperature_keeps_the_order_and_a_higher_one_is_flatter(seed, T):
    z, _ = logits(seed)
    assert np.array_equal(softmax(z / T).argsort(axis=1), z.argsort(axis=1))
    assert (softmax(z / (1.1 * T)).max(axis=1) <= softmax(z / T).max(axis=1)).all()


@given(seeds, st.floats(0.5, 2))
def test_the_best_temperature_follows_the_size_of_the_logits_and_no_other_is_better(seed, scale):
    z, y = logits(seed)
    y = np.where(np.arange(len(y)) % 2, z.argmax(axis=1), y)  # half of them right, so that there is a best one
    T = best_temperature(z, y)
    assert np.isclose(best_temperature(scale * z, y), scale * T)
    assert logit_losses(z / T, y).mean() <= min(logit_losses(z / t, y).mean() for t in (0.99 * T, 1.01 * T))


def test_the_best_temperature_of_one_margin_is_known():
    assert np.isclose(best_temperature(np.array([[4.0, 0.0]] * 4), np.array([0, 0, 0, 1])), 4 / np.log(3))


@given(seeds, st.integers(1, 30))
def test_bins_hold_every_row_once_and_the_error_is_no_larger_than_that_of_single_rows(seed, n_bins):
    z, y = logits(seed)
    p = softmax(z)
    assert calibration_bins(p, y, n_bins)[0].sum() == len(y)
    single = np.abs((p.argmax(axis=1) == y) - p.max(axis=1)).mean()
    assert 0 <= expected_calibration_error(p, y, n_bins) <= single + 1e-12


@pytest.mark.parametrize(("confidence", "place"), [(0.4, 1), (0.5, 1), (0.51, 2), (0.75, 2), (1.0, 3)])
def test_an_edge_belongs_to_the_bin_below_it(confidence, place):
    rest = (1 - confidence) / 2
    assert calibration_bins(np.array([[confidence, rest, rest]]), np.array([0]), 4)[0].argmax() == place
