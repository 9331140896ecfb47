"""The data of every lab: offline, and the same on every call."""

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, make_blobs

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


DISEASE_SHARES = (0.4, 0.3, 0.2, 0.1)
DISEASE_CENTERS = ((0.0, 2.0), (-1.75, -1.0), (1.75, -1.0), (0.0, 0.0))


def diseases(m: int = 400, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Made-up patients with one disease among four and two measurements each.

    Class k has the share `DISEASE_SHARES[k]` of the patients; its measurements are normal around
    `DISEASE_CENTERS[k]` with standard deviation 1, so the classes overlap. Class 3, rare and between the
    others, is the dangerous one.

    Returns X of shape (m, 2), float64, and y of shape (m,), ints in [0, 4).
    """
    rng = np.random.default_rng(seed)
    y = rng.choice(4, size=m, p=DISEASE_SHARES)
    return np.array(DISEASE_CENTERS)[y] + rng.normal(size=(m, 2)), y


def disease_probabilities(X: np.ndarray) -> np.ndarray:
    """The exact probabilities of the four diseases for patients of `diseases`. X (m, 2) -> (m, 4).

    Bayes' rule: p_k is proportional to share_k * exp(-|x - center_k|^2 / 2).
    """
    squares = ((np.asarray(X)[:, None] - np.array(DISEASE_CENTERS)) ** 2).sum(axis=2)
    joint = np.array(DISEASE_SHARES) * np.exp(-(squares - squares.min(axis=1, keepdims=True)) / 2)
    return joint / joint.sum(axis=1, keepdims=True)


def rings(m: int = 600, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three rings of points around the origin, one class each.

    Class k lies between the distances k + 0.7 and k + 1.3, so the rings do not touch, and each has
    as many points as the others, give or take one.

    Returns X of shape (m, 2), float64, and y of shape (m,), ints in [0, 3).
    """
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(m) % 3)
    distance = y + rng.uniform(0.7, 1.3, size=m)
    angle = rng.uniform(0, 2 * np.pi, size=m)
    return np.column_stack([distance * np.cos(angle), distance * np.sin(angle)]), y


def breast_cancer() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """569 breast tumours: 30 measurements of the cell nuclei in an image of each, and what the tumour was.

    scikit-learn's bundled copy of the Wisconsin diagnostic data set, each column shifted to mean 0 and
    scaled to standard deviation 1. Class 1 is malignant and class 0 benign, the reverse of scikit-learn's
    labels: class 1 is the one that is looked for.
    Returns X (569, 30) float64, y (569,) ints 0 or 1, and the names of the classes.
    """
    tumours = load_breast_cancer()
    X = (tumours.data - tumours.data.mean(axis=0)) / tumours.data.std(axis=0)
    return X, 1 - tumours.target, tumours.target_names.tolist()[::-1]


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
