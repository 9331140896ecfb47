"""Writes a graded notebook's points into nbgrader's gradebook: all of a submission's together, or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import compute_checksum, determine_grade, is_task


def write_grades(gradebook: Gradebook, lab: str, student: str, nb: NotebookNode, late: AssignLatePenalties) -> None:
    """Record the automatic points and comments of a submission; what a person gave stays, to be looked at again.

    late: says what a late submission loses. Does what nbgrader's own SaveAutoGrades and AssignLatePenalties do,
    which commit each cell for itself.
    """
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in nb.cells if "nbgrader" in cell.metadata}
    submission = gradebook.find_submission(lab, student)
    notebook = gradebook.find_submission_notebook(lab, lab, student)
    for grade in notebook.grades:
        grade.auto_score = determine_grade(cells[grade.name], late.log)[0]
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
    for comment in notebook.comments:
        cell = cells[comment.name]
        untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) and not is_task(cell)
        comment.auto_comment = "No response." if untouched else None
    gradebook.db.flush()
    notebook.late_submission_penalty = None
    if submission.total_seconds_late > 0:
        late.init_plugin()
        penalty = late.plugin_inst.late_submission_penalty(student, notebook.score, submission.total_seconds_late)
        if penalty is not None:
            notebook.late_submission_penalty = late._check_late_penalty(notebook, penalty)


def take_back(gradebook: Gradebook, lab: str, student: str) -> None:
    """Take back the automatic points of an earlier attempt; what a person gave stays."""
    try:
        grades = gradebook.find_submission_notebook(lab, lab, student).grades
    except MissingEntry:
        return
    for grade in grades:
        grade.auto_score = None


@contextmanager
def transaction(gradebook: Gradebook) -> Iterator[Gradebook]:
    """What is written in between is kept when the `with` ends well, and not at all otherwise."""
    session = gradebook.db
    session.commit = session.flush  # nbgrader's functions commit each step
    try:
        yield gradebook
        del session.commit
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.__dict__.pop("commit", None)
