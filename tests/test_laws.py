"""The author's answers obey the laws of what they compute, whatever the numbers."""

import functools

import numpy as np
import pytest
from answers import MODULES
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from mutation import solutions

SIZE = 40.0
H = 1e-5


@functools.cache
def lab(name):
    return solutions(name)[0]


@pytest.fixture(scope="module", autouse=True)
def _imported():
    """The first answer waits for TensorFlow; a law should not be timed with it."""
    for name in MODULES:
        lab(name)


def matrices(rows=(1, 4), columns=(2, 6)):
    shapes = st.tuples(st.integers(*rows), st.integers(*columns))
    return shapes.flatmap(lambda shape: arrays(float, shape, elements=st.floats(-SIZE, SIZE)))


def vectors(least=2, most=6):
    shape = array_shapes(min_dims=1, max_dims=1, min_side=least, max_side=most)
    return shape.flatmap(lambda s: arrays(float, s, elements=st.floats(-SIZE, SIZE)))


@st.composite
def labelled(draw):
    z = draw(matrices())
    return z, np.array(draw(st.lists(st.integers(0, z.shape[1] - 1), min_size=len(z), max_size=len(z))))


def central(f, z):
    """The gradient of f at z by central differences."""
    steps = H * np.eye(z.size).reshape(z.size, *z.shape)
    return np.array([(f(z + step) - f(z - step)) / (2 * H) for step in steps]).reshape(z.shape)


def entropy(p):
    return -(p * np.log(np.maximum(p, 1e-300))).sum(axis=1)


@given(matrices(), st.floats(-1000, 1000))
def test_softmax_sums_to_one_ignores_a_shift_and_keeps_the_order(z, c):
    softmax = lab("01_softmax")["my_softmax"]
    p = softmax(z)
    assert np.allclose(p.sum(axis=-1), 1)
    assert np.allclose(softmax(z + c), p, atol=1e-9)
    assert (np.diff(np.take_along_axis(p, z.argsort(axis=1), axis=1), axis=1) >= 0).all()


@given(labelled())
def test_cross_entropy_is_not_negative_and_log_n_where_nothing_is_known(case):
    z, y = case
    answers = lab("01_softmax")
    assert answers["cross_entropy"](answers["my_softmax"](z), y) >= 0
    assert np.isclose(answers["cross_entropy"](np.full(z.shape, 1 / z.shape[1]), y), np.log(z.shape[1]))


@given(vectors(3))
def test_log_odds_are_antisymmetric_and_add_up(z):
    log_odds = lab("02_argmax")["log_odds"]
    assert log_odds(z, 0, 1) == -log_odds(z, 1, 0)
    assert np.isclose(log_odds(z, 0, 1) + log_odds(z, 1, 2), log_odds(z, 0, 2))


@given(matrices(), st.data())
def test_the_best_k_begin_with_the_best_j(z, data):
    top_k = lab("02_argmax")["top_k"]
    j = data.draw(st.integers(1, z.shape[1]))
    assert np.array_equal(top_k(z, z.shape[1])[:, :j], top_k(z, j))
    assert np.array_equal(top_k(z, 1)[:, 0], z.argmax(axis=1))


@given(vectors(3, 3), st.integers(0, 2**31))
def test_collapsed_layers_give_what_the_layers_give(x, seed):
    rng = np.random.default_rng(seed)
    sizes = [3, *rng.integers(1, 5, size=3)]
    weights = [rng.normal(size=pair) for pair in zip(sizes[:-1], sizes[1:], strict=True)]
    biases = [rng.normal(size=n) for n in sizes[1:]]
    W, b = lab("03_relu")["collapse"](weights, biases)
    layer = x
    for weight, bias in zip(weights, biases, strict=True):
        layer = layer @ weight + bias
    assert np.allclose(x @ W + b, layer)


@given(vectors(), st.data())
def test_the_gradient_behind_a_relu_is_that_of_central_differences(z, data):
    z = np.where(np.abs(z) < 2 * H, 1.0, z)  # no kink within a step
    y = data.draw(st.integers(0, len(z) - 1))

    def loss(z):
        a = np.maximum(z, 0)
        return a.max() + np.log(np.exp(a - a.max()).sum()) - a[y]

    assert np.allclose(lab("03_relu")["relu_logit_grad"](z, y), central(loss, z), atol=1e-5)


@given(matrices())
def test_a_class_is_either_dead_or_chosen(z):
    dead = list(lab("03_relu")["dead_classes"](z))
    assert sorted({*dead, *z.argmax(axis=1).tolist()}) == list(range(z.shape[1]))
    assert not {*dead} & {*z.argmax(axis=1).tolist()}


@given(matrices())
def test_logsumexp_lies_between_the_maximum_and_log_n_above_it(z):
    log_sum, top = lab("04_stability")["logsumexp"](z), z.max(axis=1)
    assert (log_sum >= top).all()
    assert (log_sum <= top + np.log(z.shape[1]) + 1e-12).all()


@given(labelled(), st.integers(-(2**20), 2**20))
def test_the_loss_from_logits_ignores_a_shift_and_its_gradient_is_that_of_central_differences(case, c):
    z, y = case
    z = np.round(z, 3)
    answers = lab("04_stability")
    loss, grad = answers["cross_entropy_from_logits"], answers["cross_entropy_grad"]
    assert np.isclose(loss(z + c, y), loss(z, y), atol=1e-8)
    assert np.allclose(grad(z, y), central(lambda z: loss(z, y), z), atol=1e-5)
    assert np.allclose(grad(z, y).sum(axis=1), 0)


