"""The laws behind lab 04: what its checks take for right, proved another way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from logitlab.checks import stability as check
from logitlab.plots.stability import FORMULAS

loss = check.cross_entropy_from_logits.reference
batches = st.integers(0, 2**31).map(lambda seed: check._labelled(np.random.default_rng(seed), 5, 4, scale=20.0))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_overflow_point_is_the_last_number_with_a_finite_exponential(dtype):
    x = np.dtype(dtype).type(check.overflow_point.reference(dtype))
    with np.errstate(over="ignore"):
        assert np.isfinite(np.exp(x))
        assert np.isinf(np.exp(np.nextafter(x, x.dtype.type(np.inf))))


@given(batches)
def test_log_sum_exp_lies_between_the_maximum_and_log_n_above_it(batch):
    z, _ = batch
    values = check.logsumexp.reference(z)
    assert np.allclose(values, np.logaddexp.reduce(z, axis=1))
    assert (values >= z.max(axis=1)).all()
    assert (values <= z.max(axis=1) + np.log(4) + 1e-12).all()


@given(batches, st.integers(-(10**6), 10**6))
def test_the_loss_ignores_a_common_shift_and_has_no_cap(batch, c):
    z, y = batch
    assert np.isclose(loss(z + c, y), loss(z, y), rtol=0, atol=1e-8)
    assert np.isclose(loss(np.array([[1000.0, 0.0]]), np.array([1])), 1000)


@given(batches)
def test_the_gradient_is_that_of_central_differences_and_its_rows_sum_to_0(batch):
    z, y = batch
    gradient = check.cross_entropy_grad.reference(z, y)
    assert np.allclose(gradient.sum(axis=1), 0)
    for place in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[place] = 1e-4
        assert np.isclose((loss(z + step, y) - loss(z - step, y)) / 2e-4, gradient[place], atol=1e-7)


def test_from_logits_stays_on_the_exact_line_and_a_clip_does_not():
    d = np.linspace(-30, 200, 461)
    exact = np.logaddexp(0, d)
    values, pull = FORMULAS["from logits"][0](d)
    assert np.allclose(values, exact, rtol=2e-7, atol=2e-7)
    assert np.allclose(pull, np.exp(d - exact), atol=2e-7)
    values, pull = FORMULAS["clipped"][0](d)
    assert np.allclose(values, np.clip(exact, 0, -np.log(1e-7)), atol=2e-6)
    assert (pull[d > 16.2] == 0).all()
    assert not np.isfinite(FORMULAS["by hand"][0](d[d > 89])).any()
