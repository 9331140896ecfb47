"""Checks of lab 04: the loss from logits, its gradient, where exp ends, and what a clip hides."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from logitlab.checks.answers import Seen
from logitlab.checks.core import Exercise, Idea, Question, either, imitated, normals, raised, untouched
from logitlab.formulas import chosen, logit_losses, mean_cross_entropy, softmax

EPS = 1e-7  # keras.config.epsilon(): where Keras clips probabilities


def _naive(z: np.ndarray, axis: int = 1) -> np.ndarray:
    e = np.exp(np.asarray(z, dtype=float))
    return e / e.sum(axis=axis, keepdims=True)


def _shifted_by(z: np.ndarray, m: np.ndarray | float) -> np.ndarray:
    """log-sum-exp of each row with the shift m, a number or a column."""
    z = np.asarray(z, dtype=float)
    return np.squeeze(m + np.log(np.exp(z - m).sum(axis=1, keepdims=True)), axis=1)


def _lse(z: np.ndarray) -> np.ndarray:
    """log sum_k exp(z_k) = m + log sum_k exp(z_k - m), m the row maximum. (m, N) -> (m,)."""
    return _shifted_by(z, np.max(z, axis=1, keepdims=True))


def _one_hot(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.eye(z.shape[1])[y]


def _labelled(rng: np.random.Generator, m: int, n: int, scale: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    """Random logits, and labels of more than one class; the first row's true class is not its best one."""
    z = normals(rng, (m, n), scale)
    y = rng.permutation(np.arange(m) % n)
    unlike = int(np.flatnonzero(y != z[0].argmax())[0])
    y[[0, unlike]] = y[[unlike, 0]]
    return z, y


def _refuses_integers(seen: Seen, given: tuple) -> bool:
    """TensorFlow's complaint: "Value for attr 'T' of int64 is not in the list of allowed values"."""
    return raised("InvalidArgumentError", "TypeError")(seen, given) and "int" in seen.error[1]


WHOLE = Idea(
    "whole numbers not converted",
    "TensorFlow computes exp of floats only. Convert the scores to float first.",
    lambda seen, given: given[0].dtype.kind == "i" and _refuses_integers(seen, given),
)


def _integer(seen: Seen, given: tuple) -> bool:
    return seen.array is not None and given[0].dtype.kind == "i"


# overflow_point


def _largest(dtype: str) -> float:
    """The largest number of this dtype whose exponential is at most the dtype's largest number."""
    limit = np.log(np.float64(np.finfo(dtype).max))
    nearest = np.dtype(dtype).type(limit)
    return float(nearest if nearest <= limit else np.nextafter(nearest, nearest.dtype.type(0)))


def _is_near(*wrong: Callable[[str], float], rtol: float = 1e-3) -> Callable[[Seen, tuple], bool]:
    """Recognise a number by those that wrong ideas give for this dtype."""

    def shows(seen: Seen, given: tuple) -> bool:
        if seen.array is None or seen.array.shape != ():
            return False
        return any(bool(np.isclose(float(seen.array), f(*given), rtol=rtol, atol=0)) for f in wrong)

    return shows


def _of_another_dtype(seen: Seen, given: tuple) -> bool:
    others = {"float16", "float32", "float64"} - {given[0]}
    return _is_near(*(lambda _, t=t: _largest(t) for t in others))(seen, given)


def _coarse(seen: Seen, given: tuple) -> bool:
    """Within 1 of the right place."""
    return seen.array is not None and seen.array.shape == () and bool(abs(seen.array - _largest(*given)) <= 1.01)


