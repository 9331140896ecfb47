"""Pictures of lab 07: what is said against what is right, temperature, and decisions that cost."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes

from logitlab.datasets import disease_probabilities, diseases
from logitlab.formulas import (
    best_temperature,
    calibration_bins,
    expected_calibration_error,
    logit_losses,
    mean_cross_entropy,
    softmax,
)
from logitlab.plots import plane
from logitlab.plots.interactive import Slider, explore
from logitlab.plots.softmax import loss_curves
from logitlab.plots.style import COLORS, GREY, HATCHES, LINES, panels

N_BINS = 10


def patients(X: np.ndarray, y: np.ndarray, ax: Axes | None = None) -> Axes:
    """The four diseases in the plane of the two measurements. X (m, 2), y (m,)."""
    ax = plane.scatter(X, y, ax)
    ax.set(xlabel="first measurement (standard deviations)", ylabel="second measurement")
    return ax


def training_curves(training: list[float], validation: list[float], ax: Axes | None = None) -> Axes:
    """The loss after each epoch for the patients trained on and for others, and where the latter is lowest."""
    ax = loss_curves({"training patients": training, "validation patients": validation}, ax)
    best = int(np.argmin(validation))
    ax.plot(best + 1, validation[best], "*", color=COLORS[4], markersize=12, label=f"lowest, {validation[best]:.2f}")
    ax.set_xticks(range(0, len(training) + 1, 5))
    ax.legend()
    return ax


def reliability(said: dict[str, np.ndarray], y: np.ndarray, axes: np.ndarray | None = None) -> np.ndarray:
    """One reliability diagram per set of probabilities p (m, N), by name; y (m,) is the truth.

    A bar is a bin of the largest probability; its height is the share of these patients for whom that
    class is true. Where what is said is right, the dot (mean probability, share right) is on the line.
    """
    axes = panels(axes, len(said), width=4.5 * len(said), height=3.7)
    for ax, (name, p) in zip(axes, said.items(), strict=True):
        _diagram(ax, np.asarray(p, dtype=float), y, name)
    return axes


def _diagram(ax: Axes, p: np.ndarray, y: np.ndarray, name: str) -> None:
    count, confidence, right = calibration_bins(p, y, N_BINS)
    middle = (np.arange(N_BINS) + 0.5) / N_BINS
    ax.bar(middle, np.nan_to_num(right), 1 / N_BINS, color=COLORS[5], edgecolor="white", label="share right")
    ax.plot([0, 1], [0, 1], LINES[1], color=GREY, linewidth=1, label="as said")
    filled = count > 0
    ax.vlines(confidence[filled], confidence[filled], right[filled], color=COLORS[4], linewidth=2, label="gap")
    ax.plot(confidence[filled], right[filled], "o", color=COLORS[4], markersize=5)
    for k in np.flatnonzero(filled):
        ax.text(middle[k], 1.03, f"{count[k]}", ha="center", fontsize=7.5)
    ax.text(0.01, 1.03, "patients:", fontsize=7.5)
    ece, loss = expected_calibration_error(p, y, N_BINS), mean_cross_entropy(p, y)
    ax.set(
        title=f"{name}\nECE {ece:.3f}, cross entropy {loss:.2f} nats",
        xlabel="largest probability, as said",
        ylabel="share right",
        xlim=(0, 1),
        ylim=(0, 1.1),
    )
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0.93))


def loss_against_temperature(z: np.ndarray, y: np.ndarray, T: float | None = None, ax: Axes | None = None) -> Axes:
    """Mean cross entropy of softmax(z / T) against T, and its lowest place. z (m, N), y (m,). T: one more place."""
    ax = panels(ax, width=5.5, height=3.2)[0]
    temperatures = np.geomspace(0.25, 8, 60)
    best = best_temperature(z, y)

    def loss(t: float) -> float:
        return float(logit_losses(z / t, y).mean())

    ax.plot(temperatures, [loss(t) for t in temperatures], color=COLORS[0])
    ax.plot(1, loss(1), "s", color=GREY, markersize=7, label=f"T = 1: {loss(1):.2f}")
    ax.plot(best, loss(best), "*", color=COLORS[4], markersize=12, label=f"lowest, T = {best:.2f}: {loss(best):.2f}")
    if T is not None:
        ax.plot(T, loss(T), "o", color=COLORS[2], markersize=8, label=f"here, T = {T:.1f}: {loss(T):.2f}")
    ax.set_xscale("log")
    ax.set_xticks([0.25, 0.5, 1, 2, 4, 8], ["0.25", "0.5", "1", "2", "4", "8"])
    ax.minorticks_off()
    ax.set(xlabel="temperature T", ylabel="cross entropy (nats)")
    ax.set_ylim(0.8 * loss(best), 2.2 * loss(1))  # a small T costs many times as much; the valley is what matters
    ax.legend()
    return ax


def explore_temperature(z: np.ndarray | None = None, y: np.ndarray | None = None) -> widgets.Widget:
    """A slider for the temperature of logits z (m, N) with the truth y (m,).

    Without arguments: 2000 patients, and logits twice as large as they should be.
    """
    if z is None or y is None:
        X, y = diseases(2000)
        z = 2 * np.log(disease_probabilities(X))

    def draw(axes: np.ndarray, T: float) -> None:
        reliability({f"T = {T:.1f}": softmax(z / T)}, y, axes[:1])
        loss_against_temperature(z, y, T, axes[1])

    return explore(
        draw,
        {"T": Slider("T", 1.0, 0.3, 6.0)},
        "A reliability diagram at a temperature, and the cross entropy against the temperature",
        panels=2,
        size=(9.0, 3.7),
    )


def cost_table(cost: np.ndarray, ax: Axes | None = None) -> Axes:
    """What each decision costs for each true class: cost (N, N), cost[true, decided]."""
    ax = panels(ax, width=4.2, height=3.0)[0]
    n = len(cost)
    ax.imshow(cost, cmap="Greys", vmin=0, vmax=1.8 * np.max(cost))
    for (true, decided), value in np.ndenumerate(cost):
        ax.text(decided, true, f"{value:g}", ha="center", va="center", fontsize=12)
    ax.set_xticks(range(n), [f"decide {k}" for k in range(n)])
    ax.set_yticks(range(n), [f"true {k}" for k in range(n)])
    ax.tick_params(length=0)
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    return ax


def decision_maps(
    deciders: dict[str, Callable[[np.ndarray], np.ndarray]],
    X: np.ndarray,
    y: np.ndarray,
    axes: np.ndarray | None = None,
) -> np.ndarray:
    """What each decider, points (m, 2) -> (m,) classes, says at every place; by name, under the patients."""
    axes = panels(axes, len(deciders), width=9.0, height=3.6)
    for ax, (name, decide) in zip(axes, deciders.items(), strict=True):
        plane.decision_map(decide, X, y, ax, title=name)
        ax.set(xlabel="first measurement", ylabel="second measurement")
        if ax is not axes[-1]:
            ax.get_legend().remove()
    return axes


def cost_bars(costs: dict[str, float], ax: Axes | None = None) -> Axes:
    """The mean cost per patient of each way to decide, by name, the first one on top."""
    ax = panels(ax, width=7.0, height=0.5 + 0.42 * len(costs))[0]
    drawn = ax.barh(
        list(costs),
        list(costs.values()),
        color=[COLORS[k % len(COLORS)] for k in range(len(costs))],
        hatch=[HATCHES[k % len(HATCHES)] for k in range(len(costs))],
        edgecolor="white",
    )
    ax.bar_label(drawn, [f"{value:.2f}" for value in costs.values()], padding=3, fontsize=9)
    ax.invert_yaxis()
    ax.margins(x=0.12)
    ax.set(xlabel="mean cost per patient")
    return ax
