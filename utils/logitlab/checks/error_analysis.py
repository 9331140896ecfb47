"""Checks of lab 08: errors in ulp, a bound for softmax, log(1 + x), and a loss far from 0."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from logitlab.checks.answers import Seen
from logitlab.checks.core import Exercise, Idea, Question, imitated, normals, raised, same, untouched
from logitlab.formulas import logit_losses, softmax
from logitlab.formulas import softmax_error_bound as _bound
from logitlab.formulas import ulp_error as _ulps


def _gives(*wrong: Callable) -> Callable[[Seen, tuple], bool]:
    """Like `imitated`, for numbers of any size: only the relative difference counts."""

    def shows(seen: Seen, given: tuple) -> bool:
        if seen.array is None:
            return False
        with np.errstate(all="ignore"):
            return any(same(seen.array, function(*given), atol=0) for function in wrong)

    return shows


def _has_nan(seen: Seen, given: tuple) -> bool:
    return seen.array is not None and seen.array.dtype.kind == "f" and bool(np.isnan(seen.array).any())


# ulp_error


def _between(rng: np.random.Generator, shape: tuple[int, ...], powers: tuple[int, int]) -> np.ndarray:
    """Random float64 numbers, half of them negative, none near a power of two, where the gap jumps."""
    sizes = rng.uniform(1.1, 1.9, size=shape) * 2.0 ** rng.integers(*powers, size=shape)
    return sizes * (-1.0) ** rng.permutation(sizes.size).reshape(shape)


def _rounded(rng: np.random.Generator, shape: tuple[int, ...], powers: tuple[int, int]) -> tuple:
    """Float64 numbers, and float32 numbers a few steps from them."""
    exact = _between(rng, shape, powers)
    near = exact.astype(np.float32)
    steps = (rng.permutation(near.size) % 4 - 1).reshape(shape)
    return (near + steps * np.spacing(near)).astype(np.float32), exact


def _positive(rng: np.random.Generator) -> tuple:
    approx, exact = _rounded(rng, (6,), (-3, 4))
    return np.abs(approx), np.abs(exact)


def _error(approx: np.ndarray, exact: np.ndarray) -> np.ndarray:
    return np.abs(approx.astype(float) - exact)


def _spacing32(x: np.ndarray) -> np.ndarray:
    return np.spacing(np.abs(x).astype(np.float32)).astype(float)


_ONE_APART = (np.array([1 + 2.0**-22, 1.0, 1.5], dtype=np.float32), np.array([1.0, 1.0, 1.25]))
_LOST = (np.array([0.0, 1.0, 0.1], dtype=np.float32), np.array([4.1399e-8, 0.013, 30.0]))

ulp_error = Exercise(
    "ulp_error",
    section="1",
    reference=_ulps,
    questions=(
        Question("approx = [1 + 2^-22, 1, 1.5], exact = [1, 1, 1.25]", 1, lambda rng: _ONE_APART),
        Question("Six positive numbers, rounded to float32 and moved by -1 to 2 ulp", 1, _positive),
        Question("The same with either sign, shape (2, 4)", 1, lambda rng: _rounded(rng, (2, 4), (-3, 4))),
        Question("Numbers between 1e-24 and 1e24", 1, lambda rng: _rounded(rng, (8,), (-80, 80))),
        Question("All bits lost: approx = [0, 1, 0.1], exact = [4.1399e-8, 0.013, 30]", 1, lambda rng: _LOST),
    ),
    ideas=(
        Idea(
            "relative error",
            "This is the error divided by the number. An ulp is a gap between float32 numbers: divide by that gap.",
            _gives(lambda a, e: _error(a, e) / np.abs(e), lambda a, e: _error(a, e) / e),
        ),
        Idea(
            "relative error in units of u or eps",
            "This counts the relative error in units of 2^-24 or 2^-23. An ulp stays the same from one power of two "
            "to the next, while the number grows: ask for the gap at the number itself.",
            _gives(lambda a, e: _error(a, e) / np.abs(e) * 2.0**23, lambda a, e: _error(a, e) / np.abs(e) * 2.0**24),
        ),
        Idea(
            "the gap at 1 for every number",
            "The gap 2^-23 is the one between 1 and 2. Large numbers have larger gaps, small ones smaller gaps.",
            _gives(lambda a, e: _error(a, e) * 2.0**23, lambda a, e: _error(a, e) * 2.0**24),
        ),
        Idea("not divided", "This is the plain difference. Divide it by the gap at exact.", _gives(_error)),
        Idea(
            "the gap of float64",
            "The gap was taken between float64 numbers, so the errors look huge. Turn exact into float32 before you "
            "ask for its gap.",
            _gives(lambda a, e: _error(a, e) / np.spacing(np.abs(e)), lambda a, e: _error(a, e) / np.spacing(e)),
        ),
        Idea(
            "the gap at the approximation",
            "Where approx is far from exact, its gap is another one. The unit belongs to the exact number.",
            _gives(lambda a, e: _error(a, e) / _spacing32(a)),
        ),
        Idea(
            "exact rounded before the subtraction",
            "Parts of one ulp are gone: exact was rounded to float32 before the subtraction, or the result was "
            "rounded. Subtract in float64; only the gap is one of float32.",
            _gives(
                lambda a, e: np.abs(a - e.astype(np.float32)) / _spacing32(e),
                lambda a, e: np.round(_ulps(a, e)),
            ),
        ),
        Idea(
            "sign kept",
            "Some errors are negative. Take the size: of the difference, and of exact before you ask for its gap.",
            _gives(
                lambda a, e: (a - e) / _spacing32(e),
                lambda a, e: (e - a) / _spacing32(e),
                lambda a, e: _error(a, e) / np.spacing(e.astype(np.float32)),
                lambda a, e: (a - e) / np.spacing(e.astype(np.float32)),
            ),
        ),
        Idea(
            "one number for all",
            "One number came back for the whole array. Each entry has its own error.",
            lambda seen, given: seen.array is not None and seen.array.shape == (),
        ),
    ),
)


# softmax_error_bound


def _unequal(rng: np.random.Generator, n: int) -> tuple[np.ndarray]:
    """Random logits whose largest and smallest are neither first nor last."""
    z = np.sort(normals(rng, (n,)))
    return (np.concatenate([z[1:2], z[[0, n - 1]], z[2 : n - 1]]),)


def _range(z: np.ndarray) -> float:
    return float(z.max() - z.min())


def _miscounted(n: int) -> tuple[int, ...]:
    """What may come out in place of n + 2: a rounding too many or too few, n of them, or none for the additions."""
    return (n - 1, n, n + 1, n + 3, n + 4, 1, 2, 3, 2 * n, 2 * n + 1, 2 * n + 2, 2 * n + 3)


softmax_error_bound = Exercise(
    "softmax_error_bound",
    section="2",
    reference=_bound,
    questions=(
        Question("z = [4, 3, 1, 0]", 1, lambda rng: (np.array([4.0, 3.0, 1.0, 0.0]),)),
        Question("Seven random logits", 1, lambda rng: _unequal(rng, 7)),
        Question("Five random logits, all below -900", 1, lambda rng: (_unequal(rng, 5)[0] - 1000.0,)),
        Question("Six equal logits, all 2", 1, lambda rng: (np.full(6, 2.0),)),
        Question("Three whole numbers, [-2, 7, 0], dtype int", 1, lambda rng: (np.array([-2, 7, 0]),)),
    ),
    ideas=(
        Idea(
            "range counted once",
            "The shift can spoil the numerator and, through the sum, the denominator too. Its part of the error "
            "comes in twice.",
            imitated(lambda z: len(z) + 2 + _range(z)),
        ),
        Idea(
            "shift forgotten",
            "This is a bound without the subtraction of the maximum: the logits do not appear in it. The rounded "
            "difference z_k - m brings an error that grows with its size.",
            imitated(lambda z: len(z) + 3, lambda z: len(z) + 2),
        ),
        Idea(
            "multiplied by u",
            "The bound is asked for in units of u. Leave the factor u, or eps, away.",
            _gives(*(lambda z, k=k: _bound(z) * 2.0**-k for k in (10, 11, 23, 24, 52, 53))),
        ),
        Idea(
            "size instead of range",
            "Only differences between logits matter: a number added to all of them must not change the bound. "
            "How far apart are the largest and the smallest?",
            imitated(
                lambda z: len(z) + 2 + 2 * z.max(),
                lambda z: len(z) + 2 + 2 * np.abs(z).max(),
                lambda z: len(z) + 2 + np.abs(z).max(),
            ),
        ),
        Idea(
            "first and last instead of largest and smallest",
            "The logits come in any order. The range is the largest minus the smallest.",
            imitated(lambda z: len(z) + 2 + 2 * (z[0] - z[-1]), lambda z: len(z) + 2 + 2 * abs(z[0] - z[-1])),
        ),
        Idea(
            "range with the wrong sign",
            "Errors add up, so the bound grows with the range. Yours shrinks: smallest minus largest is negative.",
            imitated(lambda z: len(z) + 2 - 2 * _range(z), lambda z: len(z) + 2 - _range(z)),
        ),
        Idea(
            "range of the probabilities",
            "This takes the range of the probabilities. The shift subtracts logits: their range counts.",
            imitated(lambda z: len(z) + 2 + 2 * _range(softmax(z))),
        ),
        Idea(
            "one bound per logit",
            "One number for each logit came back. One bound that holds for all of them is asked for: the largest.",
            lambda seen, given: seen.array is not None and seen.array.shape == given[0].shape,
        ),
        Idea(
            "a rounding too many or too few",
            "You are off by a rounding or by N of them. Count again: N numbers take N - 1 additions; the numerator and "
            "every term of the sum have one exp; at the end there is one division.",
            lambda seen, given: (
                seen.array is not None
                and seen.array.shape == ()
                and any(same(seen.array, 2 * _range(given[0]) + count) for count in _miscounted(len(given[0])))
            ),
        ),
    ),
)


# log1p_goldberg


def _plain(x: np.ndarray) -> np.ndarray:
    return np.log(np.float32(1) + x)


def _corrected(x: np.ndarray, instead: np.ndarray | float) -> np.ndarray:
    """Goldberg's formula, with `instead` where 1 + x is 1."""
    w = np.float32(1) + x
    return np.where(w == 1, instead, x * np.log(w) / (w - 1))


