"""The laws behind lab 03: linear layers are one, a ReLU erases gradients, and the rings do not touch."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from logitlab.checks import classifier
from logitlab.checks.relu import collapse, dead_classes
from logitlab.datasets import rings
from logitlab.formulas import logit_losses, relu_logit_gradient

logits = st.lists(st.floats(-20, 20).filter(lambda z: abs(z) > 1e-3), min_size=2, max_size=6).map(np.array)


@given(logits, st.data())
def test_the_gradient_behind_a_relu_is_the_slope_of_the_loss(z, data):
    y = data.draw(st.integers(0, len(z) - 1))
    steps = 1e-5 * np.eye(len(z))

    def losses(rows):
        return logit_losses(np.maximum(rows, 0), np.full(len(rows), y))

    slope = (losses(z + steps) - losses(z - steps)) / 2e-5
    assert np.allclose(relu_logit_gradient(z, y), slope, atol=1e-6)
    assert not relu_logit_gradient(z, y)[z < 0].any()


@given(st.integers(0, 2**31), st.lists(st.integers(1, 5), min_size=2, max_size=5))
def test_one_layer_does_what_many_linear_layers_do(seed, sizes):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=pair) for pair in zip(sizes[:-1], sizes[1:], strict=True)]
    biases = [rng.normal(size=n) for n in sizes[1:]]
    X = a = rng.normal(size=(7, sizes[0]))
    for W, b in zip(weights, biases, strict=True):
        a = a @ W + b
    W, b = collapse.reference(weights, biases)
    assert np.allclose(X @ W + b, a)


@given(st.integers(0, 2**31), st.integers(1, 6), st.integers(1, 6))
def test_a_class_is_either_chosen_or_dead(seed, m, n):
    z = np.random.default_rng(seed).integers(0, 3, size=(m, n)).astype(float)
    dead = dead_classes.reference(z)
    assert sorted([*dead, *set(z.argmax(axis=1))]) == list(range(n))


def test_the_rings_are_of_equal_size_and_do_not_touch():
    X, y = rings(600, seed=3)
    distance = np.linalg.norm(X, axis=1)
    assert np.bincount(y).tolist() == [200, 200, 200]
    assert all(np.ptp(distance[y == k]) < 0.6 for k in range(3))
    assert np.array_equal(np.round(distance - 1), y)
    assert np.array_equal(rings(600, seed=3)[0], X)


def test_a_linear_layer_whose_largest_score_lies_just_below_one_is_not_taken_for_a_bounded_one():
    scores = np.linspace(-0.95, 0.95, 300).reshape(100, 3)
    assert classifier._output_kind({"fresh": scores / 20, "far": scores}) == "linear"
    assert classifier._output_kind({"fresh": scores / 20, "far": np.tanh(9 * scores)}) == "bounded"
