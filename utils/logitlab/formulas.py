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


def ulp_error(approx: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """abs(approx - exact) in units in the last place: the gap between float32 numbers at `exact`.

    approx, exact: arrays of one shape, exact in float64 and not 0. Returns that shape, float64, not negative.
    """
    exact = np.asarray(exact, dtype=float)
    return np.abs(np.asarray(approx, dtype=float) - exact) / np.spacing(np.abs(exact).astype(np.float32)).astype(float)


def softmax_error_bound(z: np.ndarray) -> float:
    """N + 2 + 2 (max z - min z): what shifted softmax may lose, first order, in units of the unit roundoff u.

    z (N,). Bounds the relative error of each probability that does not underflow, and so
    max |error| / max p. Blanchard, Higham & Higham, IMA J. Numer. Anal. 41 (2021) 2311-2330, Theorem 4.3.
    """
    z = np.asarray(z, dtype=float)
    return float(len(z) + 2 + 2 * (z.max() - z.min()))


def calibration_bins(p: np.ndarray, y: np.ndarray, n_bins: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of probabilities p (m, N) sorted into bins by their largest entry, the confidence.

    Bin k of n holds the confidences in (k/n, (k+1)/n]. Returns three arrays (n_bins,): how many rows the
    bin holds, their mean confidence, and the share of them whose largest entry is the true class y (m,);
    the last two are nan for an empty bin.
    """
    confidence, right = p.max(axis=1), p.argmax(axis=1) == y
    place = np.clip(np.ceil(confidence * n_bins).astype(int) - 1, 0, n_bins - 1)
    count = np.bincount(place, minlength=n_bins)
    with np.errstate(invalid="ignore"):
        return count, *(np.bincount(place, weights, n_bins) / count for weights in (confidence, right))


def expected_calibration_error(p: np.ndarray, y: np.ndarray, n_bins: int) -> float:
    """Mean over the rows of |share right - mean confidence| of their bin. p (m, N), y (m,).

    Naeini, Cooper, Hauskrecht 2015; Guo, Pleiss, Sun, Weinberger 2017, eq. 3.
    """
    count, confidence, right = calibration_bins(p, y, n_bins)
    return float(np.nansum(count * np.abs(right - confidence)) / len(y))


def best_temperature(z: np.ndarray, y: np.ndarray, low: float = 1e-3, high: float = 1e3) -> float:
    """The T in [low, high] with the least mean cross entropy of softmax(z / T). z (m, N), y (m,).

    The loss is convex in b = 1/T, and its slope is the mean of sum_k p_k z_k - z_y: bisection on log b
    finds the zero of the slope, to rounding.
    """

    def slope(b: float) -> float:
        return ((softmax(b * z) * z).sum(axis=1) - chosen(z, y)).mean()

    a, b = np.log(1 / high), np.log(1 / low)
    for _ in range(60):
        middle = (a + b) / 2
        a, b = (a, middle) if slope(np.exp(middle)) > 0 else (middle, b)
    return float(np.exp(-(a + b) / 2))


def relu_logit_gradient(z: np.ndarray, y: int) -> np.ndarray:
    """Gradient of -log softmax(relu(z))[y] with respect to z. z (N,) -> (N,), float64.

    Chain rule: p_k - 1[k = y], p the softmax of relu(z), where z_k > 0; 0 elsewhere, at 0 too, as TensorFlow has it.
    """
    z = np.asarray(z, dtype=float)
    return np.where(z > 0, softmax(np.maximum(z, 0)) - np.eye(len(z))[y], 0.0)


def clipped_losses(p: np.ndarray, y: np.ndarray, eps: float = 1e-7) -> np.ndarray:
    """The losses, (m,), in nats, that Keras's sparse cross-entropy reads from probabilities p (m, N).

    It first clips every entry to [eps, 1 - eps], then divides each row by its sum. eps is
    keras.config.epsilon(). p may be any numbers: Keras does not ask whether they are probabilities.
    """
    kept = np.clip(p, eps, 1 - eps)
    return -np.log(chosen(kept / kept.sum(axis=1, keepdims=True), y))


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


def confusion(y: np.ndarray, y_hat: np.ndarray) -> np.ndarray:
    """How often each class (row) was given each category (column). y, y_hat (m,) ints -> (N, N) ints."""
    N = max(y.max(), y_hat.max()) + 1
    counts = np.zeros((N, N), dtype=int)
    np.add.at(counts, (y, y_hat), 1)
    return counts


def errors_only(counts: np.ndarray) -> np.ndarray:
    """A confusion table (N, N) with zeros for what was right."""
    return counts * (1 - np.eye(len(counts), dtype=int))
