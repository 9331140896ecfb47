"""One look for all pictures: a class has a colour, a marker and a hatch, so colour is never alone."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

# Okabe and Ito (2008), "Color Universal Design": told apart by colour-blind readers. Yellow is left out.
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "//", "..", "xx", "\\\\", "++", "oo")
LINES = ("-", "--", "-.", ":")
GREY = "#595959"

_RC = {
    "figure.dpi": 80,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "savefig.dpi": 80,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.grid": False,
    "font.size": 10,
    "legend.frameon": False,
    "lines.markersize": 4,
    "hatch.linewidth": 0.6,
}


def use() -> None:
    """Make this the look of every figure drawn from now on."""
    plt.rcParams.update(_RC)


def panels(axes: Axes | np.ndarray | None, n: int = 1, width: float = 8.0, height: float = 3.2) -> np.ndarray:
    """The n Axes to draw in, in a row: those given, or those of a new figure. Sizes in inches."""
    if axes is None:
        use()
        axes = plt.subplots(1, n, figsize=(width, height))[1]
    axes = np.atleast_1d(axes)
    if axes.size != n:
        raise ValueError(f"this picture needs {n} Axes side by side, not {axes.size}")
    return axes.reshape(-1)


def bars(ax: Axes, heights: np.ndarray, labels: list[str], form: str = "{:.2f}") -> Axes:
    """Bars for classes, each in the colour and hatch of its class, with its number above or below."""
    places = range(len(heights))
    drawn = ax.bar(
        places,
        heights,
        color=[COLORS[k % len(COLORS)] for k in places],
        hatch=[HATCHES[k % len(HATCHES)] for k in places],
        edgecolor="white",
    )
    ax.bar_label(drawn, [form.format(height) for height in heights], padding=2, fontsize=9)
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.set_xticks(places, labels)
    return ax
