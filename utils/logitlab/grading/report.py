"""A page about a class: its scores, what it found hard, and which wrong ideas it holds.

The scores come from the gradebook. The wrong ideas come from the data that a check leaves, under a
media type of its own, in the output of its cell in the graded notebook.
"""

from __future__ import annotations

import ast
import statistics
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from logitlab.authoring import LabError
from logitlab.grading.graded import Graded, read
from logitlab.grading.results import Results, results
from logitlab.grading.states import State

BINS = 10
TYPICAL = 3  # answers shown for a wrong idea


@dataclass
class Question:
    """A question of a check: what it asks, its points, and how many learners answered it right."""

    asks: str
    points: float
    right: int = 0


@dataclass
class Held:
    """A wrong idea and who holds it; `idea` is "" for wrong answers in which none was recognised.

    answers: the source of the answers that show it, without comments and docstrings.
    """

    exercise: str
    idea: str
    hint: str
    students: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def typical(self) -> list[tuple[str, int]]:
        """The answers given most often, then the shortest, each with how many gave it."""
        counted = Counter(self.answers).items()
        return sorted(counted, key=lambda pair: (-pair[1], len(pair[0])))[:TYPICAL]


@dataclass
class Exercise:
    """What became of an exercise: of `asked` learners so many left it blank, and for so many it broke off."""

    name: str
    points: float
    asked: int = 0
    blank: int = 0
    broken: int = 0
    questions: list[Question] = field(default_factory=list)


def write_report(root: Path, lab: str, db_url: str) -> Path:
    """Write the report of a lab to root/report_LAB.html and return that path.

    Raises LabError if the gradebook has no grades of the lab.
    """
    found = results(db_url, lab)
    graded = {student: read(root, student, lab) for student in found.marks}
    ungraded = _ungraded(root, lab, found, graded)
    # The zeros of a submission that could not be graded are no verdict on what the learner knows.
    found = replace(found, marks={student: marks for student, marks in found.marks.items() if student not in ungraded})
    if not found.marks:
        raise LabError(f"{db_url}: nobody has a grade for {lab} yet. Grade it first: logitlab grade {lab}")
    exercises, ideas = _evaluate(found, graded)
    template = files("logitlab.grading").joinpath("report.html").read_text()
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    path = root / f"report_{lab}.html"
    path.write_text(
        page.from_string(template).render(
            lab=lab,
            today=date.today().isoformat(),
            points=sum(found.points.values()),
            learners=len(found.marks),
            scores=_summary(found),
            bins=_bins(found),
            exercises=exercises,
            ideas=ideas,
            by_hand=sum(any(mark.by_hand for mark in marks.values()) for marks in found.marks.values()),
            ungraded=sorted(ungraded.items()),
            broken=_broken(found, graded),
            remarks=[(student, seen.remarks) for student, seen in graded.items() if seen.remarks],
        )
    )
    return path


def _evaluate(found: Results, graded: dict[str, Graded]) -> tuple[list[Exercise], list[Held]]:
    """The exercises in the order of the lab, and the wrong ideas, most widely held first."""
    exercises, ideas = [], {}
    for check, points in found.points.items():
        if not check.startswith("check_"):
            continue
        exercise = Exercise(check.removeprefix("check_"), points)
        all_right = 0
        for student, marks in found.marks.items():
            exercise.asked += 1
            verdict = graded[student].verdict(check)
            if verdict is None:
                # A check says nothing of a right answer.
                all_right += marks[check].score == points
                exercise.broken += marks[check].score != points
            elif verdict["unanswered"]:
                exercise.blank += 1
            else:
                _count(exercise, verdict["lines"])
                _collect(ideas, exercise.name, student, verdict["lines"], graded[student].cells.get(exercise.name))
        exercise.questions = exercise.questions or [Question("every question", points)]
        for question in exercise.questions:
            question.right += all_right
        exercises.append(exercise)
    return exercises, sorted(ideas.values(), key=lambda held: (held.idea == "", -len(held.students), held.exercise))


def _count(exercise: Exercise, lines: list[dict]) -> None:
    if not exercise.questions:
        exercise.questions = [Question(line["asks"], line["points"]) for line in lines]
    for question, line in zip(exercise.questions, lines, strict=False):
        question.right += line["earned"] == line["points"]


def _collect(ideas: dict, exercise: str, student: str, lines: list[dict], answer: dict | None) -> None:
    """Enter a learner under each wrong idea of an answer, or under none if a wrong line shows no known one."""
    wrong = [line for line in lines if line["earned"] != line["points"]]
    for idea, hint in {line["idea"]: line["hint"] for line in wrong}.items():
        held = ideas.setdefault((exercise, idea), Held(exercise, idea, hint))
        held.students.append(student)
        if answer is not None:
            held.answers.append(_essence("".join(answer["source"])))


def _essence(source: str) -> str:
    """An answer without comments and docstrings, so that equal answers look equal; as it is if it is no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return source.strip()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) and len(node.body) > 1:
            del node.body[0]
    return ast.unparse(tree)


def _summary(found: Results) -> dict[str, float]:
    totals = [found.total(student) for student in found.marks]
    return {
        "mean": statistics.mean(totals),
        "median": statistics.median(totals),
        "max": max(totals),
        "min": min(totals),
    }


def _bins(found: Results) -> list[tuple[str, int]]:
    """How many learners earned which share of the points, in tenths; the last tenth holds full marks."""
    points = sum(found.points.values())
    shares = Counter(min(int(BINS * found.total(student) / points), BINS - 1) for student in found.marks)
    return [(f"{100 * k // BINS} to {100 * (k + 1) // BINS} %", shares[k]) for k in range(BINS)]


def _ungraded(root: Path, lab: str, found: Results, graded: dict[str, Graded]) -> dict[str, str]:
    """Who has no verdict on what they know, and why."""
    reasons = dict.fromkeys(found.absent, "nothing was submitted")
    for path in root.glob(f"submitted/*/{lab}"):
        student = path.parent.name
        seen = graded.get(student, Graded())
        if seen.state is None:
            reasons[student] = "not graded yet, or grading failed: grade again and read the log"
        elif seen.state in (State.MISSING, State.UNREADABLE):
            reasons[student] = seen.remarks[-1] if seen.remarks else str(seen.state)
    return reasons


def _broken(found: Results, graded: dict[str, Graded]) -> list[tuple[str, str, str]]:
    """Checks that could not be asked to the end, for a person to look at: the learner, the exercise, the state."""
    return [
        (student, name.removeprefix("check_"), str(state))
        for student in found.marks
        for name, state in graded[student].odd_cells.items()
    ]
