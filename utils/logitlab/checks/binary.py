"""Checks of lab 06: one logit for two classes, its loss, and what became of the threshold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from logitlab import formulas
from logitlab.checks.answers import Seen
from logitlab.checks.core import Exercise, Idea, Question, compare, either, imitated, normals, raised, same, untouched


def _like(*wrong: Callable) -> Callable[[Seen, tuple], bool]:
    """Recognise an idea by functions that have it, as `imitated` does, but by the digits of tiny numbers too."""

    def shows(seen: Seen, given: tuple) -> bool:
        if seen.array is None:
            return False
        with np.errstate(all="ignore"):
            return any(same(seen.array, function(*given), rtol=1e-4, atol=1e-30) for function in wrong)

    return shows


# sigmoid


def _one_shift(z: np.ndarray, m: float) -> np.ndarray:
    return np.exp(z - m) / (np.exp(-m) + np.exp(z - m))


def _tail(seen: Seen, given: tuple) -> float | None:
    """Came back over right value at z = -50, where that was asked and the rest is about right; else None."""
    z = given[0]
    if z.min() != -50 or seen.array is None or not same(seen.array, formulas.sigmoid(z), atol=1e-3):
        return None
    return float(seen.array[z.argmin()] / formulas.sigmoid(-50.0))


def _whole(seen: Seen, given: tuple) -> bool:
    """Only 0s and 1s, where whole numbers were given."""
    return given[0].dtype.kind == "i" and seen.array is not None and bool(np.isin(seen.array, (0, 1)).all())


sigmoid = Exercise(
    "sigmoid",
    section="1",
    reference=formulas.sigmoid,
    questions=(
        Question("z = [-1, 0, 2]", 1, lambda rng: (np.array([-1.0, 0.0, 2.0]),)),
        Question(
            "Random logits of shape (2, 3, 4); the array z is the same afterwards",
            1,
            lambda rng: (normals(rng, (2, 3, 4)),),
            judge=untouched,
        ),
        Question(
            "Whole numbers, dtype int, shape (3, 2)", 1, lambda rng: (rng.permutation(np.arange(-3, 3)).reshape(3, 2),)
        ),
        Question("Far from 0: z = [1000, -1000, 100, -100]", 1, lambda rng: (np.array([1e3, -1e3, 1e2, -1e2]),)),
        Question(
            "Tiny probabilities: z = [-20, -35, -50], the leading digits count",
            1,
            lambda rng: (np.array([-20.0, -35.0, -50.0]),),
            atol=0,
        ),
    ),
    ideas=(
        Idea(
            "inf over inf",
            "exp(z) is inf for a large z, and inf / inf is no number. Where z is large, use a form with exp(-z).",
            _like(lambda z: np.exp(z) / (1 + np.exp(z)), lambda z: np.exp(z) / (np.exp(z) + np.exp(0))),
        ),
        Idea(
            "an overflow error",
            "math.exp stops with an error where np.exp gives inf. Take the exponential of a number that is never "
            "above 0, such as -abs(z).",
            raised("OverflowError"),
        ),
        Idea(
            "one shift for the whole array",
            "One number was subtracted from all logits, and entries far below it became 0 / 0. Each logit stands for "
            "an example of its own.",
            _like(lambda z: _one_shift(z, z.max()), lambda z: _one_shift(z, max(0, z.max()))),
        ),
        Idea(
            "tail lost in a difference",
            "A tiny probability came out as 0, or with wrong digits: it was computed as a difference of two numbers "
            "that are nearly equal. exp(z) itself is tiny there, with all its digits.",
            either(
                _like(lambda z: 1 - 1 / (1 + np.exp(z)), lambda z: (np.tanh(z / 2) + 1) / 2),
                lambda seen, given: (ratio := _tail(seen, given)) is not None and ratio < 0.5,
            ),
        ),
        Idea(
            "cut off",
            "A tiny probability came out too large: a clip or an epsilon holds it up. exp(-50) needs no protection.",
            lambda seen, given: (ratio := _tail(seen, given)) is not None and ratio > 2,
        ),
        Idea(
            "the probability of class 0",
            "This falls when z grows: it is the probability of class 0. Look at the sign in the exponent.",
            _like(lambda z: 1 / (1 + np.exp(z)), lambda z: 1 - formulas.sigmoid(z)),
        ),
        Idea(
            "softmax over the array",
            "The entries were made to sum to 1. They belong to different examples: each has its own probability.",
            _like(formulas.softmax, lambda z: formulas.softmax(z.ravel()).reshape(z.shape)),
        ),
        Idea(
            "whole numbers kept whole",
            "The result was stored in, or computed with, whole numbers. Convert z to float first.",
            either(_whole, raised("InvalidArgumentError")),
        ),
        Idea(
            "parentheses missing",
            "1 / 1 + exp(-z) is read as (1 / 1) + exp(-z). Put the whole denominator in parentheses.",
            _like(lambda z: 1 / 1 + np.exp(-z)),
        ),
        Idea(
            "written for one number",
            "z is an array. An `if` and the functions of math take one number: use NumPy's, and np.where to choose.",
            either(raised("ValueError"), raised("TypeError")),
        ),
    ),
)


# binary_from_pair


def _pairs(rng: np.random.Generator, m: int) -> tuple[np.ndarray]:
    """Random logits (m, 2): class 0 leads in the first row, class 1 in the second."""
    z = normals(rng, (m, 2))
    z[0] = -np.sort(-z[0])
    z[1] = np.sort(z[1])
    return (z,)


def _difference(z: np.ndarray) -> np.ndarray:
    return z[:, 1] - z[:, 0]


def _naive_pair(z: np.ndarray) -> np.ndarray:
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def _odds_of(softmax: Callable) -> tuple[Callable, ...]:
    """The logit by way of a softmax, in three forms that differ where it overflows."""
    return (
        lambda z: np.log(softmax(z)[:, 1] / softmax(z)[:, 0]),
        lambda z: np.log(softmax(z)[:, 1]) - np.log(softmax(z)[:, 0]),
        lambda z: np.log(softmax(z)[:, 1] / (1 - softmax(z)[:, 1])),
    )


binary_from_pair = Exercise(
    "binary_from_pair",
    section="5",
    reference=_difference,
    questions=(
        Question("One example, z = [[1, 3]]", 1, lambda rng: (np.array([[1.0, 3.0]]),)),
        Question("Five random examples", 1, lambda rng: _pairs(rng, 5)),
        Question("Two random examples, a square table", 1, lambda rng: _pairs(rng, 2)),
        Question(
            "Far from 0: z = [[1000, 998.5], [-2000, -1996], [-300, 500]]",
            1,
            lambda rng: (np.array([[1000.0, 998.5], [-2000.0, -1996.0], [-300.0, 500.0]]),),
        ),
    ),
    ideas=(
        Idea(
            "the other way round",
            "The sign is wrong: the logit is positive when class 1 is the more probable one.",
            imitated(lambda z: -_difference(z)),
        ),
        Idea(
            "by way of probabilities",
            "exp overflows, or a probability becomes 0 or 1, and the logit is lost. Simplify log(p_1 / p_0) on paper "
            "first: what is left needs no exp.",
            imitated(*_odds_of(_naive_pair), *_odds_of(formulas.softmax)),
        ),
        Idea(
            "the logit of class 1 alone",
            "This is z_1. The other logit counts as well: adding the same number to both must change nothing.",
            imitated(lambda z: z[:, 1]),
        ),
        Idea(
            "a distance",
            "This is never negative: the sign, which says the class, is lost.",
            imitated(lambda z: np.abs(_difference(z))),
        ),
        Idea(
            "a probability",
            "These are probabilities of class 1. The logit is asked for: the number whose sigmoid they are.",
            imitated(lambda z: formulas.sigmoid(_difference(z))),
        ),
        Idea(
            "down the columns",
            "Two examples were subtracted from each other. Each row is one example: subtract its two columns.",
            either(imitated(lambda z: z[1] - z[0]), raised("IndexError")),
        ),
        Idea(
            "a column",
            "The shape should be (m,): one number for each example, in no column of its own.",
            imitated(lambda z: _difference(z)[:, None]),
        ),
        Idea(
            "two numbers for each example",
            "There are still two columns. One number for each example is asked for.",
            lambda seen, given: seen.array is not None and seen.array.shape == given[0].shape,
        ),
        Idea(
            "a ratio of logits",
            "This is z_1 / z_0. Logits are logarithms: a ratio of probabilities is a difference of logits.",
            imitated(lambda z: z[:, 1] / z[:, 0]),
        ),
    ),
)


# bce_from_logits


def _mean_loss(z: np.ndarray, y: np.ndarray) -> float:
    return formulas.binary_losses(z, y).mean()


def _with_probabilities(z: np.ndarray, y: np.ndarray) -> float:
    p = 1 / (1 + np.exp(-z))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()


def _with_one_probability(z: np.ndarray, y: np.ndarray) -> float:
    p = 1 / (1 + np.exp(-z))
    return -np.log(np.where(y == 1, p, 1 - p)).mean()


def _with_turned_probability(z: np.ndarray, y: np.ndarray) -> float:
    return -np.log(1 / (1 + np.exp(np.where(y == 1, -z, z)))).mean()


def _as_probabilities(z: np.ndarray, y: np.ndarray, eps: float, dtype: type = float) -> float:
    """The loss that reads z as probabilities and clips them to [eps, 1 - eps], as Keras does in float32."""
    p = np.clip(z.astype(dtype), dtype(eps), dtype(1 - eps))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()


def _capped(seen: Seen, given: tuple) -> bool:
    """A finite loss that is too small where it should be large, and not small enough where it should be tiny."""
    right = _mean_loss(*given)
    if seen.array is None or seen.array.shape != () or not np.isfinite(seen.array):
        return False
    if right > 20:
        return bool(5 < seen.array < 0.95 * right)
    return bool(right < 1e-9 and 2 * right < abs(seen.array) < 1e-3)


bce_from_logits = Exercise(
    "bce_from_logits",
    section="6",
    reference=_mean_loss,
    questions=(
        Question("One example, z = [2], y = [1]", 1, lambda rng: (np.array([2.0]), np.array([1]))),
        Question(
            "Eight random examples, four of each class",
            1,
            lambda rng: (normals(rng, (8,), scale=1.0), rng.permutation(np.arange(8) % 2)),
        ),
        Question(
            "Sure and wrong: z = [50, -60], y = [0, 1]",
            1,
            lambda rng: (np.array([50.0, -60.0]), np.array([0, 1])),
        ),
        Question(
            "Very sure and wrong: z = [1000, -1000], y = [0, 1]",
            1,
            lambda rng: (np.array([1000.0, -1000.0]), np.array([0, 1])),
        ),
        Question(
            "Sure and right: z = [40, -45, 1000], y = [1, 0, 1]; the loss is tiny, and its leading digits count",
            1,
            lambda rng: (np.array([40.0, -45.0, 1000.0]), np.array([1, 0, 1])),
            atol=0,
        ),
    ),
    ideas=(
        Idea(
            "probabilities first",
            "The probability was rounded to 0 or 1 before the logarithm, and what the logit knew is lost. Put the "
            "formula of the sigmoid into the logarithm on paper, and simplify.",
            _like(_with_probabilities, _with_one_probability, _with_turned_probability),
        ),
        Idea(
            "exp of a large logit",
            "log(1 + exp(z)) is right, but exp(z) is inf from z = 710 on. Take z out of it: the exponential of "
            "-abs(z) is never above 1.",
            _like(
                lambda z, y: (np.log(1 + np.exp(z)) - z * y).mean(),
                lambda z, y: (np.log1p(np.exp(z)) - z * y).mean(),
                lambda z, y: np.log1p(np.exp(np.where(y == 1, -z, z))).mean(),
                lambda z, y: np.log(1 + np.exp(np.where(y == 1, -z, z))).mean(),
            ),
        ),
        Idea(
            "a tiny loss lost",
            "The loss of the sure and right examples is tiny, not 0. log(1 + x) forgets a tiny x, and so does a "
            "difference of two large numbers: np.log1p(x) keeps it.",
            _like(
                lambda z, y: (np.maximum(z, 0) - z * y + np.log(1 + np.exp(-np.abs(z)))).mean(),
                lambda z, y: (np.logaddexp(0, z) - z * y).mean(),
            ),
        ),
        Idea(
            "capped",
            "The loss is held between bounds by an epsilon or a clip. A wrong answer with a logit of size 1000 costs "
            "1000 nats.",
            _capped,
        ),
        Idea(
            "summed, not averaged",
            "The loss grows with the number of examples. Take their mean.",
            _like(lambda z, y: formulas.binary_losses(z, y).sum()),
        ),
        Idea(
            "one loss per example",
            "One loss for each example came back. Their mean is asked for.",
            _like(formulas.binary_losses),
        ),
        Idea(
            "logits taken for probabilities",
            "The logits went into log(p) as if they were probabilities. They have yet to pass through the sigmoid.",
            imitated(
                lambda z, y: -(y * np.log(z) + (1 - y) * np.log(1 - z)).mean(),
                lambda z, y: _as_probabilities(z, y, 1e-7),
                lambda z, y: _as_probabilities(z, y, 1e-7, np.float32),
            ),
        ),
        Idea(
            "classes exchanged",
            "This is the loss for labels 1 - y: a high logit belongs to class 1.",
            _like(lambda z, y: _mean_loss(z, 1 - y)),
        ),
        Idea(
            "arguments exchanged",
            "The labels were taken for logits, and the logits for labels. Look at the order of the arguments.",
            _like(lambda z, y: _mean_loss(y, z)),
        ),
        Idea(
            "only class 1 counts",
            "The examples of class 0 cost nothing here. Their loss is -log(1 - p).",
            _like(lambda z, y: (y * formulas.binary_losses(z, y)).mean()),
        ),
        Idea(
            "sign forgotten",
            "The loss is negative. The logarithm of a probability is: put a minus before it.",
            _like(lambda z, y: -_mean_loss(z, y)),
        ),
    ),
)


# logit_threshold

TINY = 1e-9


def _held_up(seen: Seen, given: tuple) -> bool:
    return given[0] == TINY and seen.array is not None and seen.array.shape == () and -20 < seen.array < -5


logit_threshold = Exercise(
    "logit_threshold",
    section="2",
    reference=lambda t: formulas.logit(t),
    questions=(
        Question("t = 0.5", 1, lambda rng: (0.5,)),
        Question("A random t between 0.55 and 0.95", 1, lambda rng: (float(np.float32(rng.uniform(0.55, 0.95))),)),
        Question("A random t between 0.05 and 0.45", 1, lambda rng: (float(np.float32(rng.uniform(0.05, 0.45))),)),
        Question("A very low threshold, t = 1e-9", 1, lambda rng: (TINY,)),
    ),
    ideas=(
        Idea(
            "turned round",
            "The sign is wrong: a threshold above 0.5 belongs to a positive logit.",
            imitated(lambda t: -formulas.logit(t)),
        ),
        Idea(
            "odds without the logarithm",
            "These are the odds, t / (1 - t). Their logarithm is asked for.",
            imitated(lambda t: t / (1 - t)),
        ),
        Idea(
            "logarithm of t alone",
            "This is log(t). The odds compare t with what is left, 1 - t.",
            imitated(lambda t: np.log(t), lambda t: -np.log(t)),
        ),
        Idea(
            "the sigmoid of t",
            "This treats t as a logit and gives a probability. The way back is asked for.",
            imitated(lambda t: formulas.sigmoid(t)),
        ),
        Idea(
            "the threshold left as it is",
            "This is t, or t moved to the middle. Probabilities and logits lie on different scales.",
            imitated(lambda t: t, lambda t: t - 0.5, lambda t: 2 * t - 1),
        ),
        Idea(
            "another base",
            "This is a logarithm to another base. The exponential in the sigmoid goes with the natural one, np.log.",
            imitated(lambda t: formulas.logit(t) / np.log(2), lambda t: formulas.logit(t) / np.log(10)),
        ),
        Idea(
            "parentheses missing",
            "log(t) / (1 - t) and log(t / 1 - t) are not log(t / (1 - t)). Look at what the logarithm is taken of.",
            imitated(lambda t: np.log(t) / (1 - t), lambda t: np.log(np.float64(t) / 1 - t)),
        ),
        Idea(
            "an epsilon or a clip",
            "A very low threshold came out too high: an epsilon or a clip holds it up. t is never 0 here.",
            _held_up,
        ),
    ),
)


# decide


def _yes(z: np.ndarray, t: float) -> np.ndarray:
    return z >= formulas.logit(t)


def _truth(seen: Seen, given: tuple, expected: object) -> str:
    """Judge truth values; 0 and 1 count as such."""
    return compare(seen.value, expected, rtol=0, atol=0)


def _around(rng: np.random.Generator) -> np.ndarray:
    """Logits on both sides of every number that t = 0.2 could be taken for, in random order."""
    z = np.array([-3.0, -1.7, -1.1, -0.5, 0.1, 0.22, 0.4, 1.0, 1.7, 3.0])
    return rng.permutation(z + rng.uniform(-0.01, 0.01, size=z.shape)).astype("float32").astype(float)


decide = Exercise(
    "decide",
    section="2",
    reference=_yes,
    questions=(
        Question(
            "z = [-2, -0.3, 0.3, 2], t = 0.5", 1, lambda rng: (np.array([-2.0, -0.3, 0.3, 2.0]), 0.5), judge=_truth
        ),
        Question("Ten random logits, t = 0.2", 1, lambda rng: (_around(rng), 0.2), judge=_truth),
        Question(
            "t = 0.9, z = [-1000, 0.5, 0.93, 2, 2.5, 8, 1000]",
            1,
            lambda rng: (np.array([-1000.0, 0.5, 0.93, 2.0, 2.5, 8.0, 1000.0]), 0.9),
            judge=_truth,
        ),
        Question(
            "On the edge: z = [0, -3, 0, 3], t = 0.5, where p = t is a yes",
            1,
            lambda rng: (np.array([0.0, -3.0, 0.0, 3.0]), 0.5),
            judge=_truth,
        ),
    ),
    ideas=(
        Idea(
            "t compared with the logit",
            "The logit was compared with t itself, but t is a threshold for the probability. What logit has the "
            "probability t?",
            imitated(lambda z, t: z >= t, lambda z, t: z > t),
        ),
        Idea(
            "the same threshold always",
            "The answer does not depend on t. The threshold 0 for logits belongs to t = 0.5 only.",
            imitated(lambda z, t: z >= 0, lambda z, t: z > 0, lambda z, t: z >= 0.5, lambda z, t: z > 0.5),
        ),
        Idea(
            "yes below the threshold",
            "True and False are exchanged: True means that the probability of class 1 is at least t.",
            imitated(lambda z, t: ~_yes(z, t), lambda z, t: z <= formulas.logit(t)),
        ),
        Idea(
            "no on the edge",
            "A probability equal to t counts as yes: at least t, not more than t.",
            imitated(lambda z, t: z > formulas.logit(t)),
        ),
        Idea(
            "threshold turned round",
            "The sign of the threshold is wrong: t below 0.5 belongs to a negative logit.",
            imitated(lambda z, t: z >= -formulas.logit(t), lambda z, t: z > -formulas.logit(t)),
        ),
        Idea(
            "odds without the logarithm",
            "The logit was compared with the odds t / (1 - t). It is their logarithm that belongs to it.",
            imitated(lambda z, t: z >= t / (1 - t), lambda z, t: z > t / (1 - t)),
        ),
        Idea(
            "both sides changed",
            "A probability was compared with a logit. Change one side: sigmoid of z against t, or z against the logit "
            "of t.",
            imitated(
                lambda z, t: formulas.sigmoid(z) >= formulas.logit(t),
                lambda z, t: formulas.sigmoid(z) > formulas.logit(t),
            ),
        ),
        Idea(
            "overflow on the way",
            "The sigmoid overflowed, and a comparison with nan is False. Comparing logits needs no exp.",
            imitated(lambda z, t: np.exp(z) / (1 + np.exp(z)) >= t, lambda z, t: np.exp(z) / (1 + np.exp(z)) > t),
        ),
        Idea(
            "probabilities instead of decisions",
            "These are probabilities. Compare them with the threshold.",
            imitated(lambda z, t: formulas.sigmoid(z)),
        ),
        Idea(
            "one answer for all examples",
            "One value came back. Each example needs its own.",
            lambda seen, given: seen.array is not None and seen.array.shape == (),
        ),
    ),
)
