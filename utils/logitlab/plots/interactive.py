"""Sliders that redraw a picture, and the picture alone where no slider can move.

The sliders are ipywidgets: the widgets that JupyterLab brings its own extension for, with no second
canvas or plotting backend to keep working. The picture is an ordinary Axes function drawn anew into
an image, so the static figure and the moving one come from the same code. The output carries both
forms: JupyterLab shows the widget, and a page without a kernel shows the figure.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass

import ipywidgets as widgets
from IPython.display import display
from matplotlib.figure import Figure

from logitlab.plots.style import use


@dataclass(frozen=True)
class Slider:
    """A number the reader moves: its label, where it starts, its range and its step."""

    label: str
    value: float
    low: float
    high: float
    step: float = 0.1


def explore(
    draw: Callable[..., object],
    sliders: dict[str, Slider],
    text: str,
    panels: int = 1,
    size: tuple[float, float] = (8.0, 3.2),
) -> widgets.Widget:
    """Show a picture with sliders; returns the widget, whose parts tests and the curious can move.

    draw(axes=..., **numbers) draws into the Axes, an array if there are several panels. sliders: the
    arguments of draw, by name. text: what the picture shows, for who cannot see it. size: in inches.
    """

    def png(**numbers: float) -> bytes:
        use()
        figure = Figure(figsize=size)
        draw(axes=figure.subplots(1, panels), **numbers)
        stream = io.BytesIO()
        figure.savefig(stream, format="png")
        return stream.getvalue()

    controls = {
        name: widgets.FloatSlider(
            description=slider.label,
            tooltip=f"{slider.label}, from {slider.low:g} to {slider.high:g}",
            value=slider.value,
            min=slider.low,
            max=slider.high,
            step=slider.step,
            readout_format=".1f",
            style={"description_width": "initial"},  # a longer label would be cut off
        )
        for name, slider in sliders.items()
    }
    start = png(**{name: slider.value for name, slider in sliders.items()})
    # Beside its column's start it keeps its own size; stretched to the column it would blur.
    image = widgets.Image(value=start, format="png", layout=widgets.Layout(max_width="100%", align_self="flex-start"))

    def redraw(_: dict) -> None:
        image.value = png(**{name: control.value for name, control in controls.items()})

    for control in controls.values():
        control.observe(redraw, names="value")
    box = widgets.VBox([widgets.HBox(list(controls.values()), layout=widgets.Layout(flex_flow="row wrap")), image])
    # Written out, since ipywidgets 7, which Colab has, offers no method that gives it.
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    bundle = {"application/vnd.jupyter.widget-view+json": view}
    bundle |= {"text/plain": text, "image/png": base64.b64encode(start).decode()}
    display(bundle, raw=True)
    return box
