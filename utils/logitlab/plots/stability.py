"""Pictures of lab 04: where exp ends, four formulas for one loss, and what training makes of them."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes

from logitlab.plots.interactive import Slider, explore
from logitlab.plots.style import COLORS, GREY, HATCHES, panels

EXACT = "#BBBBBB"
EPS = np.float32(1e-7)  # keras.config.epsilon()
ONE = np.float32(1)


def exp_ranges(ax: Axes | None = None) -> Axes:
    """For which x each floating-point type can hold exp(x): with all digits, with fewer, or not."""
    ax = panels(ax, width=8.0, height=2.8)[0]
    for row, dtype in enumerate(("float64", "float32", "float16")):
        info = np.finfo(dtype)
        # Half of the smallest number is rounded to 0.
        zero = np.log(float(info.smallest_subnormal)) - np.log(2)
        low, high = np.log(float(info.tiny)), np.log(float(info.max))
        ax.barh(row, high - low, left=low, height=0.5, color=COLORS[0], label="all digits" if row == 0 else None)
        ax.barh(
            row,
            low - zero,
            left=zero,
            height=0.5,
            color=COLORS[1],
            hatch=HATCHES[1],
            edgecolor="white",
            label="fewer digits" if row == 0 else None,
        )
        ax.text(zero * 1.15, row, f"0 below {zero:.0f}", ha="right", va="center", fontsize=9)
        ax.text(high * 1.15, row, f"inf above {high:.2f}", ha="left", va="center", fontsize=9)
    ax.set_xscale("symlog", linthresh=5, linscale=0.5)
    ax.set_xlim(-2e4, 2e4)
    ticks = [-1000, -100, -10, 0, 10, 100, 1000]
    ax.set_xticks(ticks, [str(t) for t in ticks])
    ax.minorticks_off()
    ax.set_yticks(range(3), ["float64", "float32", "float16"])
    ax.set(xlabel="x (scale: logarithmic on both sides of 0)", title="exp(x) is kept with")
    ax.legend(loc="lower left", bbox_to_anchor=(0.28, 1.0), ncols=2, borderaxespad=0.2)
    return ax


def _by_hand(d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """-log softmax as it stands in float32, and the pull -dL/dz_y by the chain rule."""
    d = d.astype(np.float32)
    with np.errstate(all="ignore"):
        p = ONE / (np.exp(d) + ONE)
        return -np.log(p), (ONE / p) * (p * (ONE - p))


def _clipped(d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same with p clipped to [1e-7, 1 - 1e-7]: outside, p does not depend on the logits."""
    d = d.astype(np.float32)
    m = np.maximum(d, 0)
    p = np.exp(-m) / (np.exp(d - m) + np.exp(-m))
    inside = (p > EPS) & (p < ONE - EPS)
    return -np.log(np.clip(p, EPS, ONE - EPS)), np.where(inside, ONE - p, 0)


