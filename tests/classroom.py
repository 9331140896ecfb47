"""A class of learners for tests and for `make grade`: submissions made from a lab and from the answer bank."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import nbformat
from answers import MODULES, Case, cases
from nbformat import NotebookNode

TRAINED = "build_model"
TRAINED_MOST = 5
ROOT = Path(__file__).resolve().parents[1]


def blank(lab: str) -> NotebookNode:
    """The lab as learners get it."""
    return nbformat.read(ROOT / "labs" / lab / f"{lab}.ipynb", as_version=4)


def solved(lab: str) -> NotebookNode:
    """The author's solution."""
    return nbformat.read(ROOT / "solutions" / lab / f"{lab}.ipynb", as_version=4)


def answered(nb: NotebookNode, answers: list[Case]) -> NotebookNode:
    """A copy of a notebook with these answers in their cells."""
    nb = copy.deepcopy(nb)
    sources = {case.exercise: case.source for case in answers}
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in sources:
            cell.source = sources[name]
    return nb


def lean(nb: NotebookNode) -> NotebookNode:
    """A copy with the setup cell, the answers and the checks only: the least that can be graded."""
    nb = copy.deepcopy(nb)
    nb.cells = [cell for cell in nb.cells if cell.id == "setup" or "nbgrader" in cell.metadata]
    return nb


def light(nb: NotebookNode, lab: str) -> NotebookNode:
    """A lean copy that waits for TensorFlow only where an answer imports it itself, as those of the bank do."""
    nb = lean(nb)
    nb.cells[0].source = f"import numpy as np\nfrom logitlab.checks import {MODULES[lab]} as check"
    return nb


def quick(lab: str, right: bool = True) -> list[Case]:
    """One right, or one wrong, answer to each exercise that has one which imports nothing."""
    found = [case for case in cases(lab) if case.is_right == right and "import" not in case.source]
    return list({case.exercise: case for case in found}.values())


def mixed_class(folder: Path, lab: str) -> None:
    """Hand in for seven learners: full points, some, and a notebook that cannot be read."""
    wrong = quick(lab, right=False)
    for k in range(3):
        submit(folder, f"right{k}", lab, light(answered(blank(lab), quick(lab)), lab))
        submit(folder, f"wrong{k}", lab, light(answered(blank(lab), wrong[k:]), lab))
    submit(folder, "torn", lab, blank(lab))
    (folder / "submitted" / "torn" / lab / f"{lab}.ipynb").write_text("{")


def exercises(lab: str) -> dict[str, float]:
    """The points of each exercise of a lab that a check grades."""
    return {name.removeprefix("check_"): points for name, points in _graded(lab, "code").items()}


def written(lab: str) -> dict[str, float]:
    """The points of each answer of a lab that a person grades."""
    return _graded(lab, "markdown")


def _graded(lab: str, kind: str) -> dict[str, float]:
    marks = [cell.metadata.get("nbgrader", {}) for cell in solved(lab).cells if cell.cell_type == kind]
    return {mark["grade_id"]: mark["points"] for mark in marks if mark.get("grade")}


def wrong_class(lab: str) -> dict[str, list[Case]]:
    """As few learners as it takes to give every wrong answer of the bank once; by the learner's name.

    Of answers that are trained, a handful: each takes seconds, and all of them meet their check elsewhere.
    """
    columns = {name: [c for c in cases(lab) if c.exercise == name and not c.is_right] for name in exercises(lab)}
    columns |= {name: columns[name][:TRAINED_MOST] for name in columns if name == TRAINED}
    size = max(map(len, columns.values()))
    return {f"wrong{k:02}": [column[k] for column in columns.values() if k < len(column)] for k in range(size)}


def course(folder: Path) -> Path:
    """A course folder as a fresh clone has it: the solutions and nbgrader's settings, no gradebook."""
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return folder


def submit(folder: Path, student: str, lab: str, nb: NotebookNode) -> None:
    """Put a notebook where nbgrader looks for submissions."""
    path = folder / "submitted" / student / lab / f"{lab}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(nb, path)
