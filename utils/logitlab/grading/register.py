"""The labs in nbgrader's gradebook, so that a fresh clone can grade at once."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from traitlets.config import Application

from logitlab.authoring import notebook_path, release


def register(root: Path, lab: str, db_url: str) -> None:
    """Record a lab, as solutions/ has it now, in the gradebook. Learners' files and grades are not touched.

    Raises LabError if the lab is not there, or if nbgrader cannot generate it.
    """
    _register(root, lab, db_url, notebook_path(root / "solutions" / lab).stat().st_mtime_ns)


@functools.cache
def _register(root: Path, lab: str, db_url: str, changed: int) -> None:
    """Once for each state of the solution in a process that grades many submissions."""
    with tempfile.TemporaryDirectory() as scratch:
        release(root, lab, Path(scratch), db_url)


def before_autograde(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook before it grades a submission; it is called in the course's folder."""
    root = Path.cwd()
    app = Application.instance() if Application.initialized() else None
    coursedir = getattr(app, "coursedir", None)
    db_url = coursedir.db_url if coursedir is not None else f"sqlite:///{root / 'gradebook.db'}"
    # The assignment may be a pattern; the notebooks' folder names the one that is being graded.
    for lab in {Path(notebook).parent.name for notebook in notebooks}:
        register(root, lab, db_url)
