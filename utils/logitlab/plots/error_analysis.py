"""Pictures of lab 08: what rounding takes from softmax, from log(1 + x) and from the loss."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes

from logitlab.formulas import chosen, logit_losses, ulp_error
from logitlab.plots.interactive import Slider, explore
from logitlab.plots.style import COLORS, GREY, LINES, MARKERS, panels

U = 2.0**-24
BITS = 24


def rounding(axes: np.ndarray | None = None) -> np.ndarray:
    """The gap between float32 numbers (left), and half of it relative to the number, in u (right)."""
    axes = panels(axes, 2, width=9.0, height=3.0)
    x = np.geomspace(0.26, 15.9, 2001)
    gaps = np.spacing(x.astype(np.float32)).astype(float)
    axes[0].plot(x, gaps / 2.0**-23, color=COLORS[0])
    axes[0].set(ylabel="gap to the next float32 ($2^{-23}$)", title="one ulp")
    axes[1].plot(x, gaps / 2 / x / U, color=COLORS[4])
    axes[1].axhline(1, color=GREY, linestyle=":", linewidth=1)
    axes[1].set(ylabel="half a gap / x  (units of u)", ylim=(0, 1.15), title="the most that rounding can lose")
    axes[0].set_yscale("log", base=2)
    for ax in axes:
        ax.set_xscale("log", base=2)
        ax.set_xticks([0.5, 1, 2, 4, 8], ["0.5", "1", "2", "4", "8"])
        ax.set_xlabel("x")
    axes[0].set_yticks([0.25, 0.5, 1, 2, 4, 8], ["1/4", "1/2", "1", "2", "4", "8"])
    return axes


def error_against_bound(bounds: np.ndarray, errors: dict[str, np.ndarray], ax: Axes | None = None) -> Axes:
    """Measured errors (k,) against their bounds (k,), both in units of u; one marker per name in `errors`."""
    ax = panels(ax, width=5.5, height=3.8)[0]
    ends = np.array([0.8 * bounds.min(), 1.3 * bounds.max()])
    ax.loglog(ends, ends, color=GREY, linewidth=1)
    ax.annotate("error = bound", ends[[1, 1]] * (1, 0.25), ha="right", va="top", color=GREY)
    for k, (name, error) in enumerate(errors.items()):
        ax.plot(bounds, np.maximum(error, 0.03), MARKERS[k], color=COLORS[4 * k], alpha=0.5, mew=0, label=name)
    ax.set(xlabel="bound (units of u)", ylabel="measured error (units of u)", ylim=(0.02, 1.5 * ends[1]))
    ax.legend(loc="upper left")
    return ax


def _bits(relative_error: np.ndarray) -> np.ndarray:
    """How many of float32's 24 bits are right at this relative error: -log2 of it, between 0 and 24."""
    with np.errstate(divide="ignore"):
        return np.clip(-np.log2(relative_error), 0, BITS)


def bits_by_length(gap: float = 16.65, ax: Axes | None = None) -> Axes:
    """The bits of the largest probability when N - 1 logits lie `gap` below it, against N.

    Guaranteed by the bound; measured in float32 with the terms added one after the other; and with np.sum.
    """
    ax = panels(ax, width=5.5, height=3.4)[0]
    lengths = np.unique(np.geomspace(2, 100_000, 60).astype(int))
    small = np.exp(np.float32(-gap))
    exact = 1 / (1 + (lengths - 1) * np.exp(float(np.float32(-gap))))
    e = np.full(lengths[-1], small, dtype=np.float32)
    e[0] = 1
    in_order = 1 / np.cumsum(e)[lengths - 1]
    blocks = 1 / np.array([e[:n].sum() for n in lengths])
    ax.semilogx(lengths, _bits(np.abs(blocks - exact) / exact), LINES[2], color=COLORS[2], label="added by np.sum")
    ax.semilogx(
        lengths, _bits(np.abs(in_order - exact) / exact), LINES[1], color=COLORS[4], label="added one after the other"
    )
    ax.semilogx(lengths, _bits((lengths + 2 + 2 * gap) * U), LINES[0], color=COLORS[0], label="the bound's promise")
    ax.set(xlabel="number of classes N", ylabel="right bits", ylim=(0, 25))
    ax.legend(loc="lower left")
    return ax


def log1p_errors(ax: Axes | None = None) -> Axes:
    """Errors of three float32 formulas for log(1 + x), in ulp, against x."""
    ax = panels(ax, width=6.0, height=3.6)[0]
    x = np.geomspace(1e-10, 0.7, 500).astype(np.float32)
    exact = np.log1p(x.astype(float))
    w = np.float32(1) + x
    rest = np.where(w == 1, 1, w - 1)
    formulas = {
        "log(1 + x)": np.log(w),
        "Goldberg's formula": np.where(w == 1, x, x * np.log(w) / rest),
        "np.log1p": np.log1p(x),
    }
    for k, (name, approx) in enumerate(formulas.items()):
        error = np.maximum(ulp_error(approx, exact), 0.01)
        ax.loglog(x, error, MARKERS[k], markersize=3, color=COLORS[(4, 0, 2)[k]], mew=0, alpha=0.8, label=name)
    ax.axvline(U, color=GREY, linestyle=":", linewidth=1)
    ax.annotate("u", (U, 2e8), (4, 0), textcoords="offset points", color=GREY, va="top")
    ax.set(xlabel="x", ylabel="error (ulp)", ylim=(0.007, 3e8))
    ax.legend(loc="upper right", markerscale=2)
    return ax


