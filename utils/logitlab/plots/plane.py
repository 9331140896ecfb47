"""Pictures of points in the plane and of what a model says about every place in it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patheffects import withStroke
from scipy.ndimage import distance_transform_edt

from logitlab.plots.style import COLORS, MARKERS, panels

STEPS = 100
_NUMBER = {"fontsize": 14, "fontweight": "bold", "path_effects": [withStroke(linewidth=3, foreground="white")]}


def scatter(X: np.ndarray, y: np.ndarray, ax: Axes | None = None, most: int = 600) -> Axes:
    """Points X (m, 2) with the colour and marker of their class y (m,); the first `most` of them."""
    ax = panels(ax, width=5.0, height=3.6)[0]
    for k in range(int(y.max()) + 1):
        mine = X[:most][y[:most] == k]
        ax.scatter(
            *mine.T,
            s=14,
            color=COLORS[k],
            marker=MARKERS[k],
            edgecolor="white",
            linewidth=0.3,
            label=f"class {k}",
        )
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), handletextpad=0.1)
    return ax


def grid(X: np.ndarray, margin: float = 0.08) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """A grid over the region of the points X (m, 2): (STEPS^2, 2) points and the region's edges."""
    low, high = X.min(axis=0), X.max(axis=0)
    low, high = low - margin * (high - low), high + margin * (high - low)
    x1, x2 = np.meshgrid(np.linspace(low[0], high[0], STEPS), np.linspace(low[1], high[1], STEPS))
    return np.column_stack([x1.ravel(), x2.ravel()]), (low[0], high[0], low[1], high[1])


def decision_map(
    category: Callable[[np.ndarray], np.ndarray], X: np.ndarray, y: np.ndarray, ax: Axes | None = None, title: str = ""
) -> Axes:
    """The class that `category`, (m, 2) -> (m,) int, gives to every place, under the points.

    Each region has its colour, and its class's number where it is widest.
    """
    ax = panels(ax, width=5.0, height=3.6)[0]
    points, edges = grid(X)
    classes = category(points).reshape(STEPS, STEPS)
    n = int(max(y.max(), classes.max())) + 1
    ax.imshow(
        classes,
        origin="lower",
        extent=edges,
        aspect="auto",
        cmap=ListedColormap(COLORS[:n]),
        vmin=-0.5,
        vmax=n - 0.5,
        alpha=0.3,
        interpolation="nearest",
    )
    scatter(X, y, ax, most=300)
    for k in np.unique(classes):
        ax.text(*_middle(classes == k, points), k, ha="center", va="center", **_NUMBER)
    ax.set_title(title)
    return ax


def _middle(region: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The place of a region of the grid, (STEPS, STEPS) bool, that is farthest from its border."""
    inside = np.pad(region, 1)  # the picture's edge is a border too
    return points[distance_transform_edt(inside)[1:-1, 1:-1].argmax()]


def probability_map(p: np.ndarray, edges: tuple[float, float, float, float], ax: Axes, title: str = "") -> Axes:
    """The probability of one class, (STEPS^2,), over the region with these edges."""
    shade = ax.imshow(
        p.reshape(STEPS, STEPS), origin="lower", extent=edges, aspect="auto", cmap="cividis", vmin=0, vmax=1
    )
    lines = ax.contour(p.reshape(STEPS, STEPS), levels=[0.5], extent=edges, colors="white", linewidths=1)
    ax.clabel(lines, fmt="%.1f", fontsize=8)
    ax.set(title=title, xlabel="$x_1$")
    ax.figure.colorbar(shade, ax=ax, shrink=0.9) if ax.get_subplotspec().is_last_col() else None
    return ax
