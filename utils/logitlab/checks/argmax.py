"""Checks of lab 02: when the largest logit is enough, and when float32 blurs it."""

from __future__ import annotations

import numpy as np

from logitlab.checks.answers import Seen
from logitlab.checks.core import Exercise, Idea, Question, compare, either, imitated, normals, whole
from logitlab.formulas import softmax, softmax32


def _naive(z: np.ndarray) -> np.ndarray:
    e = np.exp(np.asarray(z, dtype=float))
    return e / e.sum(axis=-1, keepdims=True)


# log_odds


def _pair(rng: np.random.Generator) -> tuple[np.ndarray, int, int]:
    i, j = rng.choice(5, size=2, replace=False)
    return normals(rng, (5,)), int(i), int(j)


log_odds = Exercise(
    "log_odds",
    section="1",
    reference=lambda z, i, j: z[i] - z[j],
    questions=(
        Question("z = [2, 1.5, -1], i = 0, j = 1", 1, lambda rng: (np.array([2.0, 1.5, -1.0]), 0, 1)),
        Question("Five random logits, two random classes", 1, _pair),
        Question("Far apart, z = [1000, -1000, 3], i = 0, j = 1", 1, lambda rng: (np.array([1e3, -1e3, 3.0]), 0, 1)),
        Question(
            "All very negative, z = [-2000, -2001.5, -2004], i = 1, j = 0",
            1,
            lambda rng: (np.array([-2000.0, -2001.5, -2004.0]), 1, 0),
        ),
    ),
    ideas=(
        Idea(
            "i and j exchanged",
            "The sign is the wrong way round: log(p_i / p_j) is positive when class i is the more probable one.",
            imitated(lambda z, i, j: z[j] - z[i]),
        ),
        Idea(
            "by way of probabilities",
            "exp overflows, or a probability becomes 0, and the ratio is lost. Divide the formulas of p_i and p_j "
            "on paper first: what is left needs no exp.",
            imitated(
                lambda z, i, j: np.log(_naive(z)[i] / _naive(z)[j]),
                lambda z, i, j: np.log(softmax(z)[i] / softmax(z)[j]),
                lambda z, i, j: np.log(_naive(z)[i]) - np.log(_naive(z)[j]),
            ),
        ),
        Idea(
            "odds without the logarithm",
            "This is p_i / p_j itself. Its logarithm is asked for.",
            imitated(lambda z, i, j: np.exp(z[i] - z[j])),
        ),
        Idea(
            "difference of probabilities",
            "This is p_i - p_j. Odds are a ratio: p_i / p_j.",
            imitated(lambda z, i, j: softmax(z)[i] - softmax(z)[j]),
        ),
        Idea(
            "ratio of logits",
            "This is z_i / z_j. Put the formula of softmax into p_i / p_j and see what remains of it.",
            imitated(lambda z, i, j: z[i] / z[j], lambda z, i, j: np.log(np.abs(z[i] / z[j]))),
        ),
        Idea(
            "against all other classes",
            "This compares class i with all others together. Compare it with class j alone.",
            imitated(lambda z, i, j: np.log(softmax(z)[i] / (1 - softmax(z)[i]))),
        ),
    ),
)


# same_category


def _kept(logits: np.ndarray) -> np.ndarray:
    return softmax32(logits).argmax(axis=1) == logits.argmax(axis=1)


def _truth(seen: Seen, given: tuple, expected: object) -> str:
    """Judge truth values; 0 and 1 count as such."""
    return compare(seen.value, expected, rtol=0, atol=0)


def _naive_kept(z: np.ndarray) -> np.ndarray:
    e = np.exp(z.astype(np.float32))
    return (e / e.sum(axis=1, keepdims=True)).argmax(axis=1) == z.argmax(axis=1)


def _unique(z: np.ndarray) -> np.ndarray:
    p = softmax32(z)
    return _kept(z) & ((p == p.max(axis=1, keepdims=True)).sum(axis=1) == 1)


_CLOSE = np.array([[0.1, 0.10000001, -1.0, -2.0], [0.0, 1.0, 2.0, 3.0]], dtype=np.float32)
_LARGE = np.array([[999, 1000, 700, 0], [1000, 999, 700, 0], [-1000, -999, -1200, -2000]], dtype=np.float32)

