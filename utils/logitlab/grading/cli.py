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
from logitlab.grading.report import write_report
from logitlab.grading.results import results


def grade(root: Path, lab: str) -> bool:
    """Autograde every submission of a lab below root/submitted and print the grades.

    Returns whether each one could be graded. Raises LabError if there is nothing to grade.
    """
    notebook_path(root / "solutions" / lab)
    students = sorted(path.parent.name for path in root.glob(f"submitted/*/{lab}"))
    if not students:
        raise LabError(f"{root}: no submissions of {lab}. Put each notebook at submitted/STUDENT/{lab}/{lab}.ipynb.")
    if not (root / "nbgrader_config.py").is_file():
        raise LabError(f"{root}: nbgrader_config.py is missing. Run this in the folder that holds it.")
    find_tools()
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.root = str(root)
    config.NbGrader.logfile = ""
    api = NbGraderAPI(config=config)
    failed = []
    for number, student in enumerate(students, start=1):
        print(f"[{number}/{len(students)}] {student}", flush=True)
        with warnings.catch_warnings():
            # nbgrader's queries make SQLAlchemy warn about objects that it is about to add.
            warnings.simplefilter("ignore", SAWarning)
            result = api.autograde(lab, student, force=True)
        if not result["success"]:
            failed.append(student)
            print(result["log"], file=sys.stderr)
    print(table(api.coursedir.db_url, lab))
    for student in failed:
        print(f"not graded: {student} (its log is above)", file=sys.stderr)
    return not failed


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
    options = parser.parse_args(arguments)
    root = Path.cwd()
    db_url = f"sqlite:///{root / 'gradebook.db'}"
    try:
        if options.command == "grade":
            return 0 if grade(root, options.lab) else 1
        if options.command == "report":
            print(f"written: {write_report(root, options.lab, db_url)}")
        else:
            print(table(db_url, options.lab))
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
