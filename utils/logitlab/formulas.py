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


def clipped_losses(p: np.ndarray, y: np.ndarray, eps: float = 1e-7) -> np.ndarray:
    """The losses, (m,), in nats, that Keras's sparse cross-entropy reads from probabilities p (m, N).

    It first clips every entry to [eps, 1 - eps], then divides each row by its sum. eps is
    keras.config.epsilon(). p may be any numbers: Keras does not ask whether they are probabilities.
    """
    kept = np.clip(p, eps, 1 - eps)
    return -np.log(chosen(kept / kept.sum(axis=1, keepdims=True), y))