overflow_point = Exercise(
    "overflow_point",
    section="2",
    reference=_largest,
    # The tolerance: one step of the dtype must pass. log(max) lies between two numbers of the dtype, and
    # rounded to the dtype it is the upper one for float16 and float32. A step is 7e-4 of 11 in float16, 9e-8 of
    # 88 in float32. Typed constants with two decimals, 88.72 and 709.78, are wrong by 3e-5 and 4e-6.
    questions=(
        Question("dtype = 'float32'", 1, lambda rng: ("float32",), rtol=1e-6, atol=0),
        Question("dtype = 'float64'", 1, lambda rng: ("float64",), rtol=1e-6, atol=0),
        Question("dtype = 'float16'", 1, lambda rng: ("float16",), rtol=1e-3, atol=0),
    ),
    ideas=(
        Idea(
            "the largest number, not its logarithm",
            "This is how large exp(x) may become. The x that leads there is asked for.",
            _is_near(lambda t: float(np.finfo(t).max)),
        ),
        Idea(
            "other base of the logarithm",
            "This x belongs to 2 to the x, or to 10 to the x. exp has the base e: take the natural logarithm.",
            _is_near(lambda t: np.log2(float(np.finfo(t).max)), lambda t: np.log10(float(np.finfo(t).max))),
        ),
        Idea(
            "another dtype's number",
            "This is the right place for another dtype. Let the exponential, or the largest number, be of the dtype "
            "that was asked for: a Python float is a float64.",
            _of_another_dtype,
        ),
        Idea(
            "steps too coarse",
            "This is near, but there are many more numbers between this one and the largest x. Compute it, "
            "or halve the interval until it has no room left.",
            _coarse,
        ),
        Idea(
            "the other end",
            "This is where exp becomes too small. Where it becomes too large is asked for.",
            _is_near(
                lambda t: np.log(float(np.finfo(t).tiny)),
                lambda t: np.log(float(np.finfo(t).smallest_subnormal)),
                lambda t: -np.log(float(np.finfo(t).tiny)),
                rtol=0.01,
            ),
        ),
        Idea(
            "no finite number",
            "inf or nan came back. The largest x is a finite number, since exp(x) is finite there.",
            lambda seen, given: (
                seen.array is not None and seen.array.dtype.kind == "f" and not np.isfinite(seen.array).all()
            ),
        ),
        Idea(
            "text taken for a type",
            "dtype is text, such as 'float32'. np.finfo(dtype) and np.array(x, dtype=dtype) accept it as it is.",
            raised("AttributeError", "TypeError", "UFuncTypeError"),
        ),
    ),
)


# logsumexp


def _axis_dropped(z: np.ndarray) -> np.ndarray:
    z = np.asarray(z, dtype=float)
    m = z.max(axis=1)
    return m + np.log(np.exp(z - m).sum(axis=1))


NO_SHIFT = (
    "exp of a large logit is inf, and of a very negative one 0. Subtract each row's largest logit before exp; "
    "what that does to the result can be undone exactly."
)
ONE_MAXIMUM = "A row far below the largest logit of the batch has only zeros after exp. Each row needs its own maximum."

