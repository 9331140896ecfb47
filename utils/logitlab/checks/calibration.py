"""Checks of lab 07: temperature, calibration error, and decisions of least cost."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from logitlab.checks.answers import Seen
from logitlab.checks.core import (
    Exercise,
    Idea,
    Question,
    compare,
    either,
    imitated,
    normals,
    raised,
    untouched,
    whole,
)
from logitlab.formulas import (
    best_temperature,
    calibration_bins,
    chosen,
    logit_losses,
    softmax,
)
from logitlab.formulas import expected_calibration_error as _error

# expected_calibration_error

FIXED = (5, 10, 15, 20)  # numbers of bins that an answer may use whatever is asked


def _patients(rng: np.random.Generator, m: int, n: int, n_bins: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Probabilities and labels, made so that gaps have both signs and depend on the number of bins.

    Below 0.5 every answer is right. Above, the answers in the lower half of each bin are right and those in
    its upper half wrong. No confidence is near the edge of a bin, where rounding might sort it differently.
    """
    while True:
        p = softmax(normals(rng, (4 * m, n), scale=1.5))
        steps = p.max(axis=1) * n_bins
        p = p[np.abs(steps - np.round(steps)) > 1e-3][:m]
        confidence, y = p.max(axis=1), p.argmax(axis=1)
        wrong = (confidence > 0.5) & (confidence * n_bins % 1 > 0.5)
        y = np.where(wrong, (y + 1) % n, y)
        others = [_error(p, y, k) for k in FIXED if k != n_bins] + [_unweighted(p, y, n_bins)]
        # A wrong answer must not be right by chance.
        if np.abs(np.array(others) - _error(p, y, n_bins)).min() > 1e-3:
            return p, y, n_bins


_FEW = (
    np.array([[0.95, 0.05], [0.95, 0.05], [0.65, 0.35], [0.65, 0.35], [0.65, 0.35]]),
    np.array([0, 1, 0, 0, 1]),
    10,
)
# With 4 bins the confidences 0.5, 0.75 and 1 lie on edges, exactly, in float32 as well.
_EDGES = (
    np.array(
        [
            [0.4, 0.3, 0.3],
            [0.5, 0.3, 0.2],
            [0.6, 0.3, 0.1],
            [0.75, 0.15, 0.1],
            [0.85, 0.1, 0.05],
            [0.9, 0.05, 0.05],
            [1.0, 0.0, 0.0],
        ]
    ),
    np.array([1, 0, 1, 0, 0, 1, 1]),
    4,
)


