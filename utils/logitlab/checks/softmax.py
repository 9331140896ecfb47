"""Checks of lab 01: softmax, the cost, the preferred model, and what its outputs mean."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from logitlab.checks.answers import Answer, Seen
from logitlab.checks.classifier import classifier
from logitlab.checks.core import (
    Exercise,
    Idea,
    Question,
    compare,
    either,
    imitated,
    normals,
    raised,
    same,
    untouched,
    whole,
)
from logitlab.datasets import blobs
from logitlab.formulas import chosen, logit_losses, mean_cross_entropy, softmax, softmax32
from logitlab.models import Recipe

# my_softmax


def _naive(z: np.ndarray, axis: int | None = -1) -> np.ndarray:
    e = np.exp(np.asarray(z, dtype=float))
    return e / e.sum(axis=axis, keepdims=True)


def _shifted(z: np.ndarray, m: np.ndarray | float) -> np.ndarray:
    return _naive(np.asarray(z, dtype=float) - m)


def _square_without_keepdims(z: np.ndarray) -> np.ndarray:
    e = np.exp(np.asarray(z, dtype=float) - np.max(z))
    return e / e.sum(axis=-1)


def _dropped_axis(seen: Seen, given: tuple) -> bool:
    """Rows divided by the sums of other rows, or, where shapes do not fit, the error that follows."""
    z = given[0]
    if seen.error is not None:
        return seen.error[0] in ("ValueError", "InvalidArgumentError") and z.ndim > 1
    return z.ndim > 1 and imitated(_square_without_keepdims)(seen, given)


OVERFLOW = (
    "exp(z) leaves the range of floating-point numbers when a logit is far from 0. Subtract the largest "
    "logit of the row first: the probabilities stay the same, and exp then never sees a number above 0."
)

my_softmax = Exercise(
    name="my_softmax",
    section="1",
    reference=softmax,
    questions=(
        Question("One row of four logits, [1, 2, 3, 4]", 1, lambda rng: (np.array([1.0, 2.0, 3.0, 4.0]),)),
        Question(
            "One row with negative logits, [-1, -4, -10, -0.5]",
            1,
            lambda rng: (np.array([-1.0, -4.0, -10.0, -0.5]),),
        ),
        Question("A batch of 5 rows, 3 logits each", 1, lambda rng: (normals(rng, (5, 3)),)),
        Question("A square batch: 4 rows, 4 logits each", 1, lambda rng: (normals(rng, (4, 4)),)),
        Question(
            "A stack of batches, shape (2, 3, 4): the last axis holds the classes",
            1,
            lambda rng: (normals(rng, (2, 3, 4)),),
        ),
        Question("Whole numbers, dtype int", 1, lambda rng: (rng.integers(-3, 4, size=(2, 5)),)),
        Question(
            "Logits far apart and large, [1000, 999, -1000]", 1, lambda rng: (np.array([1000.0, 999.0, -1000.0]),)
        ),
        Question("Very negative logits, [-10000, -10001]", 1, lambda rng: (np.array([-10000.0, -10001.0]),)),
        Question(
            "Two rows far apart, [[0, 1], [-2000, -2001]]",
            1,
            lambda rng: (np.array([[0.0, 1.0], [-2000.0, -2001.0]]),),
        ),
        Question(
            "The array z that you pass in is the same afterwards",
            1,
            lambda rng: (normals(rng, (2, 3)),),
            judge=untouched,
        ),
    ),
    ideas=(
        Idea("no shift", OVERFLOW, imitated(_naive)),
        Idea(
            "normalised down the columns",
            "Your columns sum to 1, your rows do not. Each row is one example: sum along the last axis.",
            imitated(lambda z: _naive(z, axis=0)),
        ),
        Idea(
            "normalised over the whole array",
            "All entries together sum to 1. Each row is one example and must sum to 1 by itself.",
            imitated(lambda z: _naive(z, axis=None)),
        ),
        Idea(
            "summed axis dropped",
            "sum(axis=-1) loses the axis it sums over, so rows are divided by the sums of other rows. Keep it "
            "with keepdims=True.",
            _dropped_axis,
        ),
        Idea(
            "one maximum for the whole batch",
            "A row far below the largest logit of the batch turns into 0/0. Take one maximum per row.",
            imitated(lambda z: _shifted(z, np.max(z))),
        ),
        Idea(
            "shift never negative",
            "When all logits are very negative, every exp is 0. The shift must be the maximum itself, "
            "whatever its sign.",
            imitated(lambda z: _shifted(z, np.maximum(0, z.max(axis=-1, keepdims=True)))),
        ),
        Idea(
            "whole numbers kept whole",
            "The result was stored as whole numbers, which cuts every probability to 0. Convert z to float first.",
            lambda seen, given: (
                seen.array is not None and given[0].dtype.kind == "i" and bool(np.isin(seen.array, (0, 1)).all())
            ),
        ),
        Idea(
            "sigmoid of each logit",
            "Each logit was squashed on its own. Softmax lets the classes compete: divide by the sum over the row.",
            imitated(lambda z: 1 / (1 + np.exp(-np.asarray(z, dtype=float)))),
        ),
        Idea(
            "not normalised",
            "These are the exponentials alone. Divide them by their sum over the row.",
            imitated(np.exp, lambda z: np.exp(z - z.max(axis=-1, keepdims=True))),
        ),
        Idea(
            "divided without exp",
            "This is z divided by its sum. Take exp first: it makes every number positive.",
            imitated(lambda z: z / z.sum(axis=-1, keepdims=True)),
        ),
        Idea(
            "logarithm of softmax",
            "These are log-probabilities. Softmax itself is asked for: its rows sum to 1.",
            imitated(lambda z: np.log(softmax(z))),
        ),
    ),
)


# cross_entropy


def _example(rng: np.random.Generator, m: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Random probabilities, none of them tiny, and labels of more than one class, the first one unlikely."""
    p = softmax(normals(rng, (m, n), scale=1.0))
    y = rng.permutation(np.arange(m) % n)
    # Exchange two rows' labels, so that the first true class is not the most probable one.
    likely = int(np.flatnonzero(y != p[0].argmax())[0])
    y[[0, likely]] = y[[likely, 0]]
    return p, y


