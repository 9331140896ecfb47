"""Pictures of lab 02: order within a row, no order between rows, and ties of float32."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes

from logitlab.formulas import softmax, softmax32
from logitlab.plots.interactive import Slider, explore
from logitlab.plots.style import COLORS, GREY, LINES, MARKERS, panels


def order_in_rows(z: np.ndarray, ax: Axes | None = None) -> Axes:
    """Logits of a few rows against their probabilities: each row (N,) of z (m, N) is one rising line."""
    ax = panels(ax, width=5.5, height=3.4)[0]
    p = softmax(z)
    for k, (logits, probabilities) in enumerate(zip(z, p, strict=True)):
        order = np.argsort(logits)
        ax.plot(
            logits[order],
            probabilities[order],
            LINES[k % len(LINES)],
            marker=MARKERS[k % len(MARKERS)],
            color=COLORS[k % len(COLORS)],
            markersize=6,
            label=f"row {k}",
        )
    ax.set(xlabel="logit", ylabel="probability", ylim=(-0.03, 1.03))
    ax.legend()
    return ax


def winners(z: np.ndarray, y: np.ndarray, names: list[str], ax: Axes | None = None) -> Axes:
    """The largest logit of each row of z (m, N) against its probability, marked by the true class y (m,)."""
    ax = panels(ax, width=5.5, height=3.4)[0]
    p = softmax(z)
    for k, name in enumerate(names):
        ax.scatter(
            z[y == k].max(axis=1),
            p[y == k].max(axis=1),
            color=COLORS[k],
            marker=MARKERS[k],
            s=22,
            label=name,
            alpha=0.8,
        )
    ax.set(xlabel="largest logit of a flower", ylabel="its probability")
    ax.legend()
    return ax


def gap(exponent: float = -6.5, axes: np.ndarray | None = None) -> np.ndarray:
    """What is left of a gap 10^exponent between the two largest of four logits, after softmax.

    Left: the difference of the two probabilities against the gap, exact and in float32. Right: the
    two float32 probabilities of this gap, in steps of float32 from the first one.
    """
    axes = panels(axes, 2, width=9.0, height=3.2)
    gaps = 10.0 ** np.linspace(-9, -1, 161)
    exact, rounded = np.array([_difference(g) for g in gaps]).T
    axes[0].loglog(gaps, exact, LINES[0], color=COLORS[0], label="exact")
    seen = rounded > 0
    axes[0].loglog(gaps[seen], rounded[seen], ".", color=COLORS[4], label="float32")
    floor = exact.min() / 3
    ties = gaps[~seen][::6]  # few, so that each cross can be seen
    axes[0].loglog(ties, np.full(len(ties), floor), "x", color=COLORS[6], markersize=7, label="float32: tie")
    axes[0].axvline(10.0**exponent, color=GREY, linestyle=":")
    axes[0].set(xlabel="gap between two logits", ylabel="difference of probabilities")
    axes[0].legend(loc="upper left")
    here = _difference(10.0**exponent)[1]
    step = np.spacing(np.float32(0.4))
    axes[1].bar([0, 1], [0, here / step], color=COLORS[:2], hatch=["", "//"], edgecolor="white")
    axes[1].set_xticks([0, 1], ["smaller logit", "larger logit"])
    verdict = "a tie" if here == 0 else f"{here / step:.0f} steps apart"
    axes[1].set(title=f"gap $10^{{{exponent:.1f}}}$: {verdict}", ylabel="float32 steps above the first")
    axes[1].set_ylim(0, max(4.0, 1.2 * here / step))
    return axes


def _difference(g: float) -> tuple[float, float]:
    """The difference of the two largest probabilities for a gap g: in float64, and in float32 (each positive)."""
    z = np.array([0.0, g, -1.0, -2.0])
    p = softmax(z)
    q = softmax32(z)
    return float(p[1] - p[0]), float(q[1] - q[0])


def explore_gap() -> widgets.Widget:
    """A slider for the gap between two logits."""
    return explore(
        lambda axes, exponent: gap(exponent, axes),
        {"exponent": Slider("log10 gap", -6.5, -9.0, -1.0)},
        "The difference of two probabilities against the gap of their logits; below about 3e-8 float32 ties them",
        panels=2,
        size=(9.0, 3.2),
    )
