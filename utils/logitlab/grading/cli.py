"""The command `logitlab`."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from sqlalchemy.exc import SAWarning
from traitlets.config.loader import PyFileConfigLoader

from logitlab.authoring import LabError, find_tools, notebook_path
from logitlab.grading.autograde import install
from logitlab.grading.graded import Graded, read
from logitlab.grading.report import write_report
from logitlab.grading.results import Mark, results
from logitlab.grading.sandbox import SandboxMissing, missing
from logitlab.grading.states import State

NEEDS_PERSON = 3  # the exit status
_FINE = (State.GRADED, State.TIMED_OUT)  # of an exercise: a verdict, even if an unfinished one


def grade(root: Path, lab: str, unsafe: bool = False) -> bool:
    """Autograde every submission of a lab below root/submitted; print the states and the grades.

    unsafe: grade without the sandbox. Returns whether nothing needs a person. Raises LabError if nothing
    can be graded.
    """
    notebook_path(root / "solutions" / lab)
    students = sorted(path.parent.name for path in root.glob(f"submitted/*/{lab}"))
    if not students:
        raise LabError(f"{root}: no submissions of {lab}. Put each notebook at submitted/STUDENT/{lab}/{lab}.ipynb.")
    if not (root / "nbgrader_config.py").is_file():
        raise LabError(f"{root}: nbgrader_config.py is missing. Run this in the folder that holds it.")
    lack = "" if unsafe else missing()
    if lack:
        raise LabError(str(SandboxMissing.of(lack)))
    find_tools()
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.root = str(root)
    config.NbGrader.logfile = ""
    config.JudgedExecute.unsafe = unsafe
    config.JudgedExecute.warm = len(students) > 2  # fewer do not make up for the imports
    install()
    api = NbGraderAPI(config=config)
    waiting = []
    for number, student in enumerate(students, start=1):
        print(f"[{number}/{len(students)}] {student}: ", end="", flush=True)
        with warnings.catch_warnings():
            # nbgrader's queries make SQLAlchemy warn about objects that it is about to add.
            warnings.simplefilter("ignore", SAWarning)
            result = api.autograde(lab, student, force=True)
        seen = read(root, student, lab) if result["success"] else Graded()
        print(seen.state or "not graded, see the log below")
        for remark in seen.remarks:
            print(f"    {remark}")
        for name, state in seen.odd_cells.items() if seen.state is State.GRADED else ():
            print(f"    {name.removeprefix('check_')}: {state}")
        if not result["success"]:
            print(result["log"], file=sys.stderr)
        if seen.state is not State.GRADED or not all(state in _FINE for state in seen.odd_cells.values()):
            waiting.append(student)
    print(table(api.coursedir.db_url, lab))
    if waiting:
        print(f"a person should look at: {', '.join(waiting)}", file=sys.stderr)
    by_hand = [student for student, marks in results(api.coursedir.db_url, lab).marks.items() if _waits(marks)]
    if by_hand:
        print(f"{State.BY_HAND}: {', '.join(by_hand)}", file=sys.stderr)
    return not waiting and not by_hand


def _waits(marks: dict[str, Mark]) -> bool:
    return any(mark.by_hand for mark in marks.values())


def table(db_url: str, lab: str) -> str:
    """The grades of a lab: one row per student, one column per exercise. Raises LabError if there are none.

    An answer that waits for a person has a question mark. It counts 0 until then, or what the person gave
    it before it was graded again.
    """
    found = results(db_url, lab)
    rows = [["student", *(name.removeprefix("check_") for name in found.points), "total"]]
    rows.append(["(points)", *(f"{points:g}" for points in found.points.values()), f"{sum(found.points.values()):g}"])
    for student, marks in found.marks.items():
        scores = [str(marks[name]) for name in found.points]
        rows.append([student, *scores, f"{found.total(student):g}"])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_aligned(row, widths) for row in rows]
    if any(score.endswith("?") for row in rows for score in row[1:]):
        lines.append(
            "?: waits for a person, in the formgrader; a number before it was given by hand earlier, and counts"
        )
    return "\n".join(lines)


def _aligned(row: list[str], widths: list[int]) -> str:
    name, *scores = row
    return "  ".join([name.ljust(widths[0]), *map(str.rjust, scores, widths[1:])])


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="logitlab", description="Grade the submissions of a lab.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("grade", "autograde every submission, then print the grades"),
        ("grades", "print the grades"),
        ("report", "write a page about the class: scores, questions, wrong ideas"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("lab", help="for example 01_softmax")
        if name == "grade":
            text = "without the sandbox: the learners' code can do what you can do"
            command.add_argument("--unsafe", action="store_true", help=text)
    options = parser.parse_args(arguments)
    root = Path.cwd()
    db_url = f"sqlite:///{root / 'gradebook.db'}"
    try:
        if options.command == "grade":
            return 0 if grade(root, options.lab, options.unsafe) else NEEDS_PERSON
        if options.command == "report":
            print(f"written: {write_report(root, options.lab, db_url)}")
        else:
            print(table(db_url, options.lab))
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
