"""Pictures take data and give back Axes; sliders redraw them and leave a figure where they cannot."""

import inspect
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from logitlab.datasets import blobs, disease_probabilities, diseases, rings
from logitlab.plots import (
    argmax,
    binary,
    calibration,
    digits,
    error_analysis,
    interactive,
    keras_pairs,
    plane,
    relu,
    softmax,
    stability,
    style,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure

mpl.use("agg")
Z = np.array([1.0, 2.0, 3.0, 4.0])
PATIENTS = diseases(100)
TUMOURS = np.array([-3.0, -1.0, 0.5, 4.0]), np.array([0, 1, 0, 1])
PIXELS = np.random.default_rng(0).random((12, 64))
LOGITS = np.random.default_rng(1).normal(size=(12, 10))
LABELS = np.random.default_rng(2).integers(0, 10, size=12)


class Logits:
    """Stands for a trained model: the score of a class is how near its blob is."""

    layers = (SimpleNamespace(get_weights=lambda: (np.eye(2), np.zeros(2))),)

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
    stability: {
        "exp_ranges": (),
        "four_formulas": (),
        "training": ({"clipped": [0.2, 0.9], "by hand": [0.3, 0.5]},),
        "sure_and_right": (),
    },
    error_analysis: {
        "rounding": (),
        "error_against_bound": (np.array([5.0, 20.0, 90.0]), {"a": np.array([1.0, 0.0, 3.0])}),
        "bits_by_length": (),
        "log1p_errors": (),
        "offset": (6.5,),
        "loss_bits": (np.array([1e-9, 1.0, 120.0]), {"a": np.array([0.0, 1.0, np.inf]), "b": np.ones(3)}),
    },
    calibration: {
        "patients": PATIENTS,
        "training_curves": ([0.5, 0.4, 0.3], [0.6, 0.5, 0.7]),
        "reliability": ({"exact": disease_probabilities(PATIENTS[0])}, PATIENTS[1]),
        "loss_against_temperature": (2 * np.log(disease_probabilities(PATIENTS[0])), PATIENTS[1], 1.5),
        "cost_table": (np.array([[0, 1], [10, 0]]),),
        "decision_maps": ({"one": lambda points: disease_probabilities(points).argmax(axis=1)}, *PATIENTS),
        "cost_bars": ({"one": 1.0, "two": 0.5},),
    },
    relu: {
        "rings": rings(100),
        "decision_maps": ({"one": Logits(), "two": Logits()}, *blobs(100)),
        "bends": (),
        "creases": (Logits(), *blobs(100)),
        "gradient_bars": (Z,),
        "descent": (Z, 3),
    },
    keras_pairs: {
        "two_by_two": ({name: {"loss": [2.0, 1.0], "accuracy": [0.5, 0.9]} for name in "abcd"},),
        "floor": ({"a": [2.0, 1.0], "b": [1.0, 0.8]}, 0.744),
        "readings": (2.0, 0.3),
        "probes": ({"a": (np.ones(5), 1.386), "b": (np.arange(5.0), 3.44)},),
    },
    binary: {
        "sigmoid_curve": (),
        "threshold": TUMOURS,
        "errors": TUMOURS,
        "loss_formulas": (),
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
    stability: ("explore_formulas", 1),
    error_analysis: ("explore_offset", 1),
    calibration: ("explore_temperature", 1),
    relu: ("explore_gradient", 4),
    keras_pairs: ("explore_readings", 2),
    binary: ("explore_threshold", 1, *TUMOURS),
    digits: ("explore_threshold", 1, LOGITS, LABELS),
}


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


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


def test_a_decision_map_writes_the_number_of_each_class_into_its_region():
    ax = Figure().subplots()
    plane.decision_map(lambda points: (points[:, 0] > 0).astype(int), *blobs(50), ax)
    assert {text.get_text(): bool(text.get_position()[0] > 0) for text in ax.texts} == {"0": False, "1": True}