@given(labelled(), st.sampled_from([1e-7, 1e-3, 0.1]))
def test_a_capped_loss_lies_between_its_ends(case, eps):
    z, y = case
    p = lab("01_softmax")["my_softmax"](z)
    loss = lab("04_stability")["capped_loss"](p, y, eps)
    assert -np.log(1 - eps) - 1e-12 <= loss <= -np.log(eps) + 1e-12


@given(st.lists(st.integers(0, 3), min_size=2, max_size=9).map(np.array))
def test_labels_come_back_from_every_form(y):
    to_labels = lab("05_keras")["to_labels"]
    for form in (y, y.astype(float), np.eye(4)[y], np.eye(4, dtype=int)[y]):
        assert np.array_equal(to_labels(form), y)


@given(vectors())
def test_sigmoid_mirrors_and_is_the_softmax_of_a_pair(z):
    answers = lab("06_binary")
    sigmoid = answers["sigmoid"]
    assert np.allclose(sigmoid(z) + sigmoid(-z), 1)
    pair = np.stack([z[::-1], z], axis=1)
    p = lab("01_softmax")["my_softmax"](pair)
    assert np.allclose(sigmoid(answers["binary_from_pair"](pair)), p[:, 1])


@given(st.floats(0.001, 0.999))
def test_a_threshold_on_the_logit_is_the_same_threshold_on_the_probability(t):
    answers = lab("06_binary")
    assert np.isclose(answers["sigmoid"](np.array([answers["logit_threshold"](t)]))[0], t)
    z = np.linspace(-8, 8, 33) + 1e-3
    assert np.array_equal(answers["decide"](z, t), answers["sigmoid"](z) >= t)


@given(vectors(), st.data())
def test_the_binary_loss_is_the_loss_of_a_pair(z, data):
    y = np.array(data.draw(st.lists(st.integers(0, 1), min_size=len(z), max_size=len(z))))
    pair = np.stack([np.zeros(len(z)), z], axis=1)
    loss = lab("04_stability")["cross_entropy_from_logits"](pair, y)
    assert np.isclose(lab("06_binary")["bce_from_logits"](z, y), loss)


@given(matrices(), st.floats(0.2, 5), st.floats(1.01, 4))
def test_heat_raises_the_entropy_and_moves_no_category(z, T, hotter):
    softmax_at = lab("07_calibration")["temperature_softmax"]
    p, q = softmax_at(z, T), softmax_at(z, T * hotter)
    assert (entropy(q) >= entropy(p) - 1e-9).all()
    assert np.allclose(softmax_at(z, 1), lab("01_softmax")["my_softmax"](z))
    assert (np.take_along_axis(q, z.argmax(axis=1)[:, None], axis=1)[:, 0] >= q.max(axis=1) - 1e-12).all()


@given(st.integers(0, 2**31), st.floats(0.5, 3))
def test_the_fitted_temperature_grows_with_the_logits(seed, factor):
    rng = np.random.default_rng(seed)
    z = 2 * rng.normal(size=(300, 4))
    p = lab("01_softmax")["my_softmax"](z / 1.5)
    y = (p.cumsum(axis=1) > rng.random((300, 1))).argmax(axis=1)
    fit = lab("07_calibration")["fit_temperature"]
    assert np.isclose(fit(factor * z, y), factor * fit(z, y), rtol=0.02)


@given(labelled())
def test_with_equal_costs_the_cheapest_decision_is_the_most_probable_class(case):
    p = lab("01_softmax")["my_softmax"](np.round(case[0]))
    cost = 1.0 - np.eye(p.shape[1])
    decided = lab("07_calibration")["min_cost_decision"](p, cost)
    assert np.allclose(p[np.arange(len(p)), decided], p.max(axis=1))


@given(labelled(), st.integers(1, 20))
def test_a_calibration_error_lies_between_0_and_1(case, n_bins):
    z, y = case
    error = lab("07_calibration")["expected_calibration_error"](lab("01_softmax")["my_softmax"](z), y, n_bins)
    assert 0 <= error <= 1


@given(vectors(), st.integers(-100, 100))
def test_the_error_bound_ignores_a_shift_and_grows_with_the_spread(z, c):
    bound = lab("08_error_analysis")["softmax_error_bound"]
    z = np.round(z)
    assert np.isclose(bound(z + c), bound(z))
    assert bound(2 * z) >= bound(z)
    assert bound(z) >= len(z)


@given(arrays(np.float32, 5, elements=st.floats(2**-30, 0.75, width=32)))
def test_goldbergs_logarithm_is_good_to_a_few_steps(x):
    got = lab("08_error_analysis")["log1p_goldberg"](x)
    exact = np.log1p(x.astype(float))
    assert (np.abs(got - exact) <= 5 * np.spacing(exact.astype(np.float32))).all()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_no_confusion_is_more_frequent_than_the_one_named(pairs):
    wrong = [pair for pair in pairs if pair[0] != pair[1]]
    if not wrong:
        return
    y, said = np.array(pairs).T
    named = tuple(int(k) for k in lab("09_digits")["most_confused"](y, said))
    assert wrong.count(named) == max(map(wrong.count, wrong))
