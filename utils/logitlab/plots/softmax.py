"""Pictures of lab 01: what softmax does to logits, the cost, and four blobs under several models."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes

from logitlab.formulas import logit_losses, softmax
from logitlab.plots import plane
from logitlab.plots.interactive import Slider, explore
from logitlab.plots.style import COLORS, GREY, LINES, bars, panels

REGION = 10.0


def softmax_bars(z: np.ndarray, c: float = 0.0, axes: np.ndarray | None = None) -> np.ndarray:
    """Logits z + c beside their softmax. z: (N,) in [-10, 10]. c: the same number added to each."""
    axes = panels(axes, 2)
    z = np.asarray(z, dtype=float) + c
    names = [f"$z_{k}$" for k in range(len(z))]
    bars(axes[0], z, names, "{:.1f}")
    axes[0].set(title="logits, z + c", ylim=(-2.2 * REGION, 2.2 * REGION))
    bars(axes[1], softmax(z), [f"$p_{k}$" for k in range(len(z))], "{:.3f}")
    axes[1].set(title="probabilities, softmax(z + c)", ylim=(0, 1.1))
    return axes


def explore_softmax() -> widgets.Widget:
    """Sliders for four logits and for a number c that is added to all of them."""

    def draw(axes: np.ndarray, c: float, **z: float) -> None:
        softmax_bars(np.array(list(z.values())), c, axes)

    starts = (1.0, 2.0, 3.0, 4.0)
    sliders = {f"z{k}": Slider(f"z{k}", start, -REGION, REGION) for k, start in enumerate(starts)}
    sliders["c"] = Slider("shift c", 0.0, -REGION, REGION)
    text = "Bars of four logits, 1 2 3 4, and of their softmax, 0.032 0.087 0.237 0.644"
    return explore(draw, sliders, text, panels=2)


def cost_curve(ax: Axes | None = None) -> Axes:
    """The cost of one example, -log p, against the probability p of its true class."""
    ax = panels(ax, width=5.0, height=3.2)[0]
    p = np.linspace(0.005, 1, 400)
    ax.plot(p, -np.log(p), color=COLORS[0])
    for at in (0.9, 0.5, 0.1, 0.01):
        ax.plot(at, -np.log(at), "o", color=COLORS[4])
        ax.annotate(f"p = {at}: {-np.log(at):.2f}", (at, -np.log(at)), (6, 6), textcoords="offset points")
    ax.set(xlabel="p of the true class", ylabel="cost, -log p (nats)", xlim=(0, 1.12), ylim=(0, 5.5))
    return ax


def blobs(X: np.ndarray, y: np.ndarray, ax: Axes | None = None) -> Axes:
    """The four classes of points. X (m, 2), y (m,)."""
    return plane.scatter(X, y, ax)


def loss_curves(losses: dict[str, list[float]], ax: Axes | None = None) -> Axes:
    """The loss after each epoch, one line per model, by the model's name."""
    ax = panels(ax, width=5.5, height=3.2)[0]
    for k, (name, values) in enumerate(losses.items()):
        ax.plot(
            range(1, len(values) + 1),
            values,
            LINES[k % len(LINES)],
            color=COLORS[k],
            linewidth=4 - 2.5 * k / max(1, len(losses) - 1),
            label=name,
        )
    ax.set(xlabel="epoch", ylabel="loss (nats)", ylim=(0, None))
    ax.legend()
    return ax


def logits_and_probabilities(z: np.ndarray, axes: np.ndarray | None = None) -> np.ndarray:
    """The logits of one point, z (N,), beside their softmax."""
    axes = panels(axes, 2, height=2.6)
    names = [f"class {k}" for k in range(len(z))]
    bars(axes[0], z, names, "{:.1f}").set(title="what predict gives: logits")
    bars(axes[1], softmax(z), names, "{:.3f}").set(title="after softmax: probabilities", ylim=(0, 1.15))
    axes[0].margins(y=0.2)
    return axes


def probability_maps(model, X: np.ndarray, axes: np.ndarray | None = None) -> np.ndarray:
    """One map per class: the probability that a Keras model of logits gives it at every place."""
    points, edges = plane.grid(X)
    p = softmax(_outputs(model, points))
    axes = panels(axes, p.shape[1], width=10.0, height=2.6)
    for k, ax in enumerate(axes):
        plane.probability_map(p[:, k], edges, ax, title=f"class {k}")
    axes[0].set_ylabel("$x_2$")
    return axes


def output_maps(models: dict, X: np.ndarray, y: np.ndarray, axes: np.ndarray | None = None) -> np.ndarray:
    """The class that each Keras model gives to every place, by the model's name: its largest output."""
    axes = panels(axes, len(models), width=9.0, height=3.4)
    for ax, (name, model) in zip(axes, models.items(), strict=True):
        plane.decision_map(lambda points, m=model: _outputs(m, points).argmax(axis=1), X, y, ax, title=name)
        if ax is not axes[-1]:
            ax.get_legend().remove()
    return axes


def _outputs(model, points: np.ndarray) -> np.ndarray:
    return model.predict(points, batch_size=1000, verbose=0)


def clipped_loss(ax: Axes | None = None) -> Axes:
    """The loss of a wrong answer against its size s: read from probabilities, and from logits.

    The second curve is the first one cut at -log(1e-7), the smallest probability that Keras lets its
    loss see (keras.config.epsilon).
    """
    ax = panels(ax, width=5.5, height=3.2)[0]
    s = np.linspace(0, 30, 200)
    z = s[:, None] * np.array([1, 0.25, -0.5, -1])
    exact = logit_losses(z, np.full(len(z), 3))
    ax.plot(s, exact, LINES[0], color=COLORS[0], label="from the logits")
    ax.plot(s, np.minimum(exact, -np.log(1e-7)), LINES[1], color=COLORS[4], label="from probabilities")
    ax.axhline(-np.log(1e-7), color=GREY, linewidth=0.8, linestyle=":")
    ax.set(xlabel="size s of the logits", ylabel="loss (nats)")
    ax.legend()
    return ax
