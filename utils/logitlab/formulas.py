"""The formulas of the course, in float64, plain and short: what checks compare with and pictures draw."""

import numpy as np


def softmax(z: np.ndarray) -> np.ndarray:
    """p_k = exp(z_k - m) / sum_j exp(z_j - m) with m = max_j z_j, along the last axis, float64."""
    z = np.asarray(z, dtype=float)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax32(z: np.ndarray) -> np.ndarray:
    """softmax(z), shifted, but computed in float32 throughout. z (..., N) -> (..., N) float32."""
    z = np.asarray(z, dtype=np.float32)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def chosen(a: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The entry a[i, y[i]] of each row. a (m, N), y (m,) ints -> (m,)."""
    return a[np.arange(len(y)), y]


def mean_cross_entropy(p: np.ndarray, y: np.ndarray) -> float:
    """Mean of -log p[i, y[i]] over the rows of probabilities p, (m, N), in nats."""
    return -np.log(chosen(p, y)).mean()


def logit_losses(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """-log softmax(z)[i, y[i]] for each row of logits z, (m, N) -> (m,), in nats.

    log sum_k exp(z_k - m) - (z_y - m), m the row maximum: exact to rounding at any size of z.
    """
    shifted = z - z.max(axis=-1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=-1)) - chosen(shifted, y)


def sigmoid(z: np.ndarray) -> np.ndarray:
    """p = 1 / (1 + exp(-z)) for each entry, float64: exact to rounding in both tails, and never inf on the way."""
    z = np.asarray(z, dtype=float)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def logit(p: np.ndarray) -> np.ndarray:
    """The logarithm of the odds, log(p / (1 - p)), for each entry in (0, 1): the inverse of sigmoid."""
    p = np.asarray(p, dtype=float)
    return np.log(p) - np.log1p(-p)


def binary_losses(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """-log of the probability of the true class, for logits z (m,) of class 1 and labels y (m,) 0 or 1, in nats.

    max(z, 0) - z y + log(1 + exp(-abs(z))): exact to rounding, however large or small the loss is.
    """
    return np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))