same_category = Exercise(
    "same_category",
    section="4",
    reference=_kept,
    questions=(
        Question(
            "Six random rows of four logits", 1, lambda rng: (normals(rng, (6, 4)).astype(np.float32),), judge=_truth
        ),
        Question(
            "Two rows, the first with two logits very close: [[0.1, 0.10000001, -1, -2], [0, 1, 2, 3]]",
            1,
            lambda rng: (_CLOSE,),
            judge=_truth,
        ),
        Question(
            "The same with the two close logits exchanged: the tie goes to the first, which is the largest",
            1,
            lambda rng: (_CLOSE[:, [1, 0, 2, 3]],),
            judge=_truth,
        ),
        Question(
            "Large logits, [[999, 1000, 700, 0], [1000, 999, 700, 0], [-1000, -999, -1200, -2000]]",
            1,
            lambda rng: (_LARGE,),
            judge=_truth,
        ),
    ),
    ideas=(
        Idea(
            "no shift",
            "exp of a large logit is inf, and inf / inf is no number. Subtract each row's maximum first.",
            imitated(_naive_kept),
        ),
        Idea(
            "always the same, or compared in float64",
            "In float32 two different logits can get the same probability, and argmax then takes the first. "
            "Compute the softmax in float32 and look.",
            imitated(lambda z: np.ones(len(z), dtype=bool)),
        ),
        Idea(
            "a tie counted as a change",
            "At a tie argmax takes the first class, and that may be the right one. Compare what argmax names, no more.",
            imitated(_unique),
        ),
        Idea(
            "one answer for the whole batch",
            "One truth value came back. Each row needs its own.",
            lambda seen, given: seen.array is not None and seen.array.shape == (),
        ),
        Idea(
            "the opposite",
            "True and False are exchanged: True means that the category stays.",
            imitated(lambda z: ~_kept(z)),
        ),
        Idea(
            "categories instead of a comparison",
            "These are categories. Compare the two lists of categories, row by row.",
            imitated(lambda z: z.argmax(axis=1), lambda z: softmax32(z).argmax(axis=1)),
        ),
        Idea(
            "compared column by column",
            "There is one answer per class. Categories belong to rows: axis=1.",
            imitated(lambda z: softmax32(z).argmax(axis=0) == z.argmax(axis=0)),
        ),
    ),
)


# find_tie


def _tie_numbers(seen: Seen) -> np.ndarray | None:
    if seen.array is None or seen.array.shape != (4,) or seen.array.dtype.kind not in "iuf":
        return None
    return seen.array.astype(np.float32)


def _judge_distinct(seen: Seen, given: tuple, expected: object) -> str:
    z = _tie_numbers(seen)
    if z is None:
        return "Four numbers are asked for, in an array of shape (4,)."
    if not np.isfinite(z).all():
        return "A logit is a finite number."
    return "" if len(set(z.tolist())) == 4 else "As float32 numbers, some of the four logits are equal."


def _ties(z: np.ndarray) -> bool:
    p = softmax32(z)
    return bool((p == p.max()).sum() > 1)


def _judge_tie(seen: Seen, given: tuple, expected: object) -> str:
    reason = _judge_distinct(seen, given, expected)
    if reason:
        return reason
    return "" if _ties(_tie_numbers(seen)) else "The largest probability stands alone."


def _finite(seen: Seen) -> np.ndarray | None:
    z = _tie_numbers(seen)
    return z if z is not None and np.isfinite(z).all() else None


def _equal_logits(seen: Seen, given: tuple) -> bool:
    z = _finite(seen)
    return z is not None and len(set(seen.array.tolist())) < 4


def _equal_only_in_float32(seen: Seen, given: tuple) -> bool:
    z = _finite(seen)
    return z is not None and len(set(seen.array.tolist())) == 4 and len(set(z.tolist())) < 4


def _tie_below_the_top(seen: Seen, given: tuple) -> bool:
    z = _finite(seen)
    return z is not None and len(set(softmax32(z).tolist())) < 4 and not _ties(z)


def _close_not_enough(seen: Seen, given: tuple) -> bool:
    z = _finite(seen)
    return z is not None and len(set(softmax32(z).tolist())) == 4


