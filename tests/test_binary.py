"""Laws of lab 06: sigmoid and logit undo each other, and two classes are softmax with a zero beside the logit."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from logitlab.datasets import breast_cancer
from logitlab.formulas import binary_losses, logit, logit_losses, sigmoid, softmax
from sklearn.datasets import load_breast_cancer

logits = st.floats(-700, 700)


@given(logits)
def test_sigmoid_is_the_softmax_of_two_classes_one_of_them_at_zero(z):
    assert np.isclose(sigmoid(z), softmax(np.array([0.0, z]))[1], rtol=1e-12, atol=0)


@given(st.floats(-700, 30))
def test_logit_undoes_sigmoid(z):
    assert np.isclose(logit(sigmoid(z)), z, rtol=1e-12, atol=1e-2 if z > 10 else 1e-9)


@given(st.floats(1e-9, 1 - 1e-9), logits)
def test_a_threshold_on_the_probability_is_one_on_the_logit(t, z):
    if abs(z - logit(t)) > 1e-6 and abs(z) < 30:
        assert (sigmoid(z) >= t) == (z >= logit(t))


@given(logits, st.integers(0, 1))
def test_the_binary_loss_is_the_loss_of_two_classes(z, y):
    two = logit_losses(np.array([[0.0, z]]), np.array([y]))[0]
    assert np.isclose(binary_losses(np.array([z]), np.array([y]))[0], two, rtol=1e-12, atol=1e-15)


def test_class_1_is_malignant_and_columns_are_standardised():
    X, y, names = breast_cancer()
    tumours = load_breast_cancer()
    assert X.shape == (569, 30)
    assert np.allclose(X.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(X.std(axis=0), 1)
    assert [names[k] for k in y] == [tumours.target_names[k] for k in tumours.target]
    assert y.sum() == 212
