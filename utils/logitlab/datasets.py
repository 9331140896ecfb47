"""The data of every lab: offline, and the same on every call."""

import numpy as np
from sklearn.datasets import load_digits, load_iris, make_blobs

BLOB_CENTERS = ((-5.0, 2.0), (-2.0, -2.0), (1.0, 2.0), (5.0, -2.0))


def blobs(m: int = 2000, seed: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Four round clouds of points in the plane, one class each.

    The clouds of the classic softmax lab: standard deviation 1 around `BLOB_CENTERS`.

    Returns X of shape (m, 2), float64, and y of shape (m,), ints in [0, 4).
    """
    X, y = make_blobs(n_samples=m, centers=np.array(BLOB_CENTERS), cluster_std=1.0, random_state=seed)
    return X, y


def iris() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Fisher's 150 iris flowers: four lengths, three species.

    scikit-learn's bundled copy, each column shifted to mean 0 and scaled to standard deviation 1.
    Returns X (150, 4) float64, y (150,) ints in [0, 3), and the names of the species.
    """
    flowers = load_iris()
    X = (flowers.data - flowers.data.mean(axis=0)) / flowers.data.std(axis=0)
    return X, flowers.target, flowers.target_names.tolist()


def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Handwritten digits, 8 x 8 pixels each, in two parts that never change: 1347 to train, 450 to test.

    scikit-learn's bundled copy of 1797 digits, written by 13 people (E. Alpaydin and C. Kaynak, UCI
    Machine Learning Repository, 1998). The split is random, so the same people wrote both parts.

    Returns X_train (1347, 64), X_test (450, 64), float64, pixels from 0 (paper) to 1 (ink), one row of the
    picture after the other; y_train (1347,), y_test (450,), ints in [0, 10).
    """
    X, y = load_digits(return_X_y=True)
    X = X / 16
    # NumPy promises that this generator, unlike default_rng, never changes its stream.
    test, train = np.split(np.random.RandomState(0).permutation(len(y)), [450])
    return X[train], X[test], y[train], y[test]
