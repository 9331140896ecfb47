"""Checks of lab 09: a reader of handwritten digits, built, used, and looked at where it fails."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from logitlab.checks.answers import Seen
from logitlab.checks.classifier import classifier
from logitlab.checks.core import Exercise, Idea, Question, compare, either, imitated, raised, untouched, whole
from logitlab.datasets import digits
from logitlab.formulas import confusion, errors_only, softmax
from logitlab.models import Recipe

# build_model


def _some_digits(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    X_train, X_test, y_train, y_test = digits()
    chosen = rng.choice(len(X_train) + len(X_test), size=800, replace=False)
    return np.concatenate([X_train, X_test])[chosen], np.concatenate([y_train, y_test])[chosen]


build_model = classifier(
    "build_model", case=_some_digits, n_classes=10, data="800 of the digits", enough=0.9, section="2"
)


# predict_digit

SIZES = (64, 12, 10)


@functools.cache
def _pictures() -> np.ndarray:
    """Rows of pixels, (m, 64), of digits with full contrast."""
    X = digits()[1]
    return X[X.max(axis=1) == 1]


def _transposed(X: np.ndarray) -> np.ndarray:
    return X.reshape(-1, 8, 8).transpose(0, 2, 1).reshape(-1, 64)


def _stretched(X: np.ndarray) -> np.ndarray:
    return X / X.max(axis=1, keepdims=True)


# What learners do to pixels that need nothing done: rows of pixels (m, 64) -> (m, 64).
_CHANGED = (
    lambda X: X / 16,
    lambda X: X / 255,
    lambda X: X * 16,
    lambda X: X * 255,
    lambda X: X.astype(int).astype(float),
    np.round,
    lambda X: 1 - X,
)


def _first_above(scores: np.ndarray, threshold: float) -> np.ndarray:
    """The first class of each row above a threshold, and 0 if there is none."""
    return (scores > threshold).argmax(axis=1)


def _no_threshold(z: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Which rows of logits keep the right class from a threshold of 0.5 on them, or on their softmax."""
    return (_first_above(z, 0.5) != right) & (softmax(z).max(axis=1) < 0.5)