def offset(exponent: float = 4.0, axes: np.ndarray | None = None) -> np.ndarray:
    """What float32 keeps when c = 10^exponent is added to all logits.

    Left: three logits, and what z + c still holds of them. Middle and right: the right bits of the loss by
    three ways, against c; for logits with fractions, and for whole numbers (c rounded to a whole number too).
    """
    axes = panels(axes, 3, width=11.0, height=3.3)
    z = np.array([3.1, 1.2, 0.3], dtype=np.float32)
    c = np.float32(10.0**exponent)
    kept = (z + c).astype(float) - float(c)
    places = np.arange(3)
    axes[0].bar(places - 0.2, z, 0.38, color=COLORS[0], edgecolor="white", label="z")
    axes[0].bar(places + 0.2, kept, 0.38, color=COLORS[1], hatch="//", edgecolor="white", label="(z + c) - c")
    axes[0].axhline(0, color=GREY, linewidth=0.8)
    axes[0].set_xticks(places, [f"$z_{k}$" for k in places])
    axes[0].set(title=f"c = $10^{{{exponent:.1f}}}$: steps of {np.spacing(c):.2g}", ylabel="logit")
    low, high = min(0.0, kept.min()), max(3.1, kept.max())
    axes[0].set_ylim(low - 0.05 * (high - low), high + 0.25 * (high - low))
    axes[0].legend(loc="upper right", ncols=2)
    for ax, whole in zip(axes[1:], (False, True), strict=True):
        exponents, ways = _offset_bits(whole)
        for k, (name, values) in enumerate(ways.items()):
            ax.plot(exponents, values, LINES[k], color=COLORS[(2, 0, 4)[k]], linewidth=(3, 2, 2)[k], label=name)
        ax.axvline(exponent, ymax=25 / 35, color=GREY, linestyle=":")
        ax.set(xlabel="$\\log_{10} c$", ylim=(-1, 34))
        ax.set_yticks(range(0, 25, 4))
    axes[1].set(title="logits with fractions", ylabel="right bits of the loss")
    axes[2].set(title="whole-number logits")
    axes[2].legend(loc="upper right", fontsize=9)
    return axes


def _offset_bits(whole: bool) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Median right bits of the loss over 200 rows of five logits, by three ways, for c from 1 to 10^10."""
    rng = np.random.default_rng(0)
    z = rng.uniform(-4, 4, size=(200, 5))
    z = (np.round(z) if whole else z).astype(np.float32)
    y = rng.integers(0, 5, size=200)
    exact = logit_losses(z.astype(float), y)
    exponents = np.linspace(0, 10, 101)
    ways: dict[str, list[float]] = {"z alone": [], "z + c: log s - (z_y - m)": [], "z + c: (m + log s) - z_y": []}
    for exponent in exponents:
        far = z + np.float32(np.round(10.0**exponent))
        for name, loss in zip(ways, (logit_losses(z, y), logit_losses(far, y), _sum_first(far, y)), strict=True):
            ways[name].append(float(np.median(_bits(np.abs(loss - exact) / exact))))
    return exponents, {name: np.array(values) for name, values in ways.items()}


def _sum_first(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The losses as (m + log s) - z_y, in the precision of z."""
    m = z.max(axis=1)
    return (m + np.log(np.exp(z - m[:, None]).sum(axis=1))) - chosen(z, y)


def explore_offset() -> widgets.Widget:
    """A slider for the number c that is added to all logits."""
    return explore(
        lambda axes, exponent: offset(exponent, axes),
        {"exponent": Slider("log10 c", 4.0, 0.0, 10.0)},
        "Three logits and what is left of them after c is added; the right bits of the loss fall as c grows, "
        "and stay where nothing is added",
        panels=3,
        size=(11.0, 3.3),
    )


def loss_bits(exact: np.ndarray, losses: dict[str, np.ndarray], ax: Axes | None = None) -> Axes:
    """The right bits of float32 losses (k,), by the formula's name, against the exact losses (k,)."""
    ax = panels(ax, width=6.5, height=3.8)[0]
    for k, (name, loss) in enumerate(losses.items()):
        with np.errstate(invalid="ignore"):
            right = np.nan_to_num(_bits(np.abs(loss - exact) / exact))
        # The first two formulas often agree: a larger mark stays visible under a smaller one.
        size, color = (7, 4, 4)[k], COLORS[(4, 0, 2)[k]]
        ax.semilogx(exact, right, MARKERS[k], markersize=size, color=color, mew=0, alpha=0.35, label=name)
    ax.axvline(U, color=GREY, linestyle=":", linewidth=1)
    ax.annotate("u", (U, 0.5), (-10, 0), textcoords="offset points", color=GREY)
    ax.set(xlabel="exact loss (nats)", ylabel="right bits", ylim=(-1, 25.5))
    legend = ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    for handle in legend.legend_handles:
        handle.set_alpha(1)
    return ax
