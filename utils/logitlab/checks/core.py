"""What a check is made of: questions, wrong ideas, and the exercise that holds them.

A check is data. A `Question` says what is asked, what it is worth and what the right answer is; an
`Idea` is a wrong idea, known by what it does. `Exercise` asks the questions and makes a `Score`.

Precision. An answer may compute in float32 or in float64. So the inputs are numbers that float32
holds exactly (`normals`), and an answer is right when it is within `RTOL` of the right value,
relative, or within `ATOL`, absolute: some ten times what float32 arithmetic loses on inputs of this
size. A question that asks for more, or allows less, says so.
"""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from logitlab.checks.answers import Answer, Model, Seen
from logitlab.checks.score import Line, Score
from logitlab.models import Recipe

RTOL = 1e-5
ATOL = 1e-6


def normals(rng: np.random.Generator, shape: tuple[int, ...], scale: float = 3.0) -> np.ndarray:
    """Normal random numbers, float64, that float32 holds exactly.

    Not rounded to a coarse grid: on one, sums of logits coincide by chance, and a wrong answer passes.
    """
    return (scale * rng.normal(size=shape)).astype("float32").astype(float)


def same(value: object, expected: object, rtol: float = RTOL, atol: float = ATOL) -> bool:
    """Whether two arrays have one shape and, within the tolerance, the same numbers (nan equals nan).

    Or two tuples of arrays, each pair of them.
    """
    if isinstance(expected, tuple):
        fits = isinstance(value, tuple) and len(value) == len(expected)
        return fits and all(same(v, e, rtol, atol) for v, e in zip(value, expected, strict=True))
    if isinstance(value, tuple):
        return False
    value, expected = np.asarray(value), np.asarray(expected)
    if value.shape != expected.shape:
        return False
    return bool(np.allclose(value, expected, rtol=rtol, atol=atol, equal_nan=True))


def call(answer: Answer, *given: object) -> Seen:
    """The plainest way to ask: call the function."""
    return answer.call(*given)


def numbers(value: np.ndarray) -> str:
    """An array in a few words: small ones whole, large ones by shape."""
    if value.dtype.kind == "U":
        return repr(str(value.reshape(-1)[:12].tolist()))[:80]
    if value.size > 12:
        first = "first row" if value.ndim > 1 else "beginning"
        return f"an array of shape {value.shape}, {first} {numbers(value.reshape(-1, value.shape[-1])[0][:6])}"
    if value.dtype.kind == "f":
        value = np.vectorize(lambda x: float(f"{x:.6g}"), otypes=[float])(value) if value.size else value
    return " ".join(str(value.tolist()).split())


def spoken(argument: object) -> str:
    """An argument in a few words."""
    if isinstance(argument, np.ndarray):
        return numbers(argument)
    if isinstance(argument, list | tuple):
        return "[" + ", ".join(map(spoken, argument)) + "]"
    return "a model" if isinstance(argument, Recipe) else repr(argument)


def shown(seen: Seen) -> str:
    """What came back in words; "" if it was an error, a model or a function."""
    if isinstance(seen.value, tuple):
        return ", then ".join(map(numbers, seen.value))
    return numbers(seen.value) if isinstance(seen.value, np.ndarray) else ""


@dataclass(frozen=True)
class Question:
    """One thing asked of an answer.

    asks: the question in words, as the learner reads it. points: what it is worth.
    given: makes the arguments from a random generator; a fixed case ignores it.
    expected: the right value for those arguments; the exercise's reference if left out.
    ask: how to put the question; calls the function if left out. What is seen may then be a dictionary
        of arrays. Questions with the same `ask` and the same `given` are put once, and judged each.
    judge: says why a value is wrong, from what was seen, the arguments and the expected value, or
        returns "" if it is right; compares numbers if left out.
    show: what came back, in words.
    rtol, atol: the tolerance of that comparison.
    """

    asks: str
    points: float
    given: Callable[[np.random.Generator], tuple]
    expected: Callable | None = None
    ask: Callable[..., Seen] = call
    judge: Callable[[Seen, tuple, object], str] | None = None
    show: Callable[[Seen], str] = shown
    rtol: float = RTOL
    atol: float = ATOL

    def reason(self, seen: Seen, given: tuple, expected: object) -> str:
        """Why the answer to this question is wrong; "" if it is right."""
        if seen.error is not None:
            name, message = seen.error
            return f"{name}: {message}" if message else name
        if self.judge is not None:
            return self.judge(seen, given, expected)
        return compare(seen.value, expected, self.rtol, self.atol)


