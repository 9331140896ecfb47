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


def confusion(y: np.ndarray, y_hat: np.ndarray) -> np.ndarray:
    """How often each class (row) was given each category (column). y, y_hat (m,) ints -> (N, N) ints."""
    N = max(y.max(), y_hat.max()) + 1
    counts = np.zeros((N, N), dtype=int)
    np.add.at(counts, (y, y_hat), 1)
    return counts


def errors_only(counts: np.ndarray) -> np.ndarray:
    """A confusion table (N, N) with zeros for what was right."""
    return counts * (1 - np.eye(len(counts), dtype=int))
