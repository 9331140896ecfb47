"""A page about a class: its scores, what it found hard, and which wrong ideas it holds.

The scores come from the gradebook. The wrong ideas come from the data that a check leaves, under a
media type of its own, in the output of its cell in the graded notebook.
"""

from __future__ import annotations

import ast
import json
import statistics
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from logitlab.authoring import LabError
from logitlab.checks.score import MIMETYPE
from logitlab.grading.results import Results, results

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
    ungraded = _ungraded(root, lab, found)
    # nbgrader enters zeros for a submission that it could not grade: no verdict on what the learner knows.
    graded = {student: marks for student, marks in found.marks.items() if student not in ungraded}
    found = replace(found, marks=graded)
    if not found.marks:
        raise LabError(f"{db_url}: nobody has a grade for {lab} yet. Grade it first: logitlab grade {lab}")
    cells = {student: _cells(_graded(root, student, lab)) for student in found.marks}
    exercises, ideas = _evaluate(found, cells)
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
            broken=_broken(found, cells),
        )
    )
    return path


def _cells(path: Path) -> dict[str, dict]:
    """The nbgrader cells of a graded notebook by their grade_id; none if it cannot be read."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in cells if "nbgrader" in cell["metadata"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _verdict(cell: dict | None) -> dict | None:
    """The data that a check left in the output of its cell; None if it left none."""
    for output in (cell or {}).get("outputs", []):
        data = output.get("data", {}).get(MIMETYPE)
        if data is not None:
            return data
    return None


def _evaluate(found: Results, cells: dict[str, dict[str, dict]]) -> tuple[list[Exercise], list[Held]]:
    """The exercises in the order of the lab, and the wrong ideas, most widely held first."""
    exercises, ideas = [], {}
    for check, points in found.points.items():
        if not check.startswith("check_"):
            continue
        exercise = Exercise(check.removeprefix("check_"), points)
        all_right = 0
        for student, marks in found.marks.items():
            exercise.asked += 1
            verdict = _verdict(cells[student].get(check))
            if verdict is None:
                # A check says nothing of a right answer.
                all_right += marks[check].score == points
                exercise.broken += marks[check].score != points
            elif verdict["unanswered"]:
                exercise.blank += 1
            else:
                _count(exercise, verdict["lines"])
                _collect(ideas, exercise.name, student, verdict["lines"], cells[student].get(exercise.name))
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


def _ungraded(root: Path, lab: str, found: Results) -> dict[str, str]:
    """Who is not graded, and why."""
    reasons = dict.fromkeys(found.absent, "nothing was submitted")
    for path in root.glob(f"submitted/*/{lab}"):
        student = path.parent.name
        if student not in found.marks or not _graded(root, student, lab).is_file():
            reasons[student] = _why(path / f"{lab}.ipynb")
    return reasons


def _graded(root: Path, student: str, lab: str) -> Path:
    """Where nbgrader puts a graded notebook."""
    return root / "autograded" / student / lab / f"{lab}.ipynb"


def _why(path: Path) -> str:
    if not path.is_file():
        return f"{path.name} is not in the submission"
    try:
        json.loads(path.read_bytes())
    except ValueError:
        return f"{path.name} is not a notebook that can be read"
    return "not graded yet, or grading failed: grade again and read the log"


def _broken(found: Results, cells: dict[str, dict[str, dict]]) -> list[tuple[str, str, str]]:
    """Checks that gave no verdict, for a person to look at: the learner, the exercise, what is seen."""
    rows = []
    for student, marks in found.marks.items():
        for check, mark in marks.items():
            cell = cells[student].get(check)
            silent = check.startswith("check_") and cell is not None and _verdict(cell) is None
            if silent and mark.score != found.points[check]:
                errors = [o for o in cell.get("outputs", []) if o["output_type"] == "error"]
                seen = f"{errors[-1]['ename']}: {errors[-1]['evalue'][:100]}" if errors else "the cell did not finish"
                rows.append((student, check.removeprefix("check_"), seen))
    return rows
