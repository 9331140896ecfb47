"""The data of every lab: offline, and the same on every call."""

import numpy as np
from sklearn.datasets import load_breast_cancer, load_iris, make_blobs

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