def _series(terms: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: sum((-1) ** (k + 1) * x.astype(float) ** k / k for k in range(1, terms + 1))


def _floats(*values: float) -> Callable[[np.random.Generator], tuple]:
    return lambda rng: (np.array(values, dtype=np.float32),)


def _accurate(asks: str, given: Callable[[np.random.Generator], tuple]) -> Question:
    """A question about relative accuracy alone. Twice what NumPy's fastest logarithm may add up to."""
    return Question(asks, 1, given, rtol=2e-6, atol=0)


log1p_goldberg = Exercise(
    "log1p_goldberg",
    section="3",
    reference=lambda x: np.log1p(x.astype(float)),
    questions=(
        _accurate("x = [0.7, 0.5, 0.25]", _floats(0.7, 0.5, 0.25)),
        _accurate(
            "Twenty random numbers between 1e-6 and 1e-3",
            lambda rng: ((10 ** rng.uniform(-6, -3, size=20)).astype(np.float32),),
        ),
        _accurate("Around u, x = [5e-8, 7e-8, 1e-7]", _floats(5e-8, 7e-8, 1e-7)),
        _accurate("Much smaller, x = [1e-10, 1e-20, 1e-30]", _floats(1e-10, 1e-20, 1e-30)),
        _accurate("x = [0, 0.5]: log 1 is 0", _floats(0.0, 0.5)),
    ),
    ideas=(
        Idea(
            "plain log(1 + x)",
            "1 + x has lost the last bits of x, or all of them, and log cannot bring them back. (1 + x) - 1 tells what "
            "was really added to 1; on paper it is x, in float32 it is not, so it must not be simplified.",
            _gives(_plain),
        ),
        Idea(
            "plain log(1 + x) with more bits",
            "float64 moves the trouble to smaller numbers: 1 + 1e-20 is 1 there too. It takes another formula.",
            _gives(lambda x: np.log(1 + x.astype(float)), lambda x: np.log(1 + x.astype(float)).astype(np.float32)),
        ),
        Idea(
            "0 / 0",
            "There is a nan: where 1 + x is 1, the formula divides 0 by 0. Treat that case by itself.",
            _has_nan,
        ),
        Idea(
            "0 where 1 + x is 1",
            "For the smallest x the result is 0, so all bits are lost. log(1 + x) is nearly x there.",
            _gives(lambda x: _corrected(x, 0.0)),
        ),
        Idea(
            "x itself",
            "This is x. That is right for very small x only: log 1.5 is not 0.5.",
            _gives(lambda x: x),
        ),
        Idea(
            "a few terms of the series",
            "The series x - x^2/2 + ... needs ever more terms as x grows. Use the logarithm, and mend it.",
            _gives(*(_series(terms) for terms in range(2, 7))),
        ),
        Idea(
            "the correction upside down",
            "The logarithm was multiplied by (1 + x) - 1 and divided by x. It goes the other way round.",
            _gives(lambda x: _plain(x) * ((np.float32(1) + x) - np.float32(1)) / x),
        ),
        Idea(
            "the slow factor alone",
            "This is log(1 + x) / x, a number close to 1. It still has to be multiplied by x.",
            _gives(lambda x: _corrected(x, 1.0) / np.where(np.float32(1) + x == 1, 1, x)),
        ),
        Idea(
            "one number at a time",
            "x is an array, and an if cannot decide for several numbers at once. np.where chooses for each entry.",
            raised("ValueError", "TypeError", "InvalidArgumentError"),
        ),
    ),
)


# cross_entropy_at_offset


def _exact_loss(z: np.ndarray, y: int, c: float) -> float:
    """On paper the offset cancels: the loss of z alone, from the stored logits, in float64."""
    return float(logit_losses(z[None].astype(float), np.array([y]))[0])


def _logits(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def _far(c: float) -> Callable[[np.random.Generator], tuple]:
    """Random logits, the true class not the likeliest one, and an offset."""

    def given(rng: np.random.Generator) -> tuple:
        z = normals(rng, (5,)).astype(np.float32)
        return z, int(np.argsort(z)[2]), c

    return given


def _log_sum(z: np.ndarray) -> float:
    """log sum exp(z), shifted."""
    return z.max() + np.log(np.exp(z - z.max()).sum())


def _shifted(z: np.ndarray) -> np.ndarray:
    return z - z.max()


def _in_two_precisions(loss: Callable) -> tuple[Callable, Callable]:
    """A loss of (logits, y, c) with the logits in float32, and in float64."""
    return (
        lambda z, y, c: loss(z, y, np.float32(c)),
        lambda z, y, c: loss(z.astype(float), y, c),
    )


cross_entropy_at_offset = Exercise(
    "cross_entropy_at_offset",
    section="4",
    reference=_exact_loss,
    questions=(
        Question("z = [2, 1, 0], y = 1, c = 0", 1, lambda rng: (_logits(2, 1, 0), 1, 0.0)),
        Question("Five random logits, c = 1e8", 1, _far(1e8)),
        Question("Five random logits, c = -1e20", 1, _far(-1e20)),
        Question(
            "Logits that are large themselves, z = [1e16, 1e16], y = 0, c = 3",
            1,
            lambda rng: (_logits(1e16, 1e16), 0, 3.0),
        ),
        Question(
            "Far apart, z = [5, -995, 2], y = 1, c = 0; and z stays as it was",
            1,
            lambda rng: (_logits(5, -995, 2), 1, 0.0),
            judge=untouched,
        ),
    ),
    ideas=(
        Idea(
            "offset added to the logits",
            "Adding c to the logits rounds them to the coarse numbers that exist there, in float64 too, only later. "
            "Nothing that follows can bring the bits back. What does c do to the loss on paper?",
            imitated(
                *_in_two_precisions(lambda z, y, c: _log_sum(_shifted(z + c)) - _shifted(z + c)[y]),
                *_in_two_precisions(lambda z, y, c: _log_sum(z + c) - (z + c)[y]),
            ),
        ),
        Idea(
            "log-sum-exp first, then the logit",
            "m + log s is large here, and log s disappears in it. Subtract the large numbers from each other first: "
            "z_y - m.",
            imitated(*_in_two_precisions(lambda z, y, c: _log_sum(z) - z[y])),
        ),
        Idea(
            "no shift",
            "exp overflows, or all exponentials are 0. Subtract the largest logit first.",
            imitated(
                *_in_two_precisions(lambda z, y, c: np.log(np.exp(z).sum()) - z[y]),
                *_in_two_precisions(lambda z, y, c: np.log(np.exp(z + c).sum()) - (z + c)[y]),
                *_in_two_precisions(lambda z, y, c: -np.log(np.exp(z)[y] / np.exp(z).sum())),
            ),
        ),
        Idea(
            "by way of the probability",
            "The probability of the true class becomes 0, and its logarithm infinite. Keep the logarithm: "
            "log s - (z_y - m).",
            imitated(*_in_two_precisions(lambda z, y, c: -np.log(np.exp(_shifted(z))[y] / np.exp(_shifted(z)).sum()))),
        ),
        Idea(
            "epsilon in the logarithm",
            "The loss stops growing where the probability becomes very small: an epsilon or a clip hides it.",
            lambda seen, given: (
                seen.array is not None and seen.array.shape == () and 4 < seen.array < 0.9 * _exact_loss(*given)
            ),
        ),
        Idea(
            "offset left in the loss",
            "The loss moves with c. The offset is in the log-sum-exp and in z_y: in their difference it cancels.",
            imitated(
                *_in_two_precisions(lambda z, y, c: _exact_loss(z, y, c) + c),
                *_in_two_precisions(lambda z, y, c: _exact_loss(z, y, c) - c),
            ),
        ),
        Idea(
            "sign forgotten",
            "This is the logarithm of the probability. The loss is minus that, and not negative.",
            imitated(lambda z, y, c: -_exact_loss(z, y, c)),
        ),
        Idea(
            "log-sum-exp alone",
            "The logit of the true class is missing: this number is the same for every y.",
            imitated(
                *_in_two_precisions(lambda z, y, c: _log_sum(z)),
                *_in_two_precisions(lambda z, y, c: _log_sum(_shifted(z))),
            ),
        ),
        Idea(
            "one loss per class",
            "A loss for every class came back. Only the true class y counts.",
            lambda seen, given: seen.array is not None and seen.array.shape == given[0].shape,
        ),
    ),
)
