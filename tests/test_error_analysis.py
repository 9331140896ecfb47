"""The laws lab 08 rests on, for any logits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from logitlab.formulas import softmax, softmax32, softmax_error_bound, ulp_error

rows = st.lists(st.floats(-40, 40, width=32), min_size=2, max_size=40).map(lambda z: np.array(z, dtype=np.float32))


@given(rows)
def test_float32_softmax_stays_within_its_first_order_bound(z):
    exact = softmax(z)
    # NumPy's float32 exp may err by some units where the theory allows one.
    allowed = 2 * softmax_error_bound(z) * 2.0**-24
    assert np.abs(softmax32(z) - exact).max() <= allowed * exact.max()


@given(rows, st.integers(-1000, 1000))
def test_the_bound_ignores_the_order_and_a_common_shift(z, c):
    bound = softmax_error_bound(z)
    assert np.isclose(softmax_error_bound(z[::-1].astype(float) + c), bound)
    assert bound >= len(z) + 2


@given(st.floats(1e-30, 1e30), st.integers(-3, 3), st.sampled_from([-1, 1]))
def test_a_rounded_number_is_half_an_ulp_off_at_most_and_its_neighbours_count_steps(x, steps, sign):
    exact = np.array([sign * x])
    near = exact.astype(np.float32)
    assert ulp_error(near, exact)[0] <= 0.5
    assert np.isclose(ulp_error(near + steps * np.spacing(near), near.astype(float))[0], abs(steps))
