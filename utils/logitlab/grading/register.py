"""The labs in nbgrader's gradebook, so that a fresh clone can grade at once."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from logitlab.authoring import notebook_path, release
from logitlab.grading.judge import imports


@dataclass(frozen=True)
class Released:
    """A lab as learners got it, and the source of what its checks import."""

    nb: NotebookNode
    prelude: str


def register(root: Path, lab: str, db_url: str, course_id: str = "") -> Released:
    """Record a lab, as solutions/ has it now, in the gradebook. Learners' files and grades are not touched.

    Raises LabError if the lab is not there, or if nbgrader cannot generate it.
    """
    return _register(root, lab, db_url, course_id, notebook_path(root / "solutions" / lab).stat().st_mtime_ns)


@functools.cache
def _register(root: Path, lab: str, db_url: str, course_id: str, changed: int) -> Released:
    """Once for each state of the solution in a process that grades many submissions."""
    with tempfile.TemporaryDirectory() as scratch:
        release(root, lab, Path(scratch), db_url, course_id)
        nb = nbformat.read(Path(scratch) / lab / f"{lab}.ipynb", as_version=4)
    return Released(nb, imports(notebook_path(root / "solutions" / lab)))
