"""The command `logitlab`."""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from functools import partial
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.converters.base import NbGraderException
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets.config.loader import PyFileConfigLoader

from logitlab.authoring import LabError, find_tools, notebook_path
from logitlab.grading.autograde import Autograde, NotGraded
from logitlab.grading.progress import Progress
from logitlab.grading.report import write_report
from logitlab.grading.results import Mark, results
from logitlab.grading.sandbox import SandboxMissing, missing
from logitlab.grading.states import State

NEEDS_PERSON = 3  # the exit status
FEW = 2  # submissions, which do not make up for starting workers and imports


def course(root: Path, db_url: str | None = None) -> NbGraderAPI:
    """nbgrader, with the settings of a course folder. Raises LabError if it has none.

    db_url: the SQLAlchemy address of the gradebook, if not the one of the settings.
    """
    if not (root / "nbgrader_config.py").is_file():
        raise LabError(f"{root}: nbgrader_config.py is missing. Run this in the folder that holds it.")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.root = str(root)
    config.NbGrader.logfile = ""
    if db_url:
        config.CourseDirectory.db_url = db_url
    return NbGraderAPI(config=config)


def grade(
    root: Path,
    lab: str,
    *,
    students: str = "*",
    force: bool = False,
    unsafe: bool = False,
    scheduler: str | None = None,
    workers: int | None = None,
    db_url: str | None = None,
) -> bool:
    """Autograde the submissions of a lab below root/submitted; print the states and the grades.

    students: a pattern of names, as of files. force: also those that have not changed since they were graded.
    unsafe: without the sandbox. scheduler, workers: see `logitlab.grading.batch.in_parallel`. db_url: see `course`.
    Returns whether nothing needs a person. Raises LabError if nothing can be graded.
    """
    notebook_path(root / "solutions" / lab)
    found = sorted(path.parent.name for path in root.glob(f"submitted/{students}/{lab}"))
    if not found:
        whose = "" if students == "*" else f" of {students}"
        raise LabError(
            f"{root}: no submissions of {lab}{whose}. Put each notebook at submitted/STUDENT/{lab}/{lab}.ipynb."
        )
    api = course(root, db_url)
    if missing() and not unsafe and not scheduler:
        raise LabError(str(SandboxMissing.of(missing())))
    find_tools()
    api.coursedir.assignment_id, api.coursedir.student_id = lab, students
    api.config.JudgedExecute.unsafe = unsafe
    api.config.JudgedExecute.setdefault("warm", len(found) > FEW)
    autograde = Autograde(coursedir=api.coursedir, parent=api)
    autograde.log = logging.getLogger(__name__)
    autograde.log.disabled = True  # what it has to say is printed here
    autograde.force = force
    if scheduler or (len(found) > FEW and workers != 1):
        from logitlab.grading.batch import in_parallel

        autograde.run = partial(in_parallel, scheduler=scheduler, workers=workers and min(workers, len(found)))
    with Progress(root, lab, len(found)) as progress, warnings.catch_warnings():
        # nbgrader's queries make SQLAlchemy warn about objects that it is about to add.
        warnings.simplefilter("ignore", SAWarning)
        autograde.ended, autograde.skipped = progress.ended, progress.skipped
        try:
            autograde.start()
        except NotGraded:
            pass  # told for each
        except NbGraderException as error:
            raise LabError(str(error)) from error
    print(table(api.coursedir.db_url, lab))
    if progress.waiting:
        print(f"a person should look at: {', '.join(sorted(progress.waiting))}", file=sys.stderr)
    by_hand = [student for student, marks in results(api.coursedir.db_url, lab).marks.items() if _waits(marks)]
    if by_hand:
        print(f"{State.BY_HAND}: {', '.join(by_hand)}", file=sys.stderr)
    return not progress.waiting and not by_hand


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
    options = _parser().parse_args(arguments)
    root = Path.cwd()
    try:
        if options.command == "grade":
            chosen = {name: value for name, value in vars(options).items() if name not in ("command", "lab")}
            return 0 if grade(root, options.lab, **chosen) else NEEDS_PERSON
        db_url = course(root, options.db_url).coursedir.db_url
        if options.command == "report":
            print(f"written: {write_report(root, options.lab, db_url)}")
        else:
            print(table(db_url, options.lab))
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        print(f"The gradebook cannot be used: {reason}. See to --db, or to nbgrader_config.py.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="logitlab", description="Grade the submissions of a lab.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("grade", "autograde the submissions that are new or have changed, then print the grades"),
        ("grades", "print the grades"),
        ("report", "write a page about the class: scores, questions, wrong ideas"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("lab", help="for example 01_softmax")
        text = "the gradebook, for example postgresql+psycopg://USER@HOST/NAME; by default nbgrader_config.py says"
        command.add_argument("--db", dest="db_url", metavar="URL", help=text)
        if name == "grade":
            text = "only learners whose names match, for example 'k*'"
            command.add_argument("--students", metavar="PATTERN", default="*", help=text)
            command.add_argument("--force", action="store_true", help="also what has not changed since it was graded")
            text = "how many to grade at a time; by default one per core"
            command.add_argument("--workers", metavar="N", type=_positive, help=text)
            text = "a Dask scheduler, for example tcp://10.0.0.1:8786, whose workers do it instead"
            command.add_argument("--scheduler", metavar="ADDRESS", help=text)
            text = "without the sandbox: the learners' code can do what you can do"
            command.add_argument("--unsafe", action="store_true", help=text)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number