def _binary_sum(p: np.ndarray, y: np.ndarray) -> float:
    Y = np.eye(p.shape[1])[y]
    return -(Y * np.log(p) + (1 - Y) * np.log(1 - p)).sum(axis=1).mean()


def _binary_mean(p: np.ndarray, y: np.ndarray) -> float:
    return _binary_sum(p, y) / p.shape[1]


def _capped(seen: Seen, given: tuple) -> bool:
    """A loss that is finite but too small where the true class has almost no probability."""
    p, y = given
    if seen.array is None or seen.array.shape != () or chosen(p, y).min() > 1e-12:
        return False
    # With two rows, an epsilon between 1e-4 and 1e-16 leaves a cost above 4.
    return bool(4 < seen.array < mean_cross_entropy(p, y))


_tiny = np.array([[1e-30, 1 - 1e-30], [0.6, 0.4]])

EPSILON = (
    "The loss stops growing when the true class gets a very small probability: an epsilon or a clip hides "
    "the worst mistakes. Take the log of the probability as it is."
)


cross_entropy = Exercise(
    name="cross_entropy",
    section="2",
    reference=mean_cross_entropy,
    questions=(
        Question(
            "One example, p = [[0.7, 0.1, 0.1, 0.1]], y = [0]",
            1,
            lambda rng: (np.array([[0.7, 0.1, 0.1, 0.1]]), np.array([0])),
        ),
        Question("Six random examples with four classes", 1, lambda rng: _example(rng, 6, 4)),
        Question(
            "A model that knows nothing: p = 1/5 for each of 5 classes must cost log 5",
            1,
            lambda rng: (np.full((7, 5), 0.2), rng.integers(0, 5, size=7)),
        ),
        Question(
            "Three examples given twice cost the same as given once",
            1,
            lambda rng: tuple(np.concatenate([a, a]) for a in _example(rng, 3, 3)),
        ),
        Question(
            "The true class got probability 1e-30",
            1,
            lambda rng: (_tiny, np.array([0, 1])),
        ),
    ),
    ideas=(
        Idea(
            "summed, not averaged",
            "The loss grows with the number of examples. Average over the rows instead of adding them up.",
            imitated(lambda p, y: -np.log(chosen(p, y)).sum()),
        ),
        Idea(
            "one loss per row",
            "One loss for each row came back. The cost is one number: their mean.",
            imitated(lambda p, y: -np.log(chosen(p, y))),
        ),
        Idea(
            "averaged over the classes too",
            "The cost is N times too small: the mean was taken over all m x N entries. Add over the classes, "
            "average over the examples.",
            imitated(lambda p, y: mean_cross_entropy(p, y) / p.shape[1]),
        ),
        Idea(
            "columns instead of entries",
            "p[:, y] picks whole columns, an (m, m) table. One entry in each row is asked for: a row for each label.",
            imitated(
                lambda p, y: -np.log(p[:, y]), lambda p, y: -np.log(p[:, y]).mean(), lambda p, y: -np.log(p[:, y]).sum()
            ),
        ),
        Idea(
            "sign forgotten",
            "The cost came out negative. log of a number below 1 is negative: put a minus in front.",
            imitated(lambda p, y: -mean_cross_entropy(p, y)),
        ),
        Idea(
            "other base of the logarithm",
            "The cost is in bits or in decimal digits. Use the natural logarithm, np.log: nats.",
            imitated(
                lambda p, y: mean_cross_entropy(p, y) / np.log(2), lambda p, y: mean_cross_entropy(p, y) / np.log(10)
            ),
        ),
        Idea(
            "logarithm forgotten",
            "This is minus the mean probability, or one minus it. The cost takes the log of the probability.",
            imitated(lambda p, y: -chosen(p, y).mean(), lambda p, y: 1 - chosen(p, y).mean()),
        ),
        Idea(
            "mean before the logarithm",
            "The probabilities were averaged first. Take the log of each one, then the mean.",
            imitated(lambda p, y: -np.log(chosen(p, y).mean())),
        ),
        Idea("epsilon in the logarithm", EPSILON, _capped),
        Idea(
            "probabilities taken for logits",
            "The numbers in p already are probabilities. Do not apply softmax to them again.",
            imitated(lambda p, y: logit_losses(p, y).mean()),
        ),
        Idea(
            "the largest probability, not the true class's",
            "This is the loss of the class the model prefers. The cost looks at the class that is true, y.",
            imitated(lambda p, y: -np.log(p.max(axis=1)).mean()),
        ),
        Idea(
            "labels counted from 1",
            "This is the loss of the class before the true one. Labels count from 0 already: do not subtract 1.",
            imitated(lambda p, y: mean_cross_entropy(p, y - 1)),
        ),
        Idea(
            "one-hot labels expected",
            "y holds one whole number per row, not a one-hot row. Pick the entry p[i, y[i]] of each row.",
            either(
                raised("ValueError", "AxisError"),
                imitated(
                    lambda p, y: -np.sum(y * np.log(p.T)) / len(y),
                    lambda p, y: -np.sum(y[:, None] * np.log(p)) / len(y),
                ),
            ),
        ),
        Idea(
            "the other classes counted too",
            "The terms log(1 - p) of the other classes are in the sum: that is the loss of N separate yes/no "
            "questions. Here only the true class counts.",
            imitated(_binary_sum, _binary_mean),
        ),
    ),
)


