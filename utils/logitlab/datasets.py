"""The data of every lab: offline, and the same on every call."""

import numpy as np
from sklearn.datasets import make_blobs

BLOB_CENTERS = ((-5.0, 2.0), (-2.0, -2.0), (1.0, 2.0), (5.0, -2.0))


def blobs(m: int = 2000, seed: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Four round clouds of points in the plane, one class each.

    The clouds of the classic softmax lab: standard deviation 1 around `BLOB_CENTERS`.

    Returns X of shape (m, 2), float64, and y of shape (m,), ints in [0, 4).
    """
    X, y = make_blobs(n_samples=m, centers=np.array(BLOB_CENTERS), cluster_std=1.0, random_state=seed)
    return X, y
