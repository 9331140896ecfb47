"""What nbgrader's gradebook says of a lab, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from nbgrader.api import Grade, Gradebook, GradeCell, MissingEntry, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import make_url, select

from logitlab.authoring import LabError


@dataclass(frozen=True)
class Mark:
    """What a learner has for a graded cell.

    score: counts in the total. by_hand: it waits for a person. earlier: the score is one that a person
    gave before the answer was graded again.
    """

    score: float
    by_hand: bool
    earlier: bool = False

    def __str__(self) -> str:
        waiting = "?" if self.by_hand else ""
        return waiting if waiting and not self.earlier else f"{self.score:g}{waiting}"


@dataclass(frozen=True)
class Results:
    """The grades of a lab.

    points: what each graded cell is worth, by its grade_id, in the order of the gradebook. marks: by
    learner, then by grade_id; learners in alphabetical order. absent: who is in the gradebook and has
    no submission of this lab.
    """

    points: dict[str, float]
    marks: dict[str, dict[str, Mark]]
    absent: list[str]

    def total(self, student: str) -> float:
        """The score of a learner over all cells."""
        return sum(mark.score for mark in self.marks[student].values())


def results(db_url: str, lab: str) -> Results:
    """Read the grades of a lab in two queries, however many learners there are.

    db_url: an SQLAlchemy address, for example sqlite:///gradebook.db. Raises LabError if the lab is not there.
    """
    with Gradebook(db_url) as gradebook:
        try:
            notebook = gradebook.find_notebook(lab, lab)
        except MissingEntry as error:
            name = make_url(db_url).render_as_string(hide_password=True)
            raise LabError(f"{name}: the gradebook has no lab {lab}. Grade it first.") from error
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
        rows = gradebook.db.execute(
            select(
                SubmittedAssignment.student_id,
                GradeCell.name,
                Grade.score,
                Grade.needs_manual_grade,
                Grade.manual_score,
            )
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(GradeCell, GradeCell.id == Grade.cell_id)
            .where(SubmittedNotebook.notebook_id == notebook.id)
            .order_by(SubmittedAssignment.student_id)
        )
        marks: dict[str, dict[str, Mark]] = {}
        for student, name, score, by_hand, manual in rows:
            marks.setdefault(student, {})[name] = Mark(score, by_hand, manual is not None)
        students = gradebook.db.scalars(select(Student.id).order_by(Student.id))
        return Results(points, marks, [student for student in students if student not in marks])
