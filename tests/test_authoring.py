"""Bad input gets an error that names the file, the cell and the way out; nothing is lost."""

import base64
import copy
import io
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from classroom import solved
from logitlab import authoring
from logitlab.authoring import LabError
from logitlab.grading import cli
from logitlab.plots.softmax import softmax_bars
from matplotlib.figure import Figure
from nbgrader.dbutil import write_alembic_ini
from PIL import Image

LAB = "01_softmax"


@pytest.fixture
def course(tmp_path):
    """A course folder with a lab that is well formed, and a way to spoil it."""

    def make(spoil=lambda nb: None):
        nb = copy.deepcopy(solved(LAB))
        spoil(nb)
        path = tmp_path / "solutions" / LAB / f"{LAB}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nb, path)
        return path

    return make


def cell(nb, name):
    return next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def test_a_good_solution_has_no_problems(course):
    assert authoring.check(course())


def test_a_missing_kernel_is_named_with_the_way_out(course):
    path = course(lambda nb: nb.metadata.kernelspec.update(name="julia-9"))
    with pytest.raises(LabError, match=rf"(?s){path}.*'julia-9' is not installed.*python3"):
        authoring.check(path)


def test_a_solution_without_its_grading_cell_is_named(course):
    path = course(lambda nb: nb.cells.remove(cell(nb, "check_cross_entropy")))
    with pytest.raises(LabError, match=rf"(?s){path}.*'cross_entropy': no grading cell follows.*check\.cross_entropy"):
        authoring.check(path)


def test_two_answers_with_one_name_are_named(course):
    path = course(lambda nb: cell(nb, "cross_entropy").metadata.nbgrader.update(grade_id="my_softmax"))
    with pytest.raises(LabError, match=r"'my_softmax': 2 cells have this grade_id"):
        authoring.check(path)


def test_a_grading_cell_with_other_code_is_named(course):
    path = course(lambda nb: cell(nb, "check_my_softmax").update(source="check.my_softmax(my_softmax); 10"))
    with pytest.raises(LabError, match=r"'check_my_softmax': it should hold the one line"):
        authoring.check(path)


def test_a_solution_outside_an_answer_cell_is_not_published(course):
    path = course(lambda nb: nb.cells[3].update(source="### BEGIN SOLUTION\n1\n### END SOLUTION"))
    with pytest.raises(LabError, match=r"outside an answer cell"):
        authoring.check(path)


def test_a_written_answer_without_points_is_named(course):
    mark = {"grade_id": "why", "solution": True, "grade": False, "locked": False, "schema_version": 3, "task": False}

    def spoil(nb):
        nb.cells.append(nbformat.v4.new_markdown_cell("Because.", id="why", metadata={"nbgrader": mark}))

    path = course(spoil)
    with pytest.raises(LabError, match=r"'why': a written answer is graded by hand. Set grade and points"):
        authoring.check(path)
    mark |= {"grade": True, "points": 4}
    assert authoring.check(course(spoil))


def test_a_new_gradebook_has_the_version_that_alembic_names(tmp_path):
    write_alembic_ini(str(tmp_path / "alembic.ini"))
    command = [Path(sys.executable).with_name("alembic"), "-c", tmp_path / "alembic.ini", "heads"]
    heads = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert heads == f"{authoring.gradebook_version()} (head)\n"


def test_a_lab_folder_without_a_notebook_is_named(tmp_path):
    (tmp_path / "solutions" / "02_empty").mkdir(parents=True)
    with pytest.raises(LabError, match=r"02_empty\.ipynb is missing \(no notebook found\)"):
        authoring.labs(tmp_path)


def test_an_unknown_lab_is_answered_with_the_known_ones(root):
    with pytest.raises(LabError, match="no such lab.*01_softmax"):
        authoring.labs(root, ["99_nothing"])


def test_a_file_that_is_no_notebook_is_named(course):
    path = course()
    path.write_text("{")
    with pytest.raises(LabError, match=rf"{path}: this is not a valid notebook"):
        authoring.read(path)


def test_a_solution_that_fails_is_named_by_its_cell_and_left_as_it_was(course, tmp_path):
    def spoil(nb):
        nb.cells = [nb.cells[0], nbformat.v4.new_code_cell("1 / 0", id="divides")]

    path = course(spoil)
    before = path.read_text()
    with pytest.raises(LabError, match=rf"{path}: cell 'divides' raised ZeroDivisionError"):
        authoring.write_solutions(tmp_path)
    assert path.read_text() == before


def test_a_stored_figure_keeps_its_colours():
    original = io.BytesIO()
    softmax_bars([1.0, 2.0, 3.0, 4.0], axes=Figure().subplots(1, 2))[0].figure.savefig(original, format="png")
    png = base64.b64encode(original.getvalue()).decode()
    output = nbformat.v4.new_output("display_data", data={"image/png": png})
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])])
    stored = base64.b64decode(authoring.normalise(nb).cells[0].outputs[0].data["image/png"])
    before, after = (np.array(Image.open(io.BytesIO(data)).convert("RGB")) for data in (original.getvalue(), stored))
    assert np.abs(before.astype(int) - after).max() <= 8
    assert len(stored) < len(original.getvalue()) / 2


def test_the_command_line_prints_the_error_and_fails(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "solutions" / "02_empty").mkdir(parents=True)
    assert authoring.main(["check"]) == 1
    assert "02_empty.ipynb is missing" in capsys.readouterr().err


def test_grading_without_submissions_says_where_they_go(root, tmp_path, monkeypatch, capsys):
    (tmp_path / "solutions").symlink_to(root / "solutions")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["grade", LAB]) == 1
    assert f"submitted/STUDENT/{LAB}/{LAB}.ipynb" in capsys.readouterr().err