logsumexp = Exercise(
    "logsumexp",
    section="3",
    reference=_lse,
    questions=(
        Question("One row, [[1, 2, 3, 4]]", 1, lambda rng: (np.array([[1.0, 2.0, 3.0, 4.0]]),)),
        Question(
            "Four random rows of four logits; z is the same afterwards",
            1,
            lambda rng: (normals(rng, (4, 4)),),
            judge=untouched,
        ),
        Question(
            "Large whole numbers, [[1000, 999, 0], [3, -2, 1]]",
            1,
            lambda rng: (np.array([[1000, 999, 0], [3, -2, 1]]),),
        ),
        Question("All very negative, [[-2000, -2001]]", 1, lambda rng: (np.array([[-2000.0, -2001.0]]),)),
        Question(
            "Two rows far apart, [[0, 1], [-2000, -2001]]",
            1,
            lambda rng: (np.array([[0.0, 1.0], [-2000.0, -2001.0]]),),
        ),
    ),
    ideas=(
        Idea("no shift", NO_SHIFT, imitated(lambda z: np.log(np.exp(np.asarray(z, dtype=float)).sum(axis=1)))),
        Idea(
            "shift not added back",
            "This is the logarithm of the shifted sum. The shift took a factor out of the sum: put it back.",
            imitated(lambda z: _lse(z) - z.max(axis=1), lambda z: _lse(z) - 2 * z.max(axis=1)),
        ),
        Idea("one maximum for the whole batch", ONE_MAXIMUM, imitated(lambda z: _shifted_by(z, np.max(z)))),
        Idea(
            "shift never negative",
            "When all logits of a row are very negative, every exp is 0. The shift must be the maximum itself, "
            "whatever its sign.",
            imitated(
                lambda z: _shifted_by(z, np.maximum(0, z.max(axis=1, keepdims=True))),
                lambda z: _shifted_by(z, np.abs(z).max(axis=1, keepdims=True)),
            ),
        ),
        Idea(
            "summed down the columns",
            "There is one number per column. Each row is one example: one number per row.",
            imitated(lambda z: _lse(z.T)),
        ),
        Idea(
            "one number for the whole array",
            "One number came back for all rows together. Give one number per row.",
            lambda seen, given: seen.array is not None and seen.array.shape == (),
        ),
        Idea(
            "axis kept",
            "The shape should be (m,): one number per row, not a column of them.",
            imitated(lambda z: _lse(z)[:, None]),
        ),
        Idea(
            "axis dropped too early",
            "max(axis=1) gives a flat list, and subtracting that list from a table pairs it with the columns. "
            "Keep the axis (keepdims=True) while you subtract.",
            either(
                imitated(_axis_dropped),
                lambda seen, given: (
                    raised("ValueError", "InvalidArgumentError")(seen, given)
                    and not _refuses_integers(seen, given)
                    and given[0].shape[0] > 1
                    and given[0].shape[0] != given[0].shape[1]
                ),
            ),
        ),
        Idea(
            "no logarithm",
            "This is a sum of exponentials. Its logarithm is asked for.",
            imitated(
                lambda z: np.exp(np.asarray(z, dtype=float)).sum(axis=1),
                lambda z: np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1),
                lambda z: z.max(axis=1) + np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1),
            ),
        ),
        Idea(
            "log-softmax instead",
            "These are log-probabilities, one per logit. The logarithm of the sum is asked for, one per row.",
            imitated(lambda z: z - _lse(z)[:, None]),
        ),
        Idea(
            "the mean instead of the sum",
            "The logarithm of the mean is smaller by log N. Take the sum.",
            imitated(lambda z: _lse(z) - np.log(z.shape[1])),
        ),
        WHOLE,
        Idea(
            "whole numbers kept whole",
            "The result was stored as whole numbers, which cuts off its decimals. Convert z to float first.",
            lambda seen, given: _integer(seen, given) and imitated(lambda z: np.trunc(_lse(z)))(seen, given),
        ),
    ),
)


# cross_entropy_from_logits


def _mean_loss(z: np.ndarray, y: np.ndarray) -> float:
    return logit_losses(np.asarray(z, dtype=float), y).mean()


def _late(z: np.ndarray, y: np.ndarray) -> float:
    return (_lse(z) - chosen(z, y)).mean()


def _late32(z: np.ndarray, y: np.ndarray) -> float:
    z = np.asarray(z, dtype=np.float32)
    m = z.max(axis=1)
    return float((m + np.log(np.exp(z - m[:, None]).sum(axis=1)) - chosen(z, y)).mean())


def _cut(seen: Seen, given: tuple) -> bool:
    """A finite loss, too small, where the true class is far behind."""
    z, y = given
    if seen.array is None or seen.array.shape != () or logit_losses(np.asarray(z, dtype=float), y).min() < 100:
        return False
    return bool(4 < seen.array < 100)


_FAR = np.array([[1000, 0, -1000], [0, 1000, 0]])
_OFFSET = np.array([[1e6 + 1, 1e6 + 3, 1e6 - 2], [-1e6 + 0.5, -1e6 - 1, -1e6 + 2]])