def _from_logits(d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log sum exp(z_k - max) - (z_y - max) in float32; the pull is 1 - p_y."""
    d = d.astype(np.float32)
    m = np.maximum(d, 0)
    total = np.exp(d - m) + np.exp(-m)
    return np.log(total) + m, ONE - np.exp(-m) / total


def _exact(d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log(1 + e^d) and its derivative, float64."""
    loss = np.logaddexp(0, d)
    return loss, np.exp(d - loss)


# By name: loss and pull from the gap, colour, line, mark, and where the marks begin.
FORMULAS: dict[str, tuple[Callable, str, str, str, int]] = {
    "from logits": (_from_logits, COLORS[0], "-", "o", 30),
    "clipped": (_clipped, COLORS[1], "--", "s", 15),
    "by hand": (_by_hand, COLORS[4], ":", "v", 0),
}
BESIDE = {"textcoords": "offset points", "ha": "right", "fontsize": 9}


def four_formulas(up_to: float = 120.0, axes: np.ndarray | None = None) -> np.ndarray:
    """Loss and pull of two logits (d, 0), the second class true, for gaps d from -10 to `up_to`.

    Left the loss, right the pull -dL/dz_y, each by hand, clipped and from logits in float32, over the exact
    value. A cross marks the place from which a formula gives inf or nan.
    """
    axes = panels(axes, 2, width=9.5, height=3.4)
    d = np.linspace(-10, up_to, 521)
    for side, ax in enumerate(axes):
        ax.plot(d, _exact(d)[side], color=EXACT, linewidth=6, label="exact")
        for name, (formula, color, line, marker, start) in FORMULAS.items():
            values = formula(d)[side]
            fine = np.isfinite(values)
            # The curves lie on each other in places, so each has marks of its own where the others have none.
            ax.plot(d[fine], values[fine], line, color=color, marker=marker, markevery=(start, 45), label=name)
            if not fine.all():
                last = np.flatnonzero(fine)[-1]
                ax.plot(d[last], values[last], "x", color=color, markersize=11, markeredgewidth=3)
                text, where = ("inf from here", (-12, 6)) if side == 0 else ("nan from here", (6, -20))
                ax.annotate(text, (d[last], values[last]), where, color=color, **BESIDE)
        ax.set_xlabel("gap d: how far the true class is behind")
    axes[0].set(title="loss", ylabel="loss (nats)", ylim=(-0.05 * up_to, 1.1 * up_to))
    axes[1].set(title="pull on the true class's logit", ylabel=r"pull, $-\partial L/\partial z_y$", ylim=(-0.05, 1.12))
    axes[0].legend(loc="upper left")
    return axes


def explore_formulas() -> widgets.Widget:
    """A slider for how far the gaps go."""
    return explore(
        lambda axes, up_to: four_formulas(up_to, axes),
        {"up_to": Slider("gaps up to", 120.0, 10.0, 200.0, 10.0)},
        "Loss and gradient against the gap: clipped stops at 16.1 with gradient 0, by hand ends at 88.7, "
        "from logits follows the exact line",
        panels=2,
        size=(9.5, 3.4),
    )


def training(accuracies: dict[str, list[float]], ax: Axes | None = None) -> Axes:
    """The share of points classified right after each epoch, one line per formula, by its name in `FORMULAS`."""
    ax = panels(ax, width=5.5, height=3.2)[0]
    for name, values in accuracies.items():
        _, color, line, marker, _ = FORMULAS[name]
        ax.plot(range(1, len(values) + 1), values, line, color=color, marker=marker, markersize=6, label=name)
    ax.set(xlabel="epoch", ylabel="share of points that are right", ylim=(0, 1.05))
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return ax


def sure_and_right(ax: Axes | None = None) -> Axes:
    """The loss where the true class leads: two logits (0, lead), against the lead, in float32 and exact."""
    ax = panels(ax, width=6.5, height=3.4)[0]
    lead = np.linspace(0, 25, 251)
    exact = _exact(-lead)[0]
    ax.semilogy(lead, exact, color=EXACT, linewidth=6, label="exact")
    ax.semilogy(lead, _clipped(-lead)[0], "--", color=COLORS[1], linewidth=2, label="clipped")
    logits = _from_logits(-lead)[0]
    seen = logits > 0
    ax.semilogy(lead[seen], logits[seen], color=COLORS[0], linewidth=1.2, label="from logits")
    gone = lead[~seen][::8]
    ax.semilogy(
        gone, np.full(len(gone), exact.min()), "x", color=COLORS[0], markersize=7, label="from logits: exactly 0"
    )
    ax.axhline(np.finfo(np.float32).eps, color=GREY, linewidth=0.8, linestyle=":")
    ax.annotate(
        "step of float32 above 1",
        (0, np.finfo(np.float32).eps),
        (4, -13),
        textcoords="offset points",
    )
    ax.set(xlabel="lead of the true class", ylabel="loss (nats)")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax
