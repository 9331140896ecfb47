"""Pictures of lab 05: four pairs of output and loss, and the probes that tell them apart."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from logitlab.formulas import clipped_losses, logit_losses, softmax
from logitlab.plots.interactive import Slider, explore
from logitlab.plots.softmax import loss_curves
from logitlab.plots.style import COLORS, GREY, HATCHES, LINES, MARKERS, panels, use


def two_by_two(histories: dict[str, dict[str, list[float]]], axes: np.ndarray | None = None) -> np.ndarray:
    """The training of four models, two by two, by their names: a panel for each.

    histories: for each model what Keras recorded, its "loss" (nats) and "accuracy" after each epoch.
    """
    if axes is None:
        use()
        axes = plt.subplots(2, 2, figsize=(8.0, 5.0), sharex=True, sharey=True)[1]
    axes = panels(axes, 4)
    top = 1.15 * max(max(history["loss"]) for history in histories.values())
    for ax, (name, history) in zip(axes, histories.items(), strict=True):
        epochs = range(1, len(history["loss"]) + 1)
        ax.plot(epochs, history["loss"], LINES[0], marker=MARKERS[0], color=COLORS[0], label="loss (nats)")
        ax.plot(epochs, history["accuracy"], LINES[1], marker=MARKERS[1], color=COLORS[4], label="accuracy")
        last = f"at the end: loss {history['loss'][-1]:.3f}, accuracy {history['accuracy'][-1]:.3f}"
        ax.text(0.98, 0.94, last, ha="right", va="top", transform=ax.transAxes, fontsize=9)
        ax.set(title=name, ylim=(0, top))
        if ax in axes[2:]:
            ax.set_xlabel("epoch")
    axes[0].legend(loc="center right")
    return axes


def floor(losses: dict[str, list[float]], lowest: float, ax: Axes | None = None) -> Axes:
    """The loss after each epoch, one line per model, and the lowest loss that softmax twice can reach."""
    ax = loss_curves(losses, panels(ax, width=5.5, height=3.2)[0])
    ax.axhline(lowest, color=GREY, linewidth=0.8, linestyle=":")
    place = {"xytext": (0, -4), "textcoords": "offset points", "ha": "right", "va": "top"}
    ax.annotate(f"lowest with softmax twice: {lowest:.3f}", (max(map(len, losses.values())), lowest), **place)
    return ax


READINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as logits": lambda z: logit_losses(z, np.zeros(len(z), dtype=int)),
    "as probabilities": lambda z: clipped_losses(z, np.zeros(len(z), dtype=int)),
    "after softmax, as logits": lambda z: logit_losses(softmax(z), np.zeros(len(z), dtype=int)),
}


def readings(score: float = -3.0, others: float = 0.5, axes: np.ndarray | None = None) -> np.ndarray:
    """What a loss says of four scores, read in three ways, when class 0 is true.

    Left: the loss against the score of class 0; the other three have the score `others`. Right: the
    slope of the three curves at `score`, which is what training follows.
    """
    axes = panels(axes, 2, width=9.0, height=3.4)
    s = np.linspace(-10, 10, 801)
    for k, (name, reading) in enumerate(READINGS.items()):
        axes[0].plot(s, reading(_scores(s, others)), LINES[k], color=COLORS[k], label=name)
    axes[0].axvline(score, color=GREY, linewidth=0.8, linestyle=":")
    axes[0].set(xlabel="score of the true class", ylabel="loss (nats)", ylim=(-0.8, 27))
    axes[0].set_title(f"the other three scores: {others:.1f}")
    axes[0].legend(loc="upper right")
    step = 1e-6
    ends = [reading(_scores(np.array([score - step, score + step]), others)) for reading in READINGS.values()]
    slopes = np.array([(after - before) / (2 * step) for before, after in ends])
    drawn = axes[1].bar(range(3), slopes, color=COLORS[:3], hatch=HATCHES[:3], edgecolor="white")
    # A curve that is flat shall not show the rounding of its difference.
    axes[1].bar_label(drawn, [f"{slope + 0.0:.2f}" if abs(slope) >= 0.005 else "0.00" for slope in slopes], padding=2)
    axes[1].axhline(0, color=GREY, linewidth=0.8)
    axes[1].set_xticks(range(3), ["as\nlogits", "as\nprobabilities", "after softmax,\nas logits"])
    axes[1].set(title=f"slope at the score {score:.1f}", ylabel="nats per unit of score")
    axes[1].set_ylim(min(-1.2, 1.2 * slopes.min()), 0.25 * max(1.0, -slopes.min()))
    return axes


def _scores(s: np.ndarray, others: float) -> np.ndarray:
    return np.column_stack([s, *(np.full_like(s, others),) * 3])


def explore_readings() -> widgets.Widget:
    """Sliders for the score of the true class and for the score of the other three."""
    return explore(
        lambda axes, score, others: readings(score, others, axes),
        {"score": Slider("true class", -3.0, -10.0, 10.0), "others": Slider("others", 0.5, -5.0, 5.0)},
        "The loss against the score of the true class; read as probabilities it is flat below 0 and above 1",
        panels=2,
        size=(9.0, 3.4),
    )


def probes(found: dict[str, tuple[np.ndarray, float]], ax: Axes | None = None) -> Axes:
    """Two probes of each model, by its name: the sums of some rows of predict, (m,), and a loss in nats.

    The loss is what compute_loss says of the scores 5, 6, 7, 8 when class 0 is true.
    """
    ax = panels(ax, width=7.5, height=3.6)[0]
    z = np.array([[5.0, 6.0, 7.0, 8.0]])
    for k, (name, (sums, loss)) in enumerate(found.items()):
        ax.scatter(sums, np.full(len(sums), loss), s=36, marker=MARKERS[k], color=COLORS[k], alpha=0.7, label=name)
    for name in ("as logits", "as probabilities"):
        says = float(READINGS[name](z)[0])
        ax.axhline(says, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
        ax.text(1.01, says, f"read {name}", va="center", transform=ax.get_yaxis_transform(), fontsize=9)
    ax.axvline(1, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    ax.set(xlabel="sum of a row of predict", ylabel="loss of 5, 6, 7, 8 (nats)", ylim=(0.7, 4.1))
    ax.legend(loc="center left", ncols=1)
    return ax