cross_entropy_from_logits = Exercise(
    "cross_entropy_from_logits",
    section="4",
    reference=_mean_loss,
    questions=(
        Question(
            "One example, logits = [[2, 1, 0]], y = [1]", 1, lambda rng: (np.array([[2.0, 1.0, 0.0]]), np.array([1]))
        ),
        Question(
            "Six random examples with four classes; the arrays are the same afterwards",
            1,
            lambda rng: _labelled(rng, 6, 4),
            judge=untouched,
        ),
        Question(
            "Far behind, in whole numbers: [[1000, 0, -1000], [0, 1000, 0]], y = [2, 0] costs (2000 + 1000) / 2",
            1,
            lambda rng: (_FAR, np.array([2, 0])),
        ),
        Question(
            "One row near 1 000 000, one near -1 000 000",
            1,
            lambda rng: (_OFFSET, np.array([0, 2])),
        ),
        Question(
            "Two equal logits, both 1e16: costs log 2",
            1,
            lambda rng: (np.array([[1e16, 1e16]]), np.array([1])),
        ),
    ),
    ideas=(
        Idea(
            "no shift",
            NO_SHIFT,
            imitated(
                lambda z, y: mean_cross_entropy(_naive(z), y),
                lambda z, y: (np.log(np.exp(np.asarray(z, dtype=float)).sum(axis=1)) - chosen(z, y)).mean(),
            ),
        ),
        Idea(
            "the probability stored",
            "The softmax is right, but the probability of the true class is too small for a float and becomes 0, "
            "and log 0 is infinite. Work out log(softmax) on paper and never store p.",
            imitated(lambda z, y: mean_cross_entropy(softmax(z), y)),
        ),
        Idea(
            "an epsilon or a clip",
            "The loss stops growing: an epsilon or a clip hides how bad the worst mistakes are. With the formula for "
            "logits nothing needs protection.",
            _cut,
        ),
        Idea(
            "subtracted too late",
            "The largest logit was added to a small number before z_y was subtracted, and the small number was "
            "rounded away. Subtract the two large numbers from each other first.",
            imitated(_late, _late32),
        ),
        Idea(
            "shift in one term only",
            "The sum uses shifted logits, the true class's logit is not shifted. Shift both.",
            imitated(lambda z, y: (_lse(z) - z.max(axis=1) - chosen(z, y)).mean()),
        ),
        Idea(
            "one maximum for the whole batch",
            ONE_MAXIMUM,
            imitated(
                lambda z, y: (_shifted_by(z, np.max(z)) - chosen(z, y)).mean(),
                lambda z, y: (_shifted_by(z - np.max(z), 0.0) - chosen(z - np.max(z), y)).mean(),
                lambda z, y: mean_cross_entropy(_naive(z - np.max(z)), y),
            ),
        ),
        Idea(
            "summed, not averaged",
            "The loss grows with the number of examples. Average over the rows.",
            imitated(lambda z, y: _mean_loss(z, y) * len(y)),
        ),
        Idea(
            "one loss per row",
            "One loss for each row came back. Their mean is asked for.",
            imitated(lambda z, y: logit_losses(np.asarray(z, dtype=float), y)),
        ),
        Idea(
            "averaged over the classes too",
            "The loss is N times too small: the mean went over all m x N entries. Average over the examples only.",
            imitated(lambda z, y: _mean_loss(z, y) / z.shape[1]),
        ),
        Idea(
            "columns instead of entries",
            "z[:, y] picks whole columns, an (m, m) table. One entry per row is asked for.",
            imitated(
                lambda z, y: (_lse(z)[:, None] - z[:, y]).mean(),
                lambda z, y: (_lse(z) - z[:, y]).mean(),
                lambda z, y: _lse(z)[:, None] - z[:, y],
            ),
        ),
        Idea(
            "sign forgotten",
            "The loss came out negative. The logarithm of a probability is below 0, and the loss is minus that.",
            imitated(lambda z, y: -_mean_loss(z, y)),
        ),
        Idea(
            "logits taken for probabilities",
            "This is minus the logarithm of the logits. They are no probabilities yet: the softmax belongs into the "
            "formula.",
            imitated(lambda z, y: mean_cross_entropy(np.asarray(z, dtype=float), y)),
        ),
        WHOLE,
    ),
)


# cross_entropy_grad


