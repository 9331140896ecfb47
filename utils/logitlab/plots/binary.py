"""Pictures of lab 06: sigmoid, two classes along one logit, what a threshold costs, and losses that break."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes

from logitlab.formulas import binary_losses, logit, sigmoid
from logitlab.plots.interactive import Slider, explore
from logitlab.plots.style import COLORS, GREY, LINES, MARKERS, panels

REGION = 8.0  # the logits that are drawn


def _probability_axis(ax: Axes, most: float = 0.999) -> None:
    """Above logits, the probabilities that belong to them, from 1 - most to most."""
    p = [value for value in (0.001, 0.01, 0.1, 0.2, 0.5, 0.8, 0.9, 0.99, 0.999) if value <= most and 1 - value <= most]
    top = ax.secondary_xaxis("top")
    top.set_xticks(logit(np.array(p)), [f"{value:g}" for value in p], fontsize=8)
    top.set_xlabel("probability p")


def sigmoid_curve(thresholds: tuple[float, ...] = (0.2, 0.5, 0.9), ax: Axes | None = None) -> Axes:
    """The sigmoid, with a few probabilities and the logits that belong to them."""
    ax = panels(ax, width=5.5, height=3.4)[0]
    z = np.linspace(-5, 5, 201)
    ax.plot(z, sigmoid(z), LINES[0], color=COLORS[0])
    for k, t in enumerate(thresholds):
        at = float(logit(t))
        ax.plot([z[0], at, at], [t, t, 0], ":", color=GREY)
        ax.plot(at, t, MARKERS[k % len(MARKERS)], color=COLORS[4], markersize=6)
        label = ax.annotate(f"p = {t:g}, z = {at + 0.0:.3f}", (at, t), (10, -11), textcoords="offset points")
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
    ax.set(xlabel="logit z", ylabel="probability p", xlim=(-5, 5), ylim=(0, 1.03))
    return ax


def threshold(z: np.ndarray, y: np.ndarray, at: float = 0.0, ax: Axes | None = None) -> Axes:
    """How many examples of each class have which logit, z and y (m,), and what a threshold `at` makes of them.

    Class 1 points down, class 0 up. Crosshatched are the wrong decisions. Logits beyond the region are
    counted in the title, not drawn.
    """
    ax = panels(ax, width=8.0, height=3.6)[0]
    edges = np.linspace(-REGION, REGION, 33)
    yes = z >= at
    classes = ((0, 1, "benign", yes, "false alarm"), (1, -1, "malignant", ~yes, "missed"))
    for k, side, name, error, error_name in classes:
        for chosen, label, hatch, edge in ((y == k, name, "", "white"), ((y == k) & error, error_name, "xxx", "black")):
            counts = np.histogram(z[chosen], edges)[0]
            ax.bar(
                edges[:-1],
                side * counts,
                width=np.diff(edges),
                align="edge",
                color=COLORS[k],
                hatch=hatch,
                edgecolor=edge,
                linewidth=0.5,
                label=label,
            )
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.axvline(at, color="black", linestyle="--", linewidth=1.5)
    missed, alarms = np.sum(~yes & (y == 1)), np.sum(yes & (y == 0))
    ax.set_title(f"yes from z = {at + 0.0:.1f}, p = {sigmoid(at):.3f}: {missed} missed, {alarms} false alarms", pad=8)
    ax.yaxis.set_major_formatter(lambda count, _: f"{abs(count):.0f}")
    ax.set(xlabel="logit z", ylabel="number of tumours", xlim=(-REGION, REGION))
    _probability_axis(ax)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def explore_threshold(z: np.ndarray, y: np.ndarray) -> widgets.Widget:
    """A slider for the threshold on the logits z of examples with labels y, both (m,)."""
    return explore(
        lambda axes, at: threshold(z, y, at, axes),
        {"at": Slider("threshold", 0.0, -REGION, REGION)},
        "Two histograms along the logit, benign above and malignant below, and the threshold between no and yes",
        size=(9.0, 3.6),
    )


def errors(z: np.ndarray, y: np.ndarray, ax: Axes | None = None) -> Axes:
    """How many examples of class 1 are missed, and how many false alarms there are, at each threshold."""
    ax = panels(ax, width=6.0, height=3.4)[0]
    at = np.linspace(-5, 5, 401)
    missed = [np.sum((z < t) & (y == 1)) for t in at]
    alarms = [np.sum((z >= t) & (y == 0)) for t in at]
    ax.step(at, missed, LINES[0], color=COLORS[4], where="mid", label="missed")
    ax.step(at, alarms, LINES[1], color=COLORS[0], where="mid", label="false alarms")
    ax.axvline(0, color=GREY, linestyle=":")
    ax.set(xlabel="threshold on the logit", ylabel="number of tumours", xlim=(-5, 5), ylim=(0, None))
    _probability_axis(ax, most=0.99)
    ax.legend(loc="upper right")
    return ax


def loss_formulas(ax: Axes | None = None) -> Axes:
    """The loss of a sure and wrong yes (y = 0) against its logit: exact, and by way of a probability.

    A cross marks where a formula begins to give inf. Clipped as in Keras: a float32 probability is held
    between 1e-7 and 1 - 1e-7 (keras.config.epsilon).
    """
    ax = panels(ax, width=6.5, height=3.6)[0]
    z = np.linspace(0, 45, 451)
    ax.plot(z, binary_losses(z, 0), LINES[0], color=COLORS[0], linewidth=4, alpha=0.5, label="exact")
    with np.errstate(divide="ignore"):
        for dtype, k, line in ((np.float64, 1, LINES[1]), (np.float32, 4, LINES[2])):
            p = 1 / (1 + np.exp(-z.astype(dtype)))
            loss = -np.log(1 - p)
            ends = np.flatnonzero(np.isfinite(loss))[-1]
            ax.plot(z[: ends + 1], loss[: ends + 1], line, color=COLORS[k], label=f"-log(1 - p), {p.dtype}")
            ax.plot(z[ends], loss[ends], "x", color=COLORS[k], markersize=9, markeredgewidth=2)
            ax.annotate("then inf", (z[ends], loss[ends]), (-4, 9), textcoords="offset points", ha="right")
    clipped = -np.log(1 - np.clip(p, np.float32(1e-7), np.float32(1 - 1e-7)))
    ax.plot(z, clipped, LINES[3], color="black", label="p clipped as in Keras")
    ax.set(xlabel="logit z of an example with y = 0", ylabel="loss (nats)", xlim=(0, 45), ylim=(0, 45))
    ax.legend(loc="upper left")
    return ax
