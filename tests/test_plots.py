"""Pictures take data and give back Axes; sliders redraw them and leave a figure where they cannot."""

import inspect

import matplotlib as mpl
import numpy as np
import pytest
from logitlab.datasets import blobs
from logitlab.plots import argmax, digits, interactive, plane, softmax, style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

mpl.use("agg")
Z = np.array([1.0, 2.0, 3.0, 4.0])
PIXELS = np.random.default_rng(0).random((12, 64))
LOGITS = np.random.default_rng(1).normal(size=(12, 10))
LABELS = np.random.default_rng(2).integers(0, 10, size=12)


class Logits:
    """Stands for a trained model: the score of a class is how near its blob is."""

    def predict(self, X, batch_size, verbose):
        return -np.linalg.norm(X[:, None] - np.array([[-5, 2], [-2, -2], [1, 2], [5, -2]]), axis=2)


PICTURES = {
    softmax: {
        "softmax_bars": (Z,),
        "cost_curve": (),
        "blobs": blobs(100),
        "loss_curves": ({"a": [2.0, 1.0], "b": [1.0, 0.5]},),
        "logits_and_probabilities": (Z,),
        "probability_maps": (Logits(), blobs(100)[0]),
        "output_maps": ({"one": Logits(), "two": Logits()}, *blobs(100)),
        "clipped_loss": (),
    },
    argmax: {
        "order_in_rows": (np.array([[1.0, 2.0, 3.0], [0.0, 4.0, 1.0]]),),
        "winners": (np.eye(3)[[0, 1, 2, 0]], np.array([0, 1, 2, 2]), ["a", "b", "c"]),
        "gap": (-3.0,),
    },
    digits: {
        "gallery": (PIXELS, ["a"] * len(PIXELS)),
        "class_counts": (LABELS, LABELS),
        "taken_apart": (PIXELS[0], LOGITS[0]),
        "confusions": (LABELS, LOGITS.argmax(axis=1)),
        "wrong_digits": (PIXELS, LABELS, LOGITS),
        "sureness": (np.abs(LOGITS) / np.abs(LOGITS).sum(axis=1, keepdims=True), LABELS),
        "threshold": (LOGITS, LABELS, 50.0),
    },
}
# The picture with sliders, their number, and the data it draws.
SLIDERS = {
    softmax: ("explore_softmax", 5),
    argmax: ("explore_gap", 1),
    digits: ("explore_threshold", 1, LOGITS, LABELS),
}


@pytest.mark.parametrize(("module", "name"), [(module, name) for module in PICTURES for name in PICTURES[module]])
def test_a_picture_gives_back_the_axes_it_drew_in(module, name):
    drawn = getattr(module, name)(*PICTURES[module][name])
    assert all(isinstance(ax, Axes) and (ax.has_data() or ax.patches) for ax in np.atleast_1d(drawn))


def test_a_picture_draws_in_the_axes_it_is_given():
    ax = Figure().subplots()
    assert softmax.cost_curve(ax) is ax


def test_too_few_axes_are_refused_with_the_number_that_is_needed():
    with pytest.raises(ValueError, match="needs 2 Axes"):
        softmax.softmax_bars(Z, axes=Figure().subplots())


@pytest.mark.parametrize("module", PICTURES)
def test_every_picture_of_a_lab_is_tested(module):
    public = {n for n, f in inspect.getmembers(module, inspect.isfunction) if f.__module__ == module.__name__}
    assert {n for n in public if not n.startswith(("_", "explore"))} == set(PICTURES[module])


def test_classes_differ_by_marker_and_hatch_as_well_as_by_colour():
    for looks in (style.COLORS, style.MARKERS, style.HATCHES):
        assert len(set(looks)) == len(looks)


@pytest.mark.parametrize("module", SLIDERS)
def test_a_slider_redraws_and_a_page_without_a_kernel_gets_the_figure(module, monkeypatch):
    shown = []
    monkeypatch.setattr(interactive, "display", lambda bundle, raw: shown.append(bundle))
    name, number, *data = SLIDERS[module]
    controls, image = getattr(module, name)(*data).children
    assert len(controls.children) == number
    for control in controls.children:
        before = image.value
        control.value = control.min if control.value != control.min else control.max
        # A shift of all logits alone leaves the probabilities; the picture of the logits moves.
        assert image.value != before
    assert {"image/png", "text/plain", "application/vnd.jupyter.widget-view+json"} <= set(shown[0])


def test_the_sliders_of_lab_01_go_from_minus_10_to_10(monkeypatch):
    monkeypatch.setattr(interactive, "display", lambda bundle, raw: None)
    controls = softmax.explore_softmax().children[0].children
    assert [control.description for control in controls] == ["z0", "z1", "z2", "z3", "shift c"]
    assert all((control.min, control.max) == (-10, 10) for control in controls)


def test_a_decision_map_asks_for_every_place_of_the_region():
    asked = []
    X, y = blobs(50)
    plane.decision_map(lambda points: asked.append(points) or np.zeros(len(points), int), X, y, Figure().subplots())
    assert asked[0].shape == (plane.STEPS**2, 2)
    assert (asked[0].min(axis=0) < X.min(axis=0)).all()
    assert (asked[0].max(axis=0) > X.max(axis=0)).all()
