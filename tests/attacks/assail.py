"""Grades attacks, an honest learner's submission before and after each, and sees what harm was done."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbgrader.apps.api
from classroom import answered, blank, course, exercises, light, quick, submit
from logitlab.grading.autograde import Autograde
from logitlab.grading.graded import read
from logitlab.grading.register import register
from logitlab.grading.results import results
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde as PlainAutograde
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from attacks import ATTACKS, LAB, Attack
from attacks.decoys import Decoys, decoys

_CONNECTION = re.compile(r"(?:grading\.kernel\0.*\"connection_file\": \"|ipykernel_launcher\0-f\0)([^\0\"]+)")
HONEST, NEIGHBOUR = "honest", "neighbour"
REACHED = "REACHED"


def assail(folder: Path, protected: bool, names: Iterable[str]) -> dict[str, list[str]]:
    """The harm that each attack does, in words; none if it is held.

    folder: does not exist yet. protected: by this project's grading; otherwise stock nbgrader grades.
    """
    root = course(folder / "course")
    register(root, LAB, f"sqlite:///{root / 'gradebook.db'}")
    # Without those that wait for TensorFlow.
    nb = light(answered(blank(LAB), quick(LAB)), LAB)
    submit(root, HONEST, LAB, nb)
    nb.cells[0].source += "\n# NEIGHBOUR"
    submit(root, NEIGHBOUR, LAB, nb)
    neighbour = root / "submitted" / NEIGHBOUR / LAB / f"{LAB}.ipynb"
    solution = root / "solutions" / LAB / f"{LAB}.ipynb"
    harms = {}
    with decoys(folder / "decoys", root, neighbour, solution) as made, _grader(root, protected) as grade:
        neighbour.write_text(neighbour.read_text().replace("NEIGHBOUR", made.token))
        if not _is_whole(root, grade):
            raise AssertionError("an honest learner lost points before the first attack")
        for name in names:
            harms[name] = _one(ATTACKS[name], root, made, grade, protected)
    return harms


@contextlib.contextmanager
def _grader(root: Path, protected: bool) -> Iterator:
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.source_directory = "solutions"
    config.NbGrader.logfile = ""
    config.Execute.timeout = 8
    config.JudgedExecute.question_timeout = 3
    config.JudgedExecute.memory_bytes = 1500 << 20
    config.JudgedExecute.disk_bytes = 100 << 20
    before = nbgrader.apps.api.Autograde
    nbgrader.apps.api.Autograde = Autograde if protected else PlainAutograde

    def grade(student: str) -> bool:
        # The honest one is graded time and again, and may start sooner.
        config.JudgedExecute.warm = protected and student == HONEST
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("ignore", SAWarning)
            return NbGraderAPI(config=config).autograde(LAB, student, force=True)["success"]

    try:
        yield grade
    finally:
        nbgrader.apps.api.Autograde = before


def _one(attack: Attack, root: Path, made: Decoys, grade, protected: bool) -> list[str]:
    folder = root / "submitted" / attack.name / LAB
    folder.mkdir(parents=True)
    attack.make(folder, made)
    harm = []
    full = sum(exercises(LAB).values())
    book = (root / "gradebook.db").read_bytes()
    success = grade(attack.name)
    points = _points(root, attack.name)
    if points:
        harm.append(f"{points:g} of {full:g} points")
    if protected and not success:
        harm.append("the grader failed")
    if protected and _state_is_wrong(attack, root):
        harm.append(f"the state is not {attack.expects}")
    if _points(root, HONEST) != full:
        harm.append("another's grade was changed")
        (root / "gradebook.db").write_bytes(book)
    # This is also the honest learner before the next attack.
    if not _is_whole(root, grade):
        harm.append("an honest learner after it lost points")
    page = root / "autograded" / attack.name
    left = [path for path in page.rglob("*") if path.is_file() and not path.is_symlink()]
    size = sum(path.stat().st_size for path in left)
    if size > 5 << 20 or len(left) > 100:
        harm.append(f"{len(left)} files of {size >> 20} MB were left")
    seen = "".join(path.read_text(errors="replace") for path in left[:50] if path.stat().st_size < 5 << 20)
    if made.token in seen or REACHED in seen:
        harm.append("a secret was read")
    harm += _survivors()
    harm += made.damage()
    shutil.rmtree(folder.parent)
    return harm


def _is_whole(root: Path, grade) -> bool:
    """Whether the honest learner, graded now, gets all points."""
    return grade(HONEST) and _points(root, HONEST) == sum(exercises(LAB).values())


def _state_is_wrong(attack: Attack, root: Path) -> bool:
    seen = read(root, attack.name, LAB)
    states = {str(seen.state), *map(str, seen.odd_cells.values())}
    return seen.state is None or bool(attack.expects) and attack.expects not in states


def _points(root: Path, student: str) -> float:
    marks = results(f"sqlite:///{root / 'gradebook.db'}", LAB).marks.get(student, {})
    return sum(mark.score or 0 for mark in marks.values())


def _survivors() -> list[str]:
    """Whether a process of a kernel that has ended is still there; ends it."""
    time.sleep(0.1)
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        # Either kernel is started with the path of a connection file, which is deleted when it ends.
        connection = _CONNECTION.search(command)
        if connection and not Path(connection[1]).exists():
            found.append("a process outlived its kernel")
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(folder.name), 9)
    return sorted(set(found))