def compare(value: object, expected: object, rtol: float = RTOL, atol: float = ATOL) -> str:
    """Why a value is not the expected array, or tuple of arrays, without giving it away; "" if it is."""
    if isinstance(value, Model | Answer):
        kind = "model" if isinstance(value, Model) else "function"
        return f"A {kind} came back where numbers were asked for."
    if isinstance(expected, tuple):
        return _compare_parts(value, expected, rtol, atol)
    if isinstance(value, tuple):
        return f"{len(value)} arrays of different shapes came back, one was asked for."
    expected = np.asarray(expected)
    if (value.dtype.kind == "U") != (expected.dtype.kind == "U"):
        return f"{'Text' if value.dtype.kind == 'U' else 'Numbers'} came back, that was not asked for."
    if value.shape != expected.shape:
        return f"The shape is {value.shape}, it should be {expected.shape}."
    if value.dtype.kind == "U":
        return "" if np.array_equal(value, expected) else "That is not the right text."
    if same(value, expected, rtol, atol):
        return ""
    if np.isnan(value).any() and not np.isnan(expected).any():
        return "There is a nan (not a number) in it."
    if np.isinf(value).any() and not np.isinf(expected).any():
        return "There is an inf (infinity) in it."
    return "The shape is right, the numbers are not." if expected.shape else "The number is not right."


def _compare_parts(value: np.ndarray | tuple, expected: tuple, rtol: float, atol: float) -> str:
    """Why the parts of a value are not the expected ones: the first that is wrong, by its place."""
    if np.shape(value)[:1] != (len(expected),) if isinstance(value, np.ndarray) else len(value) != len(expected):
        return f"{len(expected)} arrays are asked for."
    for place, (part, right) in enumerate(zip(value, expected, strict=True), start=1):
        reason = compare(part, right, rtol, atol)
        if reason:
            return f"Part {place} of {len(expected)}: {reason}"
    return ""


@dataclass(frozen=True)
class Idea:
    """A wrong idea, known by what it does.

    name: how reports call it. hint: the sentence that helps. shows: whether what was seen, for these
    arguments, is what this idea does.
    """

    name: str
    hint: str
    shows: Callable[[Seen, tuple], bool]


def imitated(*wrong: Callable) -> Callable[[Seen, tuple], bool]:
    """Recognise an idea by functions that have it: one gives the same numbers for the same arguments."""

    def gives(function: Callable, given: tuple) -> np.ndarray | tuple | None:
        try:
            with np.errstate(all="ignore"):
                value = function(*given)
            return tuple(map(np.asarray, value)) if isinstance(value, tuple) else np.asarray(value)
        except (ValueError, TypeError, IndexError):
            return None

    def shows(seen: Seen, given: tuple) -> bool:
        got = seen.value if isinstance(seen.value, tuple) else seen.array
        if got is None:
            return False
        values = (gives(function, given) for function in wrong)
        return any(value is not None and same(got, value) for value in values)

    return shows


def raised(*names: str) -> Callable[[Seen, tuple], bool]:
    """Recognise an idea by the name of the error it raises."""
    return lambda seen, given: seen.error is not None and seen.error[0] in names


def either(*recognisers: Callable[[Seen, tuple], bool]) -> Callable[[Seen, tuple], bool]:
    """Recognise an idea by any of several signs."""
    return lambda seen, given: any(shows(seen, given) for shows in recognisers)


def _changed(seen: Seen, given: tuple) -> bool:
    """Whether an array among the arguments, or in a list among them, is no longer what it was."""

    def differs(before: object, after: object) -> bool:
        if isinstance(before, list):
            return len(before) != len(after) or any(map(differs, before, after))
        return isinstance(before, np.ndarray) and not np.array_equal(before, after, equal_nan=before.dtype.kind == "f")

    return any(map(differs, given, seen.arguments))


def untouched(seen: Seen, given: tuple, expected: object) -> str:
    """Judge the numbers, and that the caller's arrays are as they were."""
    if _changed(seen, given):
        return "The array that was passed in has other numbers in it now."
    return compare(seen.value, expected)


def whole(seen: Seen, given: tuple, expected: object) -> str:
    """Judge the numbers, then that they are whole numbers by type."""
    reason = compare(seen.value, expected, rtol=0, atol=0)
    if not reason and seen.array.dtype.kind not in "iu":
        return f"The categories are right, but they are of type {seen.array.dtype}."
    return reason