def _no_overflow(z: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Which rows have another class as the first whose exp overflows, the same one in float32 and in float64."""
    first32, first64 = _first_above(z, 88.8), _first_above(z, 710)
    return (z.max(axis=1) > 1000) & (first64 != right) & (first32 == first64)


def _ask(
    rng: np.random.Generator, X: np.ndarray, telling: Callable, scale: float = 2.0, changes: tuple = _CHANGED
) -> tuple[Recipe, np.ndarray]:
    """A random network, and a picture (8, 8) among the rows of X on which each wrong idea names another class.

    telling: of the logits (m, N) and the right classes (m,), which pictures are fit for this question.
    """
    while True:
        model = Recipe.random(rng, SIZES, scale)
        z = model.logits(X)
        right = z.argmax(axis=1)
        second, first = np.sort(z, axis=1)[:, -2:].T
        fit = (first - second > 0.02 * scale) & (right != 0) & telling(z, right)
        said = np.array([model.logits(f(X)).argmax(axis=1) for f in (_transposed, *changes)])
        # Thresholds often name class 0, and counting from 1 names the next class.
        fit &= ((said != right) & (said != right + 1) & (said != 0)).all(axis=0) & (said[1:] != said[0]).all(axis=0)
        if fit.any():
            return model, X[rng.choice(np.flatnonzero(fit))].reshape(8, 8).copy()


def _picture(rng: np.random.Generator) -> tuple[Recipe, np.ndarray]:
    return _ask(rng, _pictures(), _no_threshold)


def _faint_picture(rng: np.random.Generator) -> tuple[Recipe, np.ndarray]:
    return _ask(rng, _pictures() / 2, _no_threshold, changes=(*_CHANGED, _stretched))


def _sure(rng: np.random.Generator) -> tuple[Recipe, np.ndarray]:
    return _ask(rng, _pictures(), _no_overflow, scale=60.0)


def _logits(model: Recipe, image: np.ndarray) -> np.ndarray:
    return model.logits(image.reshape(1, 64))[0]


def _digit(model: Recipe, image: np.ndarray) -> int:
    return int(_logits(model, image).argmax())


def _naive_category(z: np.ndarray) -> int:
    e = np.exp(z)
    return int((e / e.sum()).argmax())  # the place of the first nan, if there is one


def _judge_digit(seen: Seen, given: tuple, expected: object) -> str:
    """Judge the number; how it is wrapped is another question."""
    if seen.array is None or seen.array.size != 1:
        return compare(seen.value, expected)
    return "" if seen.array.item() == expected else "The network's largest output stands in another place."


def _judge_plain(seen: Seen, given: tuple, expected: object) -> str:
    """Judge the number, then that it is one whole number and no array."""
    reason = _judge_digit(seen, given, expected)
    if reason:
        return reason
    if seen.array.shape != ():
        return f"The digit is right, but in an array of shape {seen.array.shape}."
    if seen.array.dtype.kind not in "iu":
        return f"The digit is right, but it is of type {seen.array.dtype}."
    return ""


def _judge_untouched(seen: Seen, given: tuple, expected: object) -> str:
    reason = _judge_digit(seen, given, expected)
    return reason or untouched(Seen(np.asarray(expected), arguments=seen.arguments), given, expected)


def _says(*wrong: Callable[[Recipe, np.ndarray], object]) -> Callable[[Seen, tuple], bool]:
    """Recognise an idea by the one number it gives for a network and a picture, in whatever array."""

    def shows(seen: Seen, given: tuple) -> bool:
        if seen.array is None or seen.array.size != 1:
            return False
        got = seen.array.item()
        with np.errstate(all="ignore"):
            return any(np.isclose(got, function(*given), rtol=1e-3, atol=1e-6) for function in wrong)

    return shows


def _on_changed(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Recipe, np.ndarray], int]:
    return lambda model, image: _digit(model, change(image.reshape(1, 64)))


def _on_logits(function: Callable[[np.ndarray], object]) -> Callable[[Recipe, np.ndarray], object]:
    return lambda model, image: function(_logits(model, image))


def _column_places(model: Recipe, image: np.ndarray) -> np.ndarray:
    """The places of the largest entries of the columns, if there is one row."""
    return np.zeros(SIZES[-1], dtype=int)


def _wrapped(seen: Seen, given: tuple) -> bool:
    """The right digit, but in an array or not as a whole number."""
    return bool(_says(_digit)(seen, given) and _judge_plain(seen, given, _digit(*given)))


predict_digit = Exercise(
    "predict_digit",
    section="5",
    reference=_digit,
    questions=(
        Question("A network and a picture of the data", 1, _picture, judge=_judge_digit),
        Question("The same: one whole number, not an array", 1, _picture, judge=_judge_plain),
        Question("A faint picture: no pixel above 0.5", 1, _faint_picture, judge=_judge_digit),
        Question("A very sure network, with logits in the thousands", 1, _sure, judge=_judge_digit),
        Question("The picture is the same afterwards", 1, _picture, judge=_judge_untouched),
    ),
    ideas=(
        Idea(
            "the picture's shape",
            "The network reads rows of 64 numbers, several at a time: X has shape (m, 64). Your picture is one row; "
            "give it that shape.",
            raised("ValueError", "InvalidArgumentError"),
        ),
        Idea(
            "read down the columns",
            "The pixels arrive in another order than in X, where the rows of the picture follow each other. Let "
            "reshape do it; no transpose.",
            _says(_on_changed(_transposed)),
        ),
        Idea(
            "pixels changed",
            "The picture already is on the scale of X, from 0 for paper to 1 for ink. Do not divide, multiply, round, "
            "invert or stretch it.",
            _says(*map(_on_changed, (*_CHANGED, _stretched))),
        ),
        Idea(
            "exp without shift",
            "exp overflows here and nothing is left to compare. The order of the logits is enough: no softmax.",
            _says(_on_logits(_naive_category)),
        ),
        Idea(
            "all classes instead of one",
            "Ten numbers came back, one for each class. The digit is the place of the largest.",
            lambda seen, given: (
                seen.array is not None and seen.array.size == 10 and not imitated(_column_places)(seen, given)
            ),
        ),
        Idea(
            "largest of each column",
            "There is only one row, so the largest entry of each column is in row 0. Look along the row: axis=1.",
            imitated(_column_places),
        ),
        Idea(
            "the value, not its place",
            "This is the largest logit, or its probability. The digit is the place where it stands.",
            _says(_on_logits(np.max), _on_logits(lambda z: softmax(z).max())),
        ),
        Idea(
            "not a plain whole number",
            "The digit is right. Give it back as one whole number: take it out of its array, or convert it with int().",
            _wrapped,
        ),
        Idea(
            "counted from 1",
            "This is one too high. The classes count from 0, and class k is the digit k.",
            _says(lambda model, image: _digit(model, image) + 1),
        ),
        Idea(
            "threshold",
            "A threshold may mark no class, or several. Compare the classes with each other: the largest logit wins.",
            _says(
                _on_logits(lambda z: int((z > 0.5).argmax())),
                _on_logits(lambda z: int((z > 0).argmax())),
                _on_logits(lambda z: int((softmax(z) > 0.5).argmax())),
            ),
        ),
    ),
)


# most_confused


def _most_frequent(counts: np.ndarray) -> np.ndarray:
    """Row and column of the largest count, (2,); of equal ones the first row, then the first column."""
    return np.array(np.unravel_index(counts.argmax(), counts.shape))


def _errors(y: np.ndarray, y_hat: np.ndarray) -> np.ndarray:
    return errors_only(confusion(y, y_hat))


def _pair(y: np.ndarray, y_hat: np.ndarray) -> np.ndarray:
    return _most_frequent(_errors(y, y_hat))


def _labels(counts: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Labels and categories with these counts, (N, N), in random order."""
    true, said = np.indices(counts.shape)
    order = rng.permutation(counts.sum())
    return np.repeat(true.ravel(), counts.ravel())[order], np.repeat(said.ravel(), counts.ravel())[order]


def _telling_errors(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Digits whose most frequent error, five times, is not what any of the wrong ideas finds."""
    a, b, c, d, e, f, g, h, i, j = rng.permutation(10)
    counts = np.diag(rng.integers(12, 20, size=10))
    counts[a, b] = 5
    counts[c, d] = counts[d, c] = 4  # together more
    counts[e, [c, f, h]] = 3  # e is misread most often
    counts[[h, i], f] = 3  # f is said in error most often
    counts[g, g] = counts[g, j] = 3  # half of all g
    while True:
        y, y_hat = _labels(counts, rng)
        errors = list(zip(y[y != y_hat], y_hat[y != y_hat], strict=True))
        if errors[0] == (e, h) and errors[-1] != (a, b):  # the first error is none of the others' either
            return y, y_hat


def _one_error(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    a, b = rng.choice(10, size=2, replace=False)
    counts = np.diag(rng.integers(3, 6, size=10))
    counts[a, b] = 1
    return _labels(counts, rng)


def _apart(y: np.ndarray, y_hat: np.ndarray) -> np.ndarray:
    counts = _errors(y, y_hat)
    return np.array([counts.sum(axis=1).argmax(), counts.sum(axis=0).argmax()])


def _either_way(y: np.ndarray, y_hat: np.ndarray) -> np.ndarray:
    counts = _errors(y, y_hat)
    return _most_frequent(np.triu(counts + counts.T))


def _rates(y: np.ndarray, y_hat: np.ndarray) -> np.ndarray:
    counts = confusion(y, y_hat)
    return _most_frequent(errors_only(counts) / np.maximum(counts.sum(axis=1, keepdims=True), 1))


def _first_error(y: np.ndarray, y_hat: np.ndarray) -> np.ndarray:
    first = np.flatnonzero(y != y_hat)[0]
    return np.array([y[first], y_hat[first]])


def _below_ten(y: np.ndarray, y_hat: np.ndarray) -> np.ndarray:
    """The most frequent error among the classes 0 to 9."""
    return _pair(*(labels[(y < 10) & (y_hat < 10)] for labels in (y, y_hat)))


def _in_tens(y: np.ndarray, y_hat: np.ndarray) -> np.ndarray:
    """The most frequent error if a pair is written as one number of two decimal digits."""
    codes = (10 * y + y_hat)[y != y_hat]
    return np.array(divmod(np.bincount(codes).argmax(), 10))


def _one_of_several(seen: Seen, given: tuple) -> bool:
    """A pair that is as frequent an error as the right one."""
    counts = _errors(*given)
    return any(imitated(lambda y, y_hat, pair=pair: pair)(seen, given) for pair in np.argwhere(counts == counts.max()))


def _given(y: list[int], y_hat: list[int]) -> Callable[[np.random.Generator], tuple]:
    return lambda rng: (np.array(y), np.array(y_hat))


most_confused = Exercise(
    "most_confused",
    section="6",
    reference=_pair,
    questions=(
        Question(
            "y = [3, 3, 3, 8, 8, 1], y_hat = [3, 8, 8, 8, 3, 1]",
            1,
            _given([3, 3, 3, 8, 8, 1], [3, 8, 8, 8, 3, 1]),
            judge=whole,
        ),
        Question("About 180 digits, 31 of them wrong", 1, _telling_errors, judge=whole),
        Question("About 40 digits, one of them wrong", 1, _one_error, judge=whole),
        Question(
            "Equally frequent, y = [8, 8, 2, 2, 2, 2], y_hat = [1, 1, 6, 6, 5, 5]: the smallest true class, "
            "then the smallest that was said",
            1,
            _given([8, 8, 2, 2, 2, 2], [1, 1, 6, 6, 5, 5]),
            judge=whole,
        ),
        Question(
            "More classes, one of them said but never true: y = [2, 2, 0, 2], y_hat = [30, 30, 1, 2]",
            1,
            _given([2, 2, 0, 2], [30, 30, 1, 2]),
            judge=whole,
        ),
    ),
    ideas=(
        Idea(
            "right answers counted too",
            "This counts what was right as well, so the true and the said class are the same. Count only where y and "
            "y_hat differ.",
            imitated(lambda y, y_hat: _most_frequent(confusion(y, y_hat))),
        ),
        Idea(
            "true and said exchanged",
            "The two classes are the wrong way round: first what is true, then what was said.",
            imitated(lambda y, y_hat: _pair(y, y_hat)[::-1]),
        ),
        Idea(
            "each chosen by itself",
            "The class that is misread most and the class that is said wrongly most need not belong to the same "
            "error. Count pairs.",
            imitated(_apart),
        ),
        Idea(
            "both directions added",
            "A 3 that is read as 8 is one error, an 8 that is read as 3 another. Count them separately.",
            imitated(_either_way, lambda y, y_hat: _either_way(y, y_hat)[::-1]),
        ),
        Idea(
            "shares instead of counts",
            "This is the error with the largest share of its class. The one that happened most often is asked for.",
            imitated(_rates),
        ),
        Idea(
            "any error, not the most frequent",
            "This is an error, but others happened more often. Count each pair.",
            imitated(_first_error),
        ),
        Idea(
            "another of equals",
            "This error is as frequent as the one asked for. Of equals take the smallest true class, then the "
            "smallest class that was said.",
            _one_of_several,
        ),
        Idea(
            "too few classes",
            "Not every class has a place in your table. Classes go up to the largest number in y or in y_hat.",
            either(
                raised("IndexError", "InvalidArgumentError"),
                imitated(_below_ten, _in_tens),
            ),
        ),
        Idea(
            "not a pair",
            "Two whole numbers are asked for: the true class and what was said.",
            lambda seen, given: seen.array is not None and seen.array.shape != (2,),
        ),
    ),
)
