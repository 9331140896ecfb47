"""Pictures of lab 03: what bends, what does not, and which gradients a ReLU erases."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes

from logitlab.formulas import logit_losses, relu_logit_gradient, softmax
from logitlab.plots import plane
from logitlab.plots.interactive import Slider, explore
from logitlab.plots.softmax import output_maps
from logitlab.plots.style import COLORS, GREY, LINES, MARKERS, bars, panels

REGION = 6.0


def rings(X: np.ndarray, y: np.ndarray, ax: Axes | None = None) -> Axes:
    """The three classes of points. X (m, 2), y (m,)."""
    ax = plane.scatter(X, y, panels(ax, width=4.8, height=3.6)[0])
    ax.set_aspect("equal")
    return ax


def decision_maps(models: dict, X: np.ndarray, y: np.ndarray, axes: np.ndarray | None = None) -> np.ndarray:
    """The class that each Keras model gives to every place, by the model's name, and the share it gets right."""
    axes = panels(axes, len(models), width=1.2 + 2.3 * len(models), height=2.8)
    titled = {}
    for name, model in models.items():
        right = np.mean(model.predict(X, batch_size=1000, verbose=0).argmax(axis=1) == y)
        titled[f"{name}\n{right:.1%} right"] = model
    output_maps(titled, X, y, axes)
    for ax in axes[1:]:
        ax.set(ylabel="", yticklabels=[])
    return axes


def bends(weights: tuple[float, ...] = (1.0, -2.0, 1.0), axes: np.ndarray | None = None) -> np.ndarray:
    """Units relu(x - k), k = 1, 2, ..., each times its weight, on the left; their sum on the right."""
    axes = panels(axes, 2, width=8.5, height=2.9)
    x = np.linspace(0, len(weights) + 2, 400)
    units = [w * np.maximum(x - k, 0) for k, w in enumerate(weights, start=1)]
    for k, (w, unit) in enumerate(zip(weights, units, strict=True), start=1):
        sign = "-" if w < 0 else ""
        label = rf"${sign}{abs(w):g}\cdot\mathrm{{relu}}(x - {k})$"
        axes[0].plot(x, unit, LINES[(k - 1) % len(LINES)], color=COLORS[k - 1], label=label, linewidth=2)
    axes[0].set(xlabel="x", ylabel="output of a unit, weighted", title="three units")
    axes[0].legend(loc="lower left")
    axes[1].plot(x, np.sum(units, axis=0), color=COLORS[6], linewidth=2)
    places = np.arange(1, len(weights) + 1)
    heights = np.sum([w * np.maximum(places - k, 0) for k, w in enumerate(weights, start=1)], axis=0)
    axes[1].plot(places, heights, "o", color=COLORS[4], markersize=7, label="bend")
    axes[1].set(xlabel="x", ylabel="sum", title="their sum")
    axes[1].legend()
    return axes


def creases(model, X: np.ndarray, y: np.ndarray, ax: Axes | None = None) -> Axes:
    """The class a Keras model gives to every place, and the line where each unit of its first layer is at 0."""
    ax = panels(ax, width=5.4, height=4.2)[0]
    plane.decision_map(lambda points: model.predict(points, batch_size=1000, verbose=0).argmax(axis=1), X, y, ax)
    W, b = model.layers[0].get_weights()
    edges = np.array([*ax.get_xlim(), *ax.get_ylim()])
    for (w1, w2), shift in zip(W.T, b, strict=True):
        # The line w1 x1 + w2 x2 + shift = 0: its point next to the origin, and its direction.
        size = np.hypot(w1, w2)
        if size > 0:
            near, along = -shift * np.array([w1, w2]) / size**2, np.array([-w2, w1]) / size
            ax.plot(*np.transpose([near - 20 * along, near + 20 * along]), color=GREY, linewidth=0.9, linestyle="--")
    ax.set(xlim=edges[:2], ylim=edges[2:], aspect="equal")
    return ax


def gradient_bars(z: np.ndarray, y: int = 3, axes: np.ndarray | None = None) -> np.ndarray:
    """Four logits z (N,), and the gradient of the loss for the true class y: linear last layer, and ReLU.

    A cross marks a gradient that ReLU has erased.
    """
    axes = panels(axes, 3, width=10.0, height=3.2)
    z = np.asarray(z, dtype=float)
    names = [f"class {k}\n(true)" if k == y else f"class {k}" for k in range(len(z))]
    bars(axes[0], z, names, "{:.1f}").set(title="logits z", ylim=(-1.25 * REGION, 1.25 * REGION))
    linear = softmax(z) - np.eye(len(z))[y]
    relu = relu_logit_gradient(z, y) + 0.0
    for ax, title, a, gradient in ((axes[1], "linear", z, linear), (axes[2], "ReLU", np.maximum(z, 0), relu)):
        bars(ax, gradient, names, "{:.3f}")
        loss = logit_losses(a[None], np.array([y]))[0]
        ax.set(title=f"gradient, {title} (loss {loss:.2f} nats)", ylabel=r"$dL\,/\,dz_k$", ylim=(-1.25, 1.25))
    erased = np.flatnonzero(z <= 0)
    axes[2].plot(erased, np.zeros(len(erased)), "X", color=COLORS[6], markersize=8)
    return axes


def explore_gradient() -> widgets.Widget:
    """Sliders for four logits; the true class is class 3."""

    def draw(axes: np.ndarray, **z: float) -> None:
        gradient_bars(np.array(list(z.values())), 3, axes)

    starts = (-1.0, -4.0, 2.0, -0.5)
    sliders = {f"z{k}": Slider(f"z{k}", start, -REGION, REGION) for k, start in enumerate(starts)}
    text = "Logits -1 -4 2 -0.5 and their gradients, true class 3: linear 0.044 0.002 0.882 -0.928, ReLU 0 0 0.711 0"
    return explore(draw, sliders, text, panels=3, size=(10.0, 3.2))


def descent(z: np.ndarray, y: int, steps: int = 60, rate: float = 0.5, axes: np.ndarray | None = None) -> np.ndarray:
    """Gradient descent on the logits z (N,) of one example of class y: linear last layer, and ReLU."""
    axes = panels(axes, 2, width=9.5, height=3.2)
    slopes = {"linear": lambda z: softmax(z) - np.eye(len(z))[y], "ReLU": lambda z: relu_logit_gradient(z, y)}
    for ax, (title, slope) in zip(axes, slopes.items(), strict=True):
        path = [np.asarray(z, dtype=float)]
        for _ in range(steps):
            path.append(path[-1] - rate * slope(path[-1]))
        path = np.array(path)
        last = path[-1] if title == "linear" else np.maximum(path[-1], 0)
        for k in range(len(z)):
            label = f"class {k} (true)" if k == y else f"class {k}"
            ax.plot(path[:, k], LINES[0], marker=MARKERS[k], markevery=(3 * k, 15), color=COLORS[k], label=label)
        ax.axhline(0, color=GREY, linewidth=0.8)
        loss = logit_losses(last[None], np.array([y]))[0]
        ax.set(title=f"{title}: loss {loss:.2f} nats at the end", xlabel="step", ylabel="logit", ylim=(-3.2, 4.2))
    axes[1].legend(loc="upper right")
    return axes
