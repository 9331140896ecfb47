"""Pictures of lab 09: digits, what the network says of them, its errors, and who should read them."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from logitlab.formulas import confusion, errors_only, softmax
from logitlab.plots.interactive import Slider, explore
from logitlab.plots.style import COLORS, GREY, LINES, panels

SIDE = 8  # pixels


def gallery(X: np.ndarray, captions: list[str], ax: Axes | None = None, columns: int = 10) -> Axes:
    """Pictures in rows, each over its caption. X (m, 64), pixels from 0 (white) to 1 (black)."""
    rows = -(-len(X) // columns)
    lines = 1 + max(caption.count("\n") for caption in captions)
    height = SIDE + 0.5 + 2.5 * lines
    ax = panels(ax, width=9.0, height=0.2 + 0.095 * height * rows)[0]
    for k, (x, caption) in enumerate(zip(X, captions, strict=True)):
        left, top = (SIDE + 3) * (k % columns), -height * (k // columns)
        ax.imshow(
            x.reshape(SIDE, SIDE),
            cmap="gray_r",
            vmin=0,
            vmax=1,
            extent=(left, left + SIDE, top - SIDE, top),
            interpolation="nearest",
        )
        ax.add_patch(Rectangle((left, top - SIDE), SIDE, SIDE, fill=False, edgecolor=GREY, linewidth=0.5))
        ax.text(left + SIDE / 2, top - SIDE - 0.5, caption, ha="center", va="top", fontsize=9)
    ax.set(xlim=(-2, (SIDE + 3) * columns - 1), ylim=(-height * rows, 0.5), aspect="equal")
    ax.set_axis_off()
    return ax


def class_counts(y_train: np.ndarray, y_test: np.ndarray, ax: Axes | None = None) -> Axes:
    """How often each class occurs in the two parts of the data. y_train, y_test: ints, (m,) each."""
    ax = panels(ax, width=8.0, height=2.8)[0]
    digits = np.unique(np.concatenate([y_train, y_test]))
    for k, (name, y) in enumerate((("training", y_train), ("test", y_test))):
        counts = [(y == digit).sum() for digit in digits]
        drawn = ax.bar(
            digits + 0.4 * (k - 0.5), counts, 0.4, color=COLORS[k], hatch=["", "//"][k], edgecolor="white", label=name
        )
        ax.bar_label(drawn, fontsize=8)
    ax.set_xticks(digits)
    ax.set(xlabel="digit", ylabel="pictures")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def taken_apart(x: np.ndarray, z: np.ndarray, title: str = "", axes: np.ndarray | None = None) -> np.ndarray:
    """One picture, x (64,), beside its logits, z (N,), and their softmax; the largest of each is hatched."""
    axes = panels(axes, 3, width=10.0, height=2.9)
    axes[0].imshow(x.reshape(SIDE, SIDE), cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    axes[0].set_axis_off()
    axes[0].set_title(title)
    _ten_bars(axes[1], z, [f"{value:.1f}" for value in z])
    axes[1].set(title="logits", xlabel="class")
    axes[1].margins(y=0.15)
    p = softmax(z)
    _ten_bars(axes[2], p, [f"{value:.2f}" if value >= 0.005 else "" for value in p])
    axes[2].set(title="probabilities", xlabel="class", ylim=(0, 1.12))
    return axes


def _ten_bars(ax: Axes, heights: np.ndarray, labels: list[str]) -> None:
    """Labelled bars for many classes: the axis names them, and only the largest looks different."""
    places = np.arange(len(heights))
    best = places == heights.argmax()
    drawn = ax.bar(
        places,
        heights,
        color=np.where(best, COLORS[0], COLORS[5]),
        hatch=["//" if b else "" for b in best],
        edgecolor="white",
    )
    ax.bar_label(drawn, labels, padding=2, fontsize=8)
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.set_xticks(places)


def confusions(y: np.ndarray, y_hat: np.ndarray, ax: Axes | None = None) -> Axes:
    """How often each true class, y (m,), was given each category, y_hat (m,); errors bold, the most frequent framed."""
    ax = panels(ax, width=5.6, height=4.6)[0]
    counts = confusion(y, y_hat)
    errors = errors_only(counts)
    ax.imshow(np.ma.masked_equal(errors, 0), cmap="Oranges", vmin=0, vmax=max(4, 1.5 * errors.max()))
    for true, said in np.argwhere(counts):
        wrong = true != said
        ax.text(
            said,
            true,
            counts[true, said],
            ha="center",
            va="center",
            color="black" if wrong else GREY,
            fontweight="bold" if wrong else "normal",
        )
        if wrong and errors[true, said] == errors.max():
            ax.add_patch(Rectangle((said - 0.5, true - 0.5), 1, 1, fill=False, linewidth=2))
    ax.set_xticks(range(len(counts)))
    ax.set_yticks(range(len(counts)))
    ax.set(xlabel="said by the network", ylabel="true digit")
    return ax


def wrong_digits(X: np.ndarray, y: np.ndarray, z: np.ndarray, ax: Axes | None = None, most: int = 20) -> Axes:
    """The pictures that were read wrongly, the surest first. X (m, 64), y (m,), logits z (m, N)."""
    p = softmax(z)
    said, sure = p.argmax(axis=1), p.max(axis=1)
    wrong = np.flatnonzero(said != y)
    wrong = wrong[np.argsort(-sure[wrong])][:most]
    return gallery(X[wrong], [f"true {y[i]}\nsaid {said[i]}\np {sure[i]:.2f}" for i in wrong], ax)


def sureness(p: np.ndarray, y: np.ndarray, axes: np.ndarray | None = None) -> np.ndarray:
    """The largest probability of each row of p, (m, N): of the digits read right, and of the others. y (m,)."""
    axes = panels(axes, 2, width=9.0, height=2.8)
    right = p.argmax(axis=1) == y
    for k, (ax, name, mine) in enumerate(zip(axes, ("read right", "read wrongly"), (right, ~right), strict=True)):
        counts, edges = np.histogram(p[mine].max(axis=1), bins=np.linspace(0, 1, 11))
        drawn = ax.bar(
            edges[:-1], counts, 0.1, align="edge", color=COLORS[[2, 4][k]], hatch=["", "//"][k], edgecolor="white"
        )
        ax.bar_label(drawn, [str(n) if n else "" for n in counts], fontsize=8)
        ax.set(title=f"{name}: {mine.sum()} digits", xlabel="largest probability", ylabel="digits", xlim=(0, 1))
        ax.margins(y=0.15)
    return axes


def threshold(z: np.ndarray, y: np.ndarray, percent: float = 90.0, axes: np.ndarray | None = None) -> np.ndarray:
    """What a threshold on the largest probability does to the errors: logits z (m, N), true classes y (m,).

    percent: the threshold. Left: digits read by the machine, right and wrong, and digits sent to a person.
    Right: the errors that remain against the number sent, if the least sure go first: by their largest
    probability, and by their largest logit.
    """
    axes = panels(axes, 2, width=9.5, height=3.4)
    p = softmax(z).max(axis=1)
    wrong = z.argmax(axis=1) != y
    sent = p < percent / 100
    counts = [(~sent & ~wrong).sum(), (~sent & wrong).sum(), sent.sum()]
    looks = {"color": [COLORS[2], COLORS[4], COLORS[0]], "hatch": ["", "//", ".."], "edgecolor": "white"}
    drawn = axes[0].bar(range(3), counts, **looks)
    axes[0].bar_label(drawn)
    axes[0].set_xticks(range(3), ["read, right", "read, wrong", "sent to a person"])
    axes[0].set(title=f"threshold {percent:.1f} %", ylabel="digits", ylim=(0, 1.1 * len(y)))
    for k, (name, score) in enumerate((("largest probability", p), ("largest logit", z.max(axis=1)))):
        remaining = wrong.sum() - np.concatenate([[0], np.cumsum(wrong[np.argsort(score)])])
        axes[1].step(np.arange(len(remaining)), remaining, LINES[k], color=COLORS[[0, 4][k]], where="post", label=name)
    axes[1].plot(sent.sum(), counts[1], "o", color=COLORS[6], markersize=8, label="this threshold")
    axes[1].set(xlabel="digits sent to a person", ylabel="errors that remain", ylim=(-0.5, None))
    axes[1].yaxis.set_major_locator(MaxNLocator(integer=True))
    axes[1].legend(title="least sure first, by")
    return axes


def explore_threshold(z: np.ndarray, y: np.ndarray) -> widgets.Widget:
    """A slider for the threshold below which a person reads the digit. Logits z (m, N), true classes y (m,)."""
    return explore(
        lambda axes, percent: threshold(z, y, percent, axes),
        {"percent": Slider("threshold, %", 90.0, 20.0, 100.0, step=0.5)},
        "Digits read by the machine, right and wrong, and digits sent to a person, for a threshold on the probability",
        panels=2,
        size=(9.5, 3.4),
    )