# Wrong ideas that any function can have.
COMMON = (
    Idea(
        "nothing returned",
        "The function ends without giving its result back: end it with return.",
        lambda seen, given: seen.error == ("NotData", "nothing came back: is there a return?"),
    ),
    Idea(
        "argument changed",
        "Your function writes into the array it was given. Make a new array instead: z = z - m, not z -= m.",
        # NumPy refuses to write floats into an array of whole numbers.
        either(_changed, raised("_UFuncOutputCastingError", "UFuncTypeError")),
    ),
)


@dataclass(frozen=True)
class _Asked:
    """A question that was put: its arguments, those in words if random, what was seen, why that is wrong."""

    given: tuple
    told: str
    seen: Seen
    reason: str


@dataclass(frozen=True)
class Exercise:
    """A graded function: its questions, its reference answer and the wrong ideas it can meet.

    section: the number of the lab's section that tells what it takes.
    Calling it with an answer asks every question and returns the `Score`.
    """

    name: str
    questions: tuple[Question, ...]
    reference: Callable | None = None
    ideas: tuple[Idea, ...] = ()
    section: str = ""

    @property
    def points(self) -> float:
        """What a right answer earns."""
        return sum(question.points for question in self.questions)

    def __call__(self, answer: Callable | Answer, seed: int | None = None) -> Score:
        """Grade an answer.

        answer: the learner's function, or something with the methods of `Answer`.
        seed: the same seed asks the same questions; a fresh one is drawn if left out.
        Never raises for a wrong answer. Raises TypeError if the answer is no function at all.
        """
        if not isinstance(answer, Answer):
            if not callable(answer):
                raise TypeError(
                    f"check.{self.name} needs your function, not the {type(answer).__name__} it gave: "
                    f"write check.{self.name}({self.name})"
                )
            answer = Answer(answer)
        seed = secrets.randbelow(2**31) if seed is None else seed
        asked = list(self._ask(answer, seed))
        unanswered = all(each.seen.unanswered for each in asked)
        lines = []
        ideas = self._recognise(asked)
        for question, each, idea in zip(self.questions, asked, ideas, strict=True):
            wrong = bool(each.reason)
            lines.append(
                Line(
                    asks=question.asks,
                    points=question.points,
                    earned=0.0 if wrong else question.points,
                    given=each.told if wrong else "",
                    came_back=question.show(each.seen) if wrong else "",
                    reason="Not answered yet." if each.seen.unanswered else each.reason,
                    idea=idea.name if idea else "",
                    hint=idea.hint if idea else "",
                )
            )
        return Score(self.name, tuple(lines), seed, unanswered, self.section)

    def is_right(self, answer: Callable, seed: int) -> bool:
        """Whether a function earns all points: the same questions, but none after the first that it gets wrong."""
        return not any(asked.reason for asked in self._ask(Answer(answer), seed))

    def _ask(self, answer: Answer, seed: int) -> Iterator[_Asked]:
        """Put one question after the other."""
        put: dict[tuple, tuple[tuple, str, Seen]] = {}
        for index, question in enumerate(self.questions):
            key = (question.ask, question.given)
            if key not in put:
                # A stream of its own for each question: a new question leaves the others as they were.
                rng = np.random.default_rng([seed, index])
                before = rng.bit_generator.state
                given = question.given(rng)
                is_random = rng.bit_generator.state != before
                # A question with a way of its own to ask tells what it gave, as far as that helps.
                told = self._told(given) if is_random and question.ask is call else ""
                put[key] = given, told, question.ask(answer, *given)
            given, told, seen = put[key]
            right = question.expected or self.reference
            with np.errstate(all="ignore"):
                expected = right(*given) if right else None
            yield _Asked(given, told, seen, question.reason(seen, given, expected))

    def _told(self, given: tuple) -> str:
        """The arguments in words, by the names that the reference gives them."""
        names = list(inspect.signature(self.reference).parameters) if self.reference else []
        if len(names) != len(given):
            return ", ".join(map(spoken, given))
        return ", ".join(f"{name} = {spoken(argument)}" for name, argument in zip(names, given, strict=True))

    def _recognise(self, asked: list[_Asked]) -> list[Idea | None]:
        """For each wrong question the idea it shows: of several, the one that fits most of all questions.

        The right ones count too: an idea that would have failed there is not the one this answer has.
        """
        fits = {idea: [idea.shows(each.seen, each.given) for each in asked] for idea in (*COMMON, *self.ideas)}
        ideas: list[Idea | None] = []
        for index, each in enumerate(asked):
            here = [idea for idea in fits if each.reason and not each.seen.unanswered and fits[idea][index]]
            ideas.append(max(here, key=lambda idea: sum(fits[idea]), default=None))
        return ideas