# build_model


def _blob_case(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return blobs(600, seed=int(rng.integers(2**31)))


build_model = classifier(
    "build_model", case=_blob_case, n_classes=4, data="600 points of the blobs", enough=0.9, section="4"
)


# predict_proba


def _logit_model(rng: np.random.Generator, m: int, n: int, scale: float = 1.0) -> tuple[Recipe, np.ndarray]:
    return Recipe.random(rng, (2, 8, n), scale), normals(rng, (m, 2))


def _by_model(f):
    """A function of the logits as a function of model and points."""
    return lambda model, X: f(model.logits(X))


def _asked_twice(answer: Answer, *given: object) -> Seen:
    """Ask about one model twice; what is seen are both answers."""
    first = answer.call(*given)
    second = answer.call(*given, times=2)
    if first.array is None or second.array is None:
        return first if first.error is not None else second
    return Seen(value={"first": first.array, "second": second.array})


def _judge_both(seen: Seen, given: tuple, expected: object) -> str:
    if not isinstance(seen.value, dict):
        return "No array of numbers came back."
    reasons = [compare(value, expected, rtol=1e-3, atol=1e-5) for value in seen.value.values()]
    return reasons[0] or (reasons[1] and "The second answer differs from the first.")


def _near(wrong: Callable[[np.ndarray], np.ndarray]) -> Callable[[Seen, tuple], bool]:
    """Recognise an idea by what it makes of the model's logits."""

    def shows(seen: Seen, given: tuple) -> bool:
        array = seen.value["first"] if isinstance(seen.value, dict) else seen.array
        if array is None:
            return False
        model, X = given
        with np.errstate(all="ignore"):
            return same(array, wrong(model.logits(X)), rtol=1e-3, atol=1e-4)

    return shows


predict_proba = Exercise(
    name="predict_proba",
    section="5",
    reference=_by_model(softmax),
    questions=(
        Question("A model of 4 classes and 6 points", 1, lambda rng: _logit_model(rng, 6, 4), rtol=1e-3, atol=1e-5),
        Question("As many points as classes, 3 and 3", 1, lambda rng: _logit_model(rng, 3, 3), rtol=1e-3, atol=1e-5),
        Question(
            "A very sure model, with logits in the thousands",
            1,
            lambda rng: _logit_model(rng, 6, 4, scale=60.0),
            rtol=1e-2,
            atol=1e-3,
        ),
        Question(
            "Asked a second time, the same model says the same",
            1,
            lambda rng: _logit_model(rng, 5, 4),
            ask=_asked_twice,
            judge=_judge_both,
        ),
    ),
    ideas=(
        Idea(
            "logits taken for probabilities",
            "These are the logits that predict gives: some are negative, the rows do not sum to 1. Apply softmax.",
            _near(lambda z: z),
        ),
        Idea(
            "softmax down the columns",
            "The columns sum to 1, the rows do not. One row is one point: softmax goes along the last axis.",
            _near(lambda z: softmax(z.T).T),
        ),
        Idea(
            "sigmoid instead of softmax",
            "Each logit was squashed on its own, so a row does not sum to 1. Use softmax.",
            _near(lambda z: 1 / (1 + np.exp(-z))),
        ),
        Idea(
            "model changed",
            "The first call was right, the second not: your function changes the model it is given. Leave the "
            "model as it is and apply softmax to what predict gives.",
            lambda seen, given: (
                isinstance(seen.value, dict)
                and same(seen.value["first"], softmax(given[0].logits(given[1])), rtol=1e-3, atol=1e-5)
            ),
        ),
        Idea(
            "softmax twice",
            "The probabilities are nearly equal: softmax was applied twice.",
            _near(lambda z: softmax(softmax(z))),
        ),
        Idea(
            "exp without shift",
            "There is a nan or an inf: this softmax does not survive large logits. Subtract from each row its own "
            "maximum, as in Exercise 1, or use tf.nn.softmax.",
            lambda seen, given: (
                seen.array is not None and seen.array.dtype.kind == "f" and not np.isfinite(seen.array).all()
            ),
        ),
        Idea(
            "categories instead of probabilities",
            "One number per point came back. Probabilities are asked for: one row per point, one column per class.",
            lambda seen, given: seen.array is not None and seen.array.ndim == 1,
        ),
    ),
)


# predict_category


def _first_largest(logits: np.ndarray) -> np.ndarray:
    return np.argmax(logits, axis=1)


def _naive_category(z: np.ndarray) -> np.ndarray:
    return _naive(z).argmax(axis=1)


predict_category = Exercise(
    name="predict_category",
    section="6",
    reference=_first_largest,
    questions=(
        Question("Six random rows of four logits", 1, lambda rng: (normals(rng, (6, 4)),), judge=whole),
        Question(
            "Rows in which no logit is above 0",
            1,
            lambda rng: (-1 - np.abs(normals(rng, (5, 3))),),
            judge=whole,
        ),
        Question(
            "Two equal largest logits, [[1, 3, 3], [2, 0, 2]]: the first one counts",
            1,
            lambda rng: (np.array([[1.0, 3.0, 3.0], [2.0, 0.0, 2.0]]),),
            judge=whole,
        ),
        Question(
            "Logits too large for exp, [[1000, 2000], [3000, 1000], [0, 900]]",
            1,
            lambda rng: (np.array([[1000.0, 2000.0], [3000.0, 1000.0], [0.0, 900.0]]),),
            judge=whole,
        ),
        Question(
            "float32 logits so close that their float32 probabilities are equal, [[0.1, 0.10000001, -1, -2]]",
            1,
            lambda rng: (np.array([[0.1, 0.10000001, -1.0, -2.0]], dtype="float32"),),
            judge=whole,
        ),
    ),
    ideas=(
        Idea(
            "largest of each column",
            "There is one answer per class, not per row. Look along each row instead of down each column.",
            imitated(lambda z: z.argmax(axis=0)),
        ),
        Idea(
            "largest of the whole array",
            "One number came back for the whole array. Ask for the largest entry of each row.",
            imitated(lambda z: z.argmax()),
        ),
        Idea(
            "the value, not its place",
            "These are the largest logits themselves. The category is the place where the largest one stands.",
            imitated(lambda z: z.max(axis=1)),
        ),
        Idea(
            "softmax without shift, then the largest",
            "exp overflows here and nothing is left to compare. The order of the logits is enough: no softmax.",
            imitated(_naive_category),
        ),
        Idea(
            "softmax, then the largest",
            "In float32 two different logits can get the same probability. Compare the logits: no softmax.",
            imitated(lambda z: softmax32(z).argmax(axis=1)),
        ),
        Idea(
            "threshold 0.5",
            "A threshold marks none or several classes in a row. Compare the classes with each other: the largest "
            "logit wins, whatever its size.",
            imitated(
                lambda z: (z > 0.5).astype(int),
                lambda z: (softmax(z) > 0.5).astype(int),
                lambda z: (z > 0).astype(int),
                lambda z: (z > 0.5).argmax(axis=1),
                lambda z: (z > 0).argmax(axis=1),
                lambda z: (softmax(z) > 0.5).argmax(axis=1),
            ),
        ),
        Idea(
            "the last of equals",
            "Of two equal logits the last one was taken; the first one is asked for.",
            imitated(lambda z: z.shape[1] - 1 - z[:, ::-1].argmax(axis=1)),
        ),
        Idea(
            "counted from 1",
            "Every category is one too high: categories count from 0.",
            imitated(lambda z: z.argmax(axis=1) + 1),
        ),
        Idea(
            "the smallest logit",
            "This is the place of the smallest logit. The largest one wins.",
            imitated(lambda z: z.argmin(axis=1)),
        ),
        Idea(
            "axis kept",
            "The shape should be (m,): one number per row, not a column of them.",
            imitated(lambda z: z.argmax(axis=1)[:, None]),
        ),
        Idea(
            "one-hot rows",
            "These are one-hot rows. The number of the category is asked for.",
            imitated(lambda z: np.eye(z.shape[1])[z.argmax(axis=1)]),
        ),
        Idea(
            "not whole numbers",
            "A category is a place in a row: give whole numbers (dtype int).",
            lambda seen, given: (
                seen.array is not None and seen.array.dtype.kind == "f" and same(seen.array, _first_largest(given[0]))
            ),
        ),
    ),
)