find_tie = Exercise(
    "find_tie",
    section="4",
    questions=(
        Question("Four logits that differ as float32 numbers", 1, lambda rng: (), judge=_judge_distinct),
        Question("Their float32 softmax has two largest probabilities", 2, lambda rng: (), judge=_judge_tie),
    ),
    ideas=(
        Idea(
            "equal logits",
            "Equal logits always tie. Find different logits whose probabilities are equal.",
            _equal_logits,
        ),
        Idea(
            "different only in float64",
            "The logits are so close that float32 cannot tell them apart. Near 0 it has finer steps than near 1.",
            _equal_only_in_float32,
        ),
        Idea(
            "tie below the top",
            "Two smaller probabilities are equal (0, perhaps). Let the two largest be equal.",
            _tie_below_the_top,
        ),
        Idea(
            "not close enough",
            "All four probabilities differ. Bring the two largest logits closer: float32 rounds exp to 1 when they "
            "are less than about 3e-8 apart.",
            _close_not_enough,
        ),
        Idea(
            "probabilities or a matrix instead of four logits",
            "Give four logits in one array of shape (4,).",
            lambda seen, given: seen.array is not None and seen.array.shape != (4,),
        ),
        Idea(
            "infinite logits",
            "inf is not a logit. Choose finite numbers.",
            lambda seen, given: (
                seen.array is not None and seen.array.dtype.kind == "f" and not np.isfinite(seen.array).all()
            ),
        ),
    ),
)


# top_k


def _top(logits: np.ndarray, k: int) -> np.ndarray:
    return np.argsort(-logits, axis=1, kind="stable")[:, :k]


def _same_sets(seen: Seen, given: tuple) -> bool:
    right = _top(*given)
    return (
        seen.array is not None
        and seen.array.shape == right.shape
        and np.array_equal(np.sort(seen.array, axis=1), np.sort(right, axis=1))
    )


def _all_classes(seen: Seen, given: tuple) -> bool:
    z, k = given
    return k < z.shape[1] and imitated(lambda z, k: _top(z, z.shape[1]))(seen, given)


top_k = Exercise(
    "top_k",
    section="5",
    reference=_top,
    questions=(
        Question("Five random rows of six logits, k = 3", 1, lambda rng: (normals(rng, (5, 6)), 3), judge=whole),
        Question("Four random rows, k = 1: a column", 1, lambda rng: (normals(rng, (4, 3)), 1), judge=whole),
        Question("All classes, k = N = 4", 1, lambda rng: (normals(rng, (3, 4)), 4), judge=whole),
        Question(
            "Equal logits, [[1, 3, 3, 2], [5, 5, 5, 9]], k = 3: the lower index first",
            1,
            lambda rng: (np.array([[1.0, 3.0, 3.0, 2.0], [5.0, 5.0, 5.0, 9.0]]), 3),
            judge=whole,
        ),
        Question(
            "Three rows of 40 logits, many of them equal, k = 15",
            1,
            lambda rng: (rng.integers(0, 4, size=(3, 40)).astype(float), 15),
            judge=whole,
        ),
    ),
    ideas=(
        Idea(
            "ties to the higher index",
            "Of equal logits the one with the lower index comes first. Turning an ascending order round turns the "
            "ties round too.",
            imitated(
                lambda z, k: np.argsort(z, axis=1, kind="stable")[:, ::-1][:, :k],
                lambda z, k: np.argsort(z)[:, ::-1][:, :k],
            ),
        ),
        Idea(
            "best last",
            "The classes are right, in rising order. The best comes first.",
            imitated(
                lambda z, k: np.argsort(z, axis=1, kind="stable")[:, -k:],
                lambda z, k: _top(z, k)[:, ::-1],
            ),
        ),
        Idea(
            "worst classes",
            "These are the smallest logits. The largest ones are asked for.",
            imitated(lambda z, k: np.argsort(z, axis=1, kind="stable")[:, :k]),
        ),
        Idea(
            "logits instead of classes",
            "These are the largest logits themselves. Their places, the classes, are asked for.",
            imitated(lambda z, k: -np.sort(-z, axis=1)[:, :k]),
        ),
        Idea(
            "sorted down the columns",
            "The examples were sorted within each class. Sort within each row: axis=1.",
            either(
                imitated(lambda z, k: np.argsort(-z, axis=0, kind="stable")[:, :k]),
                imitated(lambda z, k: np.argsort(-z, axis=0, kind="stable")[:k]),
            ),
        ),
        Idea(
            "the whole order",
            "All classes came back. Only the first k are asked for.",
            lambda seen, given: (
                given[1] < given[0].shape[1] and imitated(lambda z, k: _top(z, z.shape[1]))(seen, given)
            ),
        ),
        Idea(
            "one dimension lost",
            "The shape is (m, k) also for k = 1.",
            lambda seen, given: given[1] == 1 and imitated(lambda z, k: z.argmax(axis=1))(seen, given),
        ),
        Idea(
            "no order among the best",
            "The right classes, in no order: a partition does not sort. The best comes first.",
            _same_sets,
        ),
    ),
)