def _gaps(p: np.ndarray, y: np.ndarray, n_bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Of the bins that are not empty: their share of the rows, and share right minus mean confidence."""
    count, confidence, right = calibration_bins(p, y, n_bins)
    filled = count > 0
    return count[filled] / len(y), (right - confidence)[filled]


def _unweighted(p: np.ndarray, y: np.ndarray, n_bins: int) -> float:
    return np.abs(_gaps(p, y, n_bins)[1]).mean()


def _signed(p: np.ndarray, y: np.ndarray, n_bins: int) -> float:
    weight, gap = _gaps(p, y, n_bins)
    return (weight * gap).sum()


def _of_true_class(p: np.ndarray, y: np.ndarray, n_bins: int) -> float:
    """The error when the confidence is taken from the true class."""
    confidence, right = chosen(p, y), p.argmax(axis=1) == y
    place = np.ceil(confidence * n_bins)
    return sum(abs((right[place == k] - confidence[place == k]).sum()) for k in np.unique(place)) / len(y)


def _from_middles(p: np.ndarray, y: np.ndarray, n_bins: int) -> float:
    count, _, right = calibration_bins(p, y, n_bins)
    return np.nansum(count * np.abs(right - (np.arange(n_bins) + 0.5) / n_bins)) / len(y)


def _lower_edges(keep_one: bool) -> Callable:
    """The error with bins [k/n, (k+1)/n): a confidence of 1 counts in the last bin, or nowhere."""

    def error(p: np.ndarray, y: np.ndarray, n_bins: int) -> float:
        confidence, right = p.max(axis=1), p.argmax(axis=1) == y
        place = np.floor(confidence * n_bins)
        place = np.minimum(place, n_bins - 1) if keep_one else place
        bins = range(n_bins)
        return sum(abs((right[place == k] - confidence[place == k]).sum()) for k in bins) / len(y)

    return error


expected_calibration_error = Exercise(
    "expected_calibration_error",
    section="3",
    reference=_error,
    questions=(
        Question(
            "Five patients: 0.95 twice, once right; 0.65 three times, twice right; 10 bins",
            1,
            lambda rng: _FEW,
        ),
        Question("200 random patients, four classes, 10 bins", 1, lambda rng: _patients(rng, 200, 4, 10)),
        Question("120 random patients, three classes, 7 bins", 1, lambda rng: _patients(rng, 120, 3, 7)),
        Question("40 random patients, four classes, 50 bins: many are empty", 1, lambda rng: _patients(rng, 40, 4, 50)),
        Question(
            "Confidences 0.5, 0.75 and 1 on the edges of 4 bins: an edge belongs to the bin below it",
            1,
            lambda rng: _EDGES,
        ),
    ),
    ideas=(
        Idea(
            "bins not weighted",
            "Every bin counts the same here, however few patients it holds. Weight each gap with the bin's share of "
            "the patients.",
            imitated(_unweighted, lambda p, y, n_bins: np.abs(_gaps(p, y, n_bins)[1]).sum() / n_bins),
        ),
        Idea(
            "signs cancel",
            "A bin that says too much and a bin that says too little cancel each other. Take the absolute value in "
            "each bin, before you add.",
            imitated(
                _signed,
                lambda p, y, n_bins: -_signed(p, y, n_bins),
                lambda p, y, n_bins: abs(_signed(p, y, n_bins)),
            ),
        ),
        Idea(
            "the true class's probability",
            "The confidence is the largest probability of the row: what the model says before anyone knows the truth.",
            imitated(_of_true_class),
        ),
        Idea(
            "one gap per patient",
            "A single patient is right or wrong, never 0.9 right. Average within a bin first, then take the gap.",
            imitated(lambda p, y, n_bins: np.abs((p.argmax(axis=1) == y) - p.max(axis=1)).mean()),
        ),
        Idea(
            "the largest gap",
            "This is the gap of the worst bin. The mean over the patients is asked for.",
            imitated(lambda p, y, n_bins: np.abs(_gaps(p, y, n_bins)[1]).max()),
        ),
        Idea(
            "the middle of the bin",
            "The gap was measured from the middle of the bin. Use the mean confidence of the patients in it.",
            imitated(_from_middles),
        ),
        Idea(
            "edges in the bin above",
            "A confidence on an edge belongs to the bin below it, and 1 belongs to the last bin: above k/n, up to "
            "and including (k+1)/n.",
            either(imitated(_lower_edges(True), _lower_edges(False)), raised("IndexError")),
        ),
        Idea(
            "empty bins",
            "A bin without patients has no mean: 0/0 is nan. Leave empty bins out.",
            lambda seen, given: (
                seen.array is not None and seen.array.dtype.kind == "f" and bool(np.isnan(seen.array).any())
            ),
        ),
        Idea(
            "number of bins fixed",
            "This is the error with another number of bins. Use n_bins.",
            imitated(*(lambda p, y, n_bins, n=n: _error(p, y, n) for n in FIXED)),
        ),
    ),
)

# temperature_softmax


def _naive(z: np.ndarray, T: float) -> np.ndarray:
    e = np.exp(np.asarray(z, dtype=float) / T)
    return e / e.sum(axis=-1, keepdims=True)


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    """A random number that float32 holds exactly."""
    return float(np.float32(rng.uniform(low, high)))


temperature_softmax = Exercise(
    "temperature_softmax",
    section="4",
    reference=lambda z, T: softmax(z / T),
    questions=(
        Question("z = [[2, 1, 0, -1]], T = 2", 1, lambda rng: (np.array([[2.0, 1.0, 0.0, -1.0]]), 2.0)),
        Question("Six random rows, a T between 2 and 4", 1, lambda rng: (normals(rng, (6, 4)), _between(rng, 2, 4))),
        Question(
            "As many rows as classes, 4 and 4, a T between 0.4 and 0.7",
            1,
            lambda rng: (normals(rng, (4, 4)), _between(rng, 0.4, 0.7)),
        ),
        Question(
            "Large logits, z = [[1000, 999, -1000], [-2000, -2001, -4000]], T = 0.5",
            1,
            lambda rng: (np.array([[1000.0, 999.0, -1000.0], [-2000.0, -2001.0, -4000.0]]), 0.5),
        ),
        Question(
            "Whole numbers, T = 3; the array z is the same afterwards",
            1,
            lambda rng: (rng.integers(-4, 5, size=(3, 5)) + np.arange(5), 3.0),
            judge=untouched,
        ),
    ),
    ideas=(
        Idea(
            "multiplied by T",
            "A T above 1 should make the probabilities more alike; yours become more extreme. Hotter is flatter: "
            "think again about what T does to the logits.",
            imitated(lambda z, T: softmax(z * T)),
        ),
        Idea(
            "temperature on probabilities",
            "Softmax was applied to probabilities: the result is close to uniform. Temperature acts on the logits.",
            imitated(lambda z, T: softmax(softmax(z) / T), lambda z, T: softmax(softmax(z) * T)),
        ),
        Idea(
            "divided after softmax",
            "The rows sum to 1/T. Temperature comes before softmax, so that softmax makes the sum 1.",
            imitated(lambda z, T: softmax(z) / T),
        ),
        Idea(
            "temperature without effect",
            "These are the probabilities for T = 1. Dividing probabilities by T and normalising them again takes T "
            "out once more; it has to act before the exponential.",
            imitated(lambda z, T: softmax(z)),
        ),
        Idea(
            "powers not normalised",
            "These are the probabilities to the power 1/T. That is the right idea in other words, but the rows no "
            "longer sum to 1.",
            imitated(lambda z, T: softmax(z) ** (1 / T)),
        ),
        Idea(
            "no shift",
            "exp(z / T) leaves the range of floating-point numbers. Subtract each row's maximum first, as in lab 01.",
            imitated(_naive),
        ),
        Idea(
            "normalised down the columns",
            "Your columns sum to 1, your rows do not. One row is one patient: sum along the last axis.",
            imitated(lambda z, T: softmax(z.T / T).T),
        ),
        Idea(
            "each class on its own",
            "Each logit was squashed on its own, as if a patient could have several diseases. One disease among four: "
            "the classes share one sum.",
            imitated(lambda z, T: 1 / (1 + np.exp(-z / T))),
        ),
        Idea(
            "logits instead of probabilities",
            "These are the divided logits. They need softmax to become probabilities.",
            imitated(lambda z, T: z / T),
        ),
    ),
)

# fit_temperature

NEAR = 0.02  # relative; the exercise asks for 1 %


def _validation(rng: np.random.Generator, low: float, high: float, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits of 300 patients, too large by a factor between low and high; each row shifted by about `shift`."""
    exact = normals(rng, (300, 4), scale=1.5)
    y = (softmax(exact).cumsum(axis=1) < rng.uniform(size=(300, 1))).sum(axis=1)
    z = _between(rng, low, high) * exact + shift * rng.uniform(-1, 1, size=(300, 1))
    return z.astype(np.float32).astype(float), np.minimum(y, 3)


def _hopeless_class(z: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same patients with one more class, which nobody has and whose logits are far below."""
    return np.column_stack([z, z.min(axis=1) - 2000]), y


_MARGIN_4 = (np.array([[4.0, 0.0]] * 4), np.array([0, 0, 0, 1]))
# Eight of ten right at both margins. The second group hardly moves the cross entropy, but it moves the
# calibration error and the squared error: these are least at a T below 1.
_TWO_GROUPS = (np.array([[5.0, 0.0]] * 5 + [[0.8, 0.0]] * 5), np.array([0, 0, 0, 0, 1] * 2))


def _number(seen: Seen) -> float | None:
    """The one positive number that came back, in whatever shape."""
    if seen.array is None or seen.array.size != 1 or seen.array.dtype.kind not in "iuf":
        return None
    value = float(seen.array.reshape(()))
    return value if np.isfinite(value) and value > 0 else None


def _judge_temperature(seen: Seen, given: tuple, expected: float) -> str:
    if seen.array is None or seen.array.size != 1:
        return compare(seen.value, expected)
    value = _number(seen)
    if value is None:
        return "T is a number above 0."
    return "" if abs(value - expected) <= NEAR * expected else "This T is not the one with the least cross entropy."


def _near(wrong: Callable[[np.ndarray, np.ndarray], float]) -> Callable[[Seen, tuple], bool]:
    """Recognise an idea by the T that it finds."""

    def shows(seen: Seen, given: tuple) -> bool:
        value = _number(seen)
        return value is not None and abs(np.log(value / wrong(*given))) <= NEAR

    return shows


def _least_calibration_error(seen: Seen, given: tuple) -> bool:
    """T from the calibration error or the squared error; only the fixed groups can tell, by their design."""
    value = _number(seen)
    z, y = given
    if value is None or len(y) != len(_TWO_GROUPS[1]) or not np.array_equal(z, _TWO_GROUPS[0]):
        return False
    return 0.5 < value < 0.7


def _no_better_than_none(seen: Seen, given: tuple) -> bool:
    value = _number(seen)
    z, y = given
    return value is not None and logit_losses(z / value, y).mean() >= logit_losses(z, y).mean() - 1e-12


def _overflows(seen: Seen, given: tuple) -> bool:
    """Whether exp of these logits is inf without a shift, and a number came back all the same."""
    z, _ = given
    return seen.error is None and bool(z.max() > 1000)


fit_temperature = Exercise(
    "fit_temperature",
    section="5",
    reference=best_temperature,
    questions=(
        Question(
            "Four patients with logits [4, 0], three of them of class 0",
            1,
            lambda rng: _MARGIN_4,
            # sigmoid(4 / T) = 3/4, so T = 4 / log 3.
            expected=lambda z, y: 4 / np.log(3),
            judge=_judge_temperature,
        ),
        Question(
            "300 random patients, logits too large",
            1,
            lambda rng: _validation(rng, 2.2, 3.0),
            judge=_judge_temperature,
        ),
        Question(
            "300 random patients, logits too small",
            1,
            lambda rng: _validation(rng, 0.4, 0.6),
            judge=_judge_temperature,
        ),
        Question(
            "Two groups: logits [5, 0] and [0.8, 0], four of five right in each",
            1,
            lambda rng: _TWO_GROUPS,
            judge=_judge_temperature,
        ),
        Question(
            "300 random patients, each row shifted by a number of its own, up to 3000; a fifth class 2000 behind",
            1,
            lambda rng: _hopeless_class(*_validation(rng, 2.2, 3.0, shift=3000.0)),
            judge=_judge_temperature,
        ),
    ),
    ideas=(
        Idea(
            "1/T",
            "This is 1/T: your search multiplied the logits by T instead of dividing them.",
            _near(lambda z, y: 1 / best_temperature(z, y)),
        ),
        Idea(
            "fitted on probabilities",
            "This T fits softmax(p / T), with probabilities where logits belong. Divide the logits z.",
            _near(lambda z, y: best_temperature(softmax(z), y)),
        ),
        Idea(
            "another yardstick",
            "This T makes the calibration error or the squared error small. The cross entropy is asked for: "
            "mean of -log p of the true class.",
            _least_calibration_error,
        ),
        Idea(
            "the result object, not the number",
            "An object came back. Give back the number in it (SciPy keeps it in the attribute x).",
            lambda seen, given: (
                seen.error is not None and seen.error[0] == "NotData" and "not an array" in seen.error[1]
            ),
        ),
        Idea(
            "all temperatures, or all losses",
            "A whole list came back. One number is asked for: the T whose cross entropy is least.",
            lambda seen, given: seen.array is not None and seen.array.size > 1,
        ),
        Idea(
            "a place in the grid",
            "A whole number came back: the place of the best T in your list, it seems. Give the T that stands there.",
            lambda seen, given: seen.array is not None and seen.array.dtype.kind in "iu" and seen.array.size == 1,
        ),
        Idea(
            "no shift",
            "exp overflows at large logits, and the cross entropy becomes nan or inf. Subtract each row's maximum "
            "before exp.",
            _overflows,
        ),
        Idea(
            "no better than T = 1",
            "At this T the cross entropy is as high as at T = 1, or higher. Look for the T where it is lowest. (The "
            "number of errors cannot help: it is the same at every T.)",
            _no_better_than_none,
        ),
    ),
)

# min_cost_decision

_EQUAL = 1 - np.eye(3, dtype=int)
_DANGER = np.array([[0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 1], [10, 10, 10, 0]])


def _least(p: np.ndarray, cost: np.ndarray) -> np.ndarray:
    return np.argmin(p @ cost, axis=1)


def _most_probable(p: np.ndarray, cost: np.ndarray) -> np.ndarray:
    return p.argmax(axis=1)


def _transposed(p: np.ndarray, cost: np.ndarray) -> np.ndarray:
    return (p @ cost.T).argmin(axis=1)


def _softmax_again(p: np.ndarray, cost: np.ndarray) -> np.ndarray:
    return (softmax(p) @ cost).argmin(axis=1)


def _weighted(p: np.ndarray, cost: np.ndarray) -> np.ndarray:
    return (p * cost.sum(axis=1)).argmax(axis=1)


def _weighted_by_largest(p: np.ndarray, cost: np.ndarray) -> np.ndarray:
    return (p * cost.max(axis=1)).argmax(axis=1)


def _costly(
    rng: np.random.Generator, draw_cost: Callable[[np.random.Generator], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of 60 patients and costs: the cheapest decision is cheapest by a margin, not by rounding."""
    wrong = (_most_probable, _transposed, _softmax_again, _weighted, _weighted_by_largest)
    while True:
        cost = draw_cost(rng)
        p = softmax(normals(rng, (600, len(cost)), scale=1.0))
        lowest, second = np.sort(p @ cost, axis=1)[:, :2].T
        p = p[second - lowest > 1e-3][:60]
        # A wrong answer must not be right by chance.
        if not any(np.array_equal(decide(p, cost), _least(p, cost)) for decide in wrong):
            return p, cost


def _free_when_right(rng: np.random.Generator) -> np.ndarray:
    cost = np.round(rng.uniform(1, 10, size=(4, 4)), 3)
    # One mistake that costs much and one that costs little, so that a transposed table decides otherwise.
    cost[0, 3], cost[3, 0] = 1.0, 20.0
    np.fill_diagonal(cost, 0)
    return cost


min_cost_decision = Exercise(
    "min_cost_decision",
    section="6",
    reference=_least,
    questions=(
        Question(
            "Every error costs 1, p = [[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]]",
            1,
            lambda rng: (np.array([[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]]), _EQUAL),
            judge=whole,
        ),
        Question(
            "Overlooking class 3 costs 10, any other error 1, p = [[0.7, 0.1, 0.1, 0.1]]",
            1,
            lambda rng: (np.array([[0.7, 0.1, 0.1, 0.1]]), _DANGER),
            judge=whole,
        ),
        Question(
            "60 random patients, random costs, 0 where the decision is right",
            1,
            lambda rng: _costly(rng, _free_when_right),
            judge=whole,
        ),
        Question(
            "60 random patients, five classes, random costs: a right decision costs something too",
            1,
            lambda rng: _costly(rng, lambda rng: np.round(rng.uniform(1, 10, size=(5, 5)), 3)),
            judge=whole,
        ),
        Question(
            "Equal costs, p = [[0.25, 0.375, 0.375], [0.5, 0, 0.5]]: the lower class",
            1,
            lambda rng: (np.array([[0.25, 0.375, 0.375], [0.5, 0.0, 0.5]]), _EQUAL),
            judge=whole,
        ),
    ),
    ideas=(
        Idea(
            "the most probable class",
            "This decides for the most probable class, as if it were certain. A less probable disease can be the "
            "cheaper decision when overlooking it is expensive.",
            imitated(_most_probable, lambda p, cost: cost[p.argmax(axis=1)].argmin(axis=1)),
        ),
        Idea(
            "cost table turned round",
            "Truth and decision are exchanged: cost[i, j] is the cost of deciding j when i is true.",
            imitated(_transposed),
        ),
        Idea(
            "the dearest decision",
            "This is the decision with the largest expected cost. Look for the smallest.",
            imitated(lambda p, cost: (p @ cost).argmax(axis=1)),
        ),
        Idea(
            "softmax again",
            "The numbers in p are probabilities already. Another softmax makes them nearly equal.",
            imitated(_softmax_again),
        ),
        Idea(
            "one weight per class",
            "Each probability was multiplied by one number for its class. Each decision has costs of its own: for "
            "every decision, add up probability times cost over all that may be true.",
            imitated(_weighted, _weighted_by_largest),
        ),
        Idea(
            "the costs, not the decision",
            "These are expected costs. The place of the smallest one in each row is the decision.",
            imitated(lambda p, cost: p @ cost, lambda p, cost: (p @ cost).min(axis=1)),
        ),
        Idea(
            "down the columns",
            "There is one answer per class. One per patient is asked for: along each row.",
            imitated(lambda p, cost: (p @ cost).argmin(axis=0)),
        ),
        Idea(
            "the last of equals",
            "Of two equally cheap decisions the last one was taken; the lower class is asked for.",
            imitated(lambda p, cost: len(cost) - 1 - (p @ cost)[:, ::-1].argmin(axis=1)),
        ),
        Idea(
            "counted from 1",
            "Every decision is one too high: classes count from 0.",
            imitated(lambda p, cost: _least(p, cost) + 1),
        ),
    ),
)