def _grad(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(softmax(z) - one_hot(y)) / m, the gradient of the mean loss with respect to the logits."""
    return (softmax(z) - _one_hot(z, y)) / len(y)


def _clipped_grad(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    p = chosen(softmax(z), y)
    return np.where(((p > EPS) & (p < 1 - EPS))[:, None], _grad(z, y), 0.0)


def _whole_columns(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    p = softmax(z)
    p[:, y] -= 1
    return p / len(y)


def _one_shift(z: np.ndarray) -> np.ndarray:
    return _naive(np.asarray(z, dtype=float) - np.max(z))


def _over_m(by_rows: Callable) -> tuple[Callable, Callable]:
    """An idea for one row's gradient, with and without the division by m."""
    return by_rows, lambda z, y: by_rows(z, y) / len(y)


cross_entropy_grad = Exercise(
    "cross_entropy_grad",
    section="5",
    reference=_grad,
    questions=(
        Question(
            "One example, logits = [[2, 1, 0]], y = [1]", 1, lambda rng: (np.array([[2.0, 1.0, 0.0]]), np.array([1]))
        ),
        Question(
            "Six random examples with four classes; the arrays are the same afterwards",
            1,
            lambda rng: _labelled(rng, 6, 4),
            judge=untouched,
        ),
        Question(
            "Whole numbers, three examples with three classes: [[1, 0, -1], [2, 3, -3], [0, 1, 3]], y = [2, 0, 1]",
            1,
            lambda rng: (np.array([[1, 0, -1], [2, 3, -3], [0, 1, 3]]), np.array([2, 0, 1])),
        ),
        Question(
            "Far behind, [[1000, 0, -1000], [0, 1000, 0]], y = [2, 0]",
            1,
            lambda rng: (_FAR.astype(float), np.array([2, 0])),
        ),
        Question(
            "Two rows far apart, [[0, 1], [-2000, -2001]], y = [0, 1]",
            1,
            lambda rng: (np.array([[0.0, 1.0], [-2000.0, -2001.0]]), np.array([0, 1])),
        ),
    ),
    ideas=(
        Idea(
            "not divided by m",
            "This is the gradient of the sum over the examples. The loss is their mean: the gradient too.",
            imitated(lambda z, y: _grad(z, y) * len(y)),
        ),
        Idea(
            "sign reversed",
            "The sign is the wrong way round. Raising the true class's logit lowers the loss: its entry is negative.",
            imitated(lambda z, y: -_grad(z, y), lambda z, y: -_grad(z, y) * len(y)),
        ),
        Idea(
            "softmax alone",
            "This is the derivative of the log-sum-exp. The term of the true class has a derivative too.",
            imitated(*_over_m(lambda z, y: softmax(z))),
        ),
        Idea(
            "gradient with respect to p",
            "This is the derivative with respect to the probabilities. Follow the chain to the logits, or "
            "differentiate the formula for logits.",
            imitated(*_over_m(lambda z, y: -_one_hot(z, y) / softmax(z))),
        ),
        Idea(
            "the class that the model prefers, not the true one",
            "The 1 was subtracted at the largest logit. It belongs to the true class, y.",
            imitated(*_over_m(lambda z, y: softmax(z) - _one_hot(z, z.argmax(axis=1)))),
        ),
        Idea(
            "whole columns changed",
            "p[:, y] changes whole columns: every row loses a 1 in every class that occurs. One entry per row, please.",
            imitated(_whole_columns, lambda z, y: _whole_columns(z, y) * len(y)),
        ),
        Idea(
            "summed over the examples",
            "One number per class came back. The gradient has the shape of the logits: one row per example.",
            imitated(lambda z, y: _grad(z, y).sum(axis=0), lambda z, y: _grad(z, y).mean(axis=0)),
        ),
        Idea(
            "divided by N too",
            "This is N times too small. Divide by the number of examples only.",
            imitated(lambda z, y: _grad(z, y) / z.shape[1]),
        ),
        Idea(
            "a clip on the probabilities",
            "The gradient is 0 where the true class is far behind: a clip on the probabilities does that. "
            "Nothing here needs a clip.",
            imitated(_clipped_grad),
        ),
        Idea(
            "no shift",
            NO_SHIFT,
            imitated(
                lambda z, y: (_naive(z) - _one_hot(z, y)) / len(y),
                lambda z, y: _naive(z) - _one_hot(z, y),
            ),
        ),
        Idea(
            "one maximum for the whole batch",
            ONE_MAXIMUM,
            imitated(lambda z, y: (_one_shift(z) - _one_hot(z, y)) / len(y)),
        ),
        Idea(
            "softmax down the columns",
            "The columns of the softmax sum to 1, its rows do not. One row is one example.",
            imitated(lambda z, y: (_naive(z, axis=0) - _one_hot(z, y)) / len(y)),
        ),
        WHOLE,
        Idea(
            "whole numbers kept whole",
            "The result was stored as whole numbers, which cuts off its decimals. Convert the logits to float first.",
            lambda seen, given: _integer(seen, given) and bool(np.isin(seen.array, (-1, 0, 1)).all()),
        ),
    ),
)


# capped_loss


def _capped(p: np.ndarray, y: np.ndarray, eps: float) -> float:
    return mean_cross_entropy(np.clip(p, eps, 1 - eps), y)


def _normalised(p: np.ndarray, y: np.ndarray, eps: float) -> float:
    p = np.clip(p, eps, 1 - eps)
    return mean_cross_entropy(p / p.sum(axis=1, keepdims=True), y)


def _left_out(p: np.ndarray, y: np.ndarray, eps: float) -> float:
    q = chosen(p, y)
    return np.where((q < eps) | (q > 1 - eps), 0.0, -np.log(np.maximum(q, eps))).mean()


def _random_p(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """Probabilities inside [eps, 1 - eps]."""
    # With this scale p = 0.001 lies seven standard deviations away.
    z, y = _labelled(rng, 6, 4, scale=0.7)
    return softmax(z), y, 1e-3


def _lower(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    return np.array([[0.3, 0.0, 0.7], [3e-8, 0.5, 0.5 - 3e-8], [0.2, 0.1, 0.7]]), np.array([1, 0, 0]), EPS


def _both(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    return np.array([[1.0, 0.0, 0.0], [0.25, 0.25, 0.5], [0.996, 0.0, 0.004]]), np.array([0, 1, 2]), 0.01


def _fixed_eps(p: np.ndarray, y: np.ndarray, eps: float) -> float:
    return _capped(p, y, EPS)


def _plain(f: Callable) -> Callable:
    """An idea about the clipped probabilities, as a function of the exercise's arguments."""
    return lambda p, y, eps: f(np.clip(p, eps, 1 - eps), y)


capped_loss = Exercise(
    "capped_loss",
    section="6",
    reference=_capped,
    questions=(
        Question(
            "p = [[0.7, 0.2, 0.1]], y = [0], eps = 1e-7",
            1,
            lambda rng: (np.array([[0.7, 0.2, 0.1]]), np.array([0]), EPS),
        ),
        Question("Six random examples, eps = 0.001: nothing to clip", 1, _random_p),
        Question(
            "True classes with p = 0, 3e-8 and 0.2, eps = 1e-7",
            1,
            _lower,
        ),
        Question(
            "True classes with p = 1, 0.25 and 0.004, eps = 0.01; the arrays are the same afterwards",
            1,
            _both,
            judge=untouched,
        ),
    ),
    ideas=(
        Idea(
            "no clip",
            "eps does not change anything here. No probability may be below eps, and none above 1 - eps.",
            imitated(lambda p, y, eps: mean_cross_entropy(p, y)),
        ),
        Idea(
            "added instead of clipped",
            "Adding eps changes every probability a little. Clipping leaves those inside the limits as they are.",
            imitated(lambda p, y, eps: mean_cross_entropy(p + eps, y)),
        ),
        Idea(
            "no upper limit",
            "The smallest probabilities are clipped, the largest are not: no probability may be above 1 - eps.",
            imitated(lambda p, y, eps: mean_cross_entropy(np.maximum(p, eps), y)),
        ),
        Idea(
            "eps of its own",
            "The limit is always 1e-7. Use the eps that was passed in.",
            imitated(_fixed_eps),
        ),
        Idea(
            "normalised after the clip",
            "After the clip each row was divided by its sum again. Take the clipped probability as it is.",
            imitated(_normalised),
        ),
        Idea(
            "worst mistakes left out",
            "What lies outside the limits costs 0 here. It costs as much as the limit itself.",
            imitated(_left_out),
        ),
        Idea(
            "summed, not averaged",
            "The loss grows with the number of examples. Average over the rows.",
            imitated(_plain(lambda p, y: mean_cross_entropy(p, y) * len(y))),
        ),
        Idea(
            "one loss per row",
            "One loss for each row came back. Their mean is asked for.",
            imitated(_plain(lambda p, y: -np.log(chosen(p, y)))),
        ),
        Idea(
            "averaged over the classes too",
            "The loss is N times too small: the mean went over all m x N entries. Average over the examples only.",
            imitated(_plain(lambda p, y: mean_cross_entropy(p, y) / p.shape[1])),
        ),
        Idea(
            "probabilities taken for logits",
            "The numbers in p already are probabilities. Do not apply softmax to them again.",
            imitated(
                lambda p, y, eps: _capped(softmax(p), y, eps),
                _plain(lambda p, y: logit_losses(p, y).mean()),
            ),
        ),
        Idea(
            "sign forgotten",
            "The loss came out negative. log of a number below 1 is negative: put a minus in front.",
            imitated(_plain(lambda p, y: -mean_cross_entropy(p, y))),
        ),
    ),
)
