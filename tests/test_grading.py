"""A class goes through plain nbgrader and gets the grades it should."""

import csv
import json
import multiprocessing
import os
import re
import runpy
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from answers import MODULES, Case, cases, check
from classroom import answered, blank, course, exercises, lean, light, solved, submit, written, wrong_class
from logitlab.checks.score import MIMETYPE
from logitlab.grading.cli import table
from logitlab.grading.report import write_report
from markupsafe import escape
from nbgrader.api import Gradebook

LABS = sorted(MODULES)
# Kernels that are forked from a warm process give the same grades, sooner.
WARM = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "logitlab-warm"}
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["nbgrader.apps.nbgraderapp", "logitlab.grading.autograde"])


def nbgrader(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """nbgrader's command, as a person starts it."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=os.environ | WARM)


def nbgrader_sooner(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """The same in a process that is forked from one that has imported nbgrader, which takes seconds."""
    said = folder / "said"
    process = FORKS.Process(target=_become_nbgrader, args=(folder, arguments, said))
    process.start()
    process.join()
    return subprocess.CompletedProcess(arguments, process.exitcode, stderr=said.read_text())


def _become_nbgrader(folder: Path, arguments: tuple[str, ...], said: Path) -> None:
    with said.open("w") as stream:
        for descriptor in (1, 2):
            os.dup2(stream.fileno(), descriptor)
    os.chdir(folder)
    os.environ.update(WARM)
    sys.argv = ["nbgrader", *arguments]
    runpy.run_module("nbgrader", run_name="__main__", alter_sys=True)


def logitlab(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [Path(sys.executable).with_name("logitlab"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def grades(folder: Path, lab: str) -> dict[str, dict[str, float]]:
    """What the checks gave to each student, exercise by exercise."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        notebook = gradebook.find_notebook(lab, lab)
        return {
            submission.student.id: {
                grade.name.removeprefix("check_"): grade.auto_score
                for grade in submission.grades
                if grade.name.startswith("check_")
            }
            for submission in notebook.submissions
        }


def expected(lab: str, answers: list[Case]) -> dict[str, float]:
    points = exercises(lab)
    given = {case.exercise: points[case.exercise] if case.is_right else case.earns for case in answers}
    return {exercise: given.get(exercise, 0.0) for exercise in points}


@dataclass(frozen=True)
class Class:
    """A graded class: its folder, and who gave which wrong answers of the lab's bank."""

    lab: str
    folder: Path
    members: dict[str, list[Case]]

    def notebook(self, student: str) -> Path:
        """The graded notebook."""
        return self.folder / "autograded" / student / self.lab / f"{self.lab}.ipynb"

    def graded(self, student: str) -> dict[str, nbformat.NotebookNode]:
        """The graded notebook's cells by their grade_id."""
        return {cell.metadata.nbgrader.grade_id: cell for cell in nbformat.read(self.notebook(student), 4).cells[1:]}


@pytest.mark.long
@pytest.mark.parametrize("lab", LABS)
def test_a_class_goes_through_nbgrader_all_the_way_to_feedback_and_export(lab, tmp_path):
    """Each earns exactly its points, its verdict is the one given here, and the report counts its idea.

    One class serves it all, for grading takes long: all wrong answers, and some right, blank and half done.
    """
    folder = course(tmp_path / "course")
    wrong = wrong_class(lab)
    unusual = list({c.exercise: c for c in cases(lab) if c.is_right}.values())
    members = wrong | {"unusual": unusual, "half": unusual[: len(unusual) // 2]}
    for student, answers in members.items():
        submit(folder, student, lab, light(answered(blank(lab), answers), lab))
    submit(folder, "right", lab, lean(solved(lab)))
    submit(folder, "blank", lab, blank(lab))
    run = nbgrader_sooner(folder, "autograde", lab)
    assert run.returncode == 0, run.stderr[-4000:]
    assert grades(folder, lab) == {
        **{student: expected(lab, answers) for student, answers in members.items()},
        "right": exercises(lab),
        "blank": dict.fromkeys(exercises(lab), 0.0),
    }
    graded = Class(lab, folder, wrong)
    check_verdicts(graded)
    check_report(graded)
    check_blank(graded)
    check_feedback_and_export(graded)


def check_verdicts(wrongly_answered: Class) -> None:
    """The same seed gives the same verdict in nbgrader and here; of a trained model, the same ideas."""
    lab = wrongly_answered.lab
    for student, cases_ in wrongly_answered.members.items():
        cells = wrongly_answered.graded(student)
        for case in cases_:
            verdict = next(o.data[MIMETYPE] for o in cells[f"check_{case.exercise}"].outputs if MIMETYPE in o.data)
            if case.exercise != "build_model":  # that would train every model twice
                here = check(lab, case.exercise)(case.function, seed=verdict["seed"]).data()
                assert here == json.loads(json.dumps(verdict)), case.name
            assert tuple(dict.fromkeys(line["idea"] for line in verdict["lines"] if line["idea"])) == case.ideas


def check_report(wrongly_answered: Class) -> None:
    """The report counts the wrong ideas of the class and shows their answers."""
    lab, folder, members = wrongly_answered.lab, wrongly_answered.folder, wrongly_answered.members
    page = write_report(folder, lab, f"sqlite:///{folder / 'gradebook.db'}").read_text()
    held = Counter((case.exercise, idea) for cases_ in members.values() for case in cases_ for idea in case.ideas)
    for (exercise, idea), count in held.items():
        row = re.search(rf"<strong>{exercise}: {re.escape(escape(idea))}</strong>.*?\"number\">(\d+)</td>", page, re.S)
        assert row, (exercise, idea)
        assert int(row[1]) == count, (exercise, idea)
    assert "Everybody is graded." in page
    assert "<pre>" in page
    assert "http" not in page


def check_blank(graded: Class) -> None:
    """The lab as learners get it fails in one way only: nothing is answered yet."""
    cells = nbformat.read(graded.notebook("blank"), as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert {output.ename for output in outputs if output.output_type == "error"} <= {"NotImplementedError"}


def check_feedback_and_export(graded: Class) -> None:
    """Learners get a page, and instructors get the totals."""
    lab, folder = graded.lab, graded.folder
    assert nbgrader_sooner(folder, "generate_feedback", lab, "--student=blank").returncode == 0
    page = (folder / "feedback" / "blank" / lab / f"{lab}.html").read_text()
    assert "not answered yet" in page
    # Formulas are typeset in the page itself.
    assert "<math" in page
    assert not re.search(r"<p>[^<]*\$[^<$]+\$", page)
    assert nbgrader_sooner(folder, "export").returncode == 0
    with open(folder / "grades.csv", newline="") as table:
        totals = {row["student_id"]: float(row["score"]) for row in csv.DictReader(table)}
    assert totals["right"] == sum(exercises(lab).values())
    assert totals["blank"] == 0


def test_generate_assignment_registers_a_lab_in_a_fresh_clone(tmp_path):
    folder = course(tmp_path / "course")
    run = nbgrader(folder, "generate_assignment", "01_softmax")
    assert run.returncode == 0, run.stderr
    assert (folder / "labs/01_softmax/01_softmax.ipynb").is_file()
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        assert gradebook.find_assignment("01_softmax").max_score == sum(exercises("01_softmax").values())


def test_a_report_says_who_is_not_graded_and_why(tmp_path):
    lab = "02_argmax"
    folder = course(tmp_path / "course")
    right = next(case for case in cases(lab) if case.is_right)
    submit(folder, "kim", lab, light(answered(blank(lab), [right]), lab))
    submit(folder, "lee", lab, blank(lab))
    (folder / "submitted" / "lee" / lab / f"{lab}.ipynb").write_text("{")
    (folder / "submitted" / "max" / lab).mkdir(parents=True)
    run = logitlab(folder, "grade", lab)
    assert run.returncode == 3, run.stderr
    assert sorted(re.findall(r"^\[./3\] (\w+: \w+)$", run.stdout, re.M)) == [
        "kim: graded",
        "lee: unreadable",
        "max: missing",
    ]
    assert "a person should look at: lee, max" in run.stderr
    assert logitlab(folder, "report", lab).returncode == 0
    page = (folder / f"report_{lab}.html").read_text()
    assert re.search(rf"<td>lee</td><td>Unreadable: .*{lab}.ipynb.* is not a notebook that can be read.</td>", page)
    assert re.search(rf"<td>max</td><td>Missing: there is no {lab}.ipynb in the submission.</td>", page)
    assert "· 1 learner ·" in page


def test_a_resubmission_without_its_grading_cell_is_graded_all_the_same(tmp_path):
    """The old grade of a cell that is gone would stay; the cell is put back and graded anew."""
    lab = "01_softmax"
    folder = course(tmp_path / "course")
    shifted = next(case for case in cases(lab) if case.exercise == "my_softmax" and case.is_right)
    unshifted = next(case for case in cases(lab) if case.function.__name__ == "unshifted")
    submit(folder, "kim", lab, light(answered(blank(lab), [shifted]), lab))
    assert nbgrader(folder, "autograde", lab).returncode == 0
    assert grades(folder, lab)["kim"]["my_softmax"] == exercises(lab)["my_softmax"]

    nb = light(answered(blank(lab), [unshifted]), lab)
    nb.cells = [cell for cell in nb.cells if cell.id != "check_my_softmax"]
    (folder / "submitted" / "kim" / lab / f"{lab}.ipynb").unlink()
    (folder / "submitted" / "kim" / lab).rmdir()
    submit(folder, "kim", lab, nb)
    run = nbgrader(folder, "autograde", lab, "--force")
    assert run.returncode == 0, run.stderr[-4000:]
    assert grades(folder, lab)["kim"]["my_softmax"] == unshifted.earns


def by_hand(folder: Path, lab: str, name: str, student: str, points: float | None = None) -> tuple:
    """The grade given by hand, the total, and whether a person should look; gives `points` first, as the formgrader."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade(name, lab, lab, student)
        if points is not None:
            grade.manual_score, grade.needs_manual_grade = points, False
            gradebook.db.commit()
        total = gradebook.find_submission(lab, student).score
        return grade.manual_score, total, grade.needs_manual_grade


@pytest.mark.parametrize("lab", [lab for lab in LABS if written(lab)])
def test_a_written_answer_waits_for_a_person_whose_grade_counts_and_survives(lab, tmp_path):
    folder = course(tmp_path / "course")
    (name,) = written(lab)
    nb = light(blank(lab), lab)
    submit(folder, "silent", lab, nb)
    next(cell for cell in nb.cells if cell.id == name).source = "For the loss, and to compare digits."
    submit(folder, "kim", lab, nb)

    def row(student):
        lines = table(f"sqlite:///{folder / 'gradebook.db'}", lab).splitlines()
        scores = next(line for line in lines if line.startswith(student)).split()[1:]
        return dict(zip(lines[0].split()[1:], scores, strict=True))

    assert nbgrader_sooner(folder, "autograde", lab).returncode == 0
    # An answer that was not touched gets 0 from nbgrader itself.
    assert by_hand(folder, lab, name, "silent") == (None, 0, False)
    assert row("silent")[name] == "0"
    assert by_hand(folder, lab, name, "kim") == (None, 0, True)
    assert row("kim")[name] == "?"

    assert by_hand(folder, lab, name, "kim", points=3) == (3, 3, False)
    assert row("kim") == {**dict.fromkeys(exercises(lab), "0"), name: "3", "total": "3"}

    # Graded again, the grade stays and counts, and nbgrader asks to look again: the text may be another one.
    assert nbgrader_sooner(folder, "autograde", lab, "--force", "--student=kim").returncode == 0
    assert by_hand(folder, lab, name, "kim") == (3, 3, True)
    assert row("kim")[name] == "3?"
