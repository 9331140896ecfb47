"""Each notebook runs, says the same everywhere, and reads as the style asks."""

import json
import os
import re
import statistics
import subprocess
import sys

import nbformat
import pytest
from answers import MODULES, check
from classroom import blank, exercises, solved, written
from logitlab import authoring

LABS = sorted(MODULES)
# TensorFlow with one thread and its plain routines, and with two threads and oneDNN's.
ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "TF_ENABLE_ONEDNN_OPTS": "0"}
TWO_THREADS = {"TF_NUM_INTRAOP_THREADS": "2", "TF_NUM_INTEROP_THREADS": "2", "TF_ENABLE_ONEDNN_OPTS": "1"}
WARM = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "logitlab-warm"}


def test_every_lab_is_tested(root):
    assert [path.parent.name for path in authoring.labs(root)] == LABS
    assert sorted(path.name for path in (root / "labs").glob("[0-9]*")) == LABS


@pytest.mark.long
@pytest.mark.parametrize("lab", LABS)
def test_a_solution_gives_its_stored_output_again_on_one_thread(lab, root):
    executes_to_its_stored_output([root / "solutions" / lab], ONE_THREAD)


@pytest.mark.long
def test_every_solution_gives_its_stored_output_again_on_two_threads_in_a_warm_kernel(root):
    """All in one run: their kernels are forked from one process."""
    executes_to_its_stored_output([root / "solutions" / lab for lab in LABS], TWO_THREADS | WARM)


def executes_to_its_stored_output(folders, environment):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--nbval"]
    command += ["--nbval-cell-timeout=60", "-c", os.devnull, *map(str, folders)]
    run = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    cells = sum(cell.cell_type == "code" for folder in folders for cell in solved(folder.name).cells)
    assert f"{cells} passed" in run.stdout


@pytest.mark.parametrize("lab", LABS)
def test_a_solution_was_run_from_top_to_bottom_without_a_word_on_stderr(lab):
    code = [cell for cell in solved(lab).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        for output in cell.outputs:
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", cell.id


@pytest.mark.parametrize("lab", LABS)
def test_a_solution_earns_all_points_and_nbgrader_knows_how_many(lab):
    for exercise, points in exercises(lab).items():
        assert check(lab, exercise).points == points
    for cell in solved(lab).cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            assert float(cell.outputs[-1].data["text/plain"]) == cell.metadata.nbgrader.points


@pytest.mark.parametrize("lab", LABS)
def test_a_lab_is_what_its_solution_generates(lab, root, tmp_path):
    authoring.release(root, lab, tmp_path / "labs", f"sqlite:///{tmp_path}/gradebook.db")
    assert (tmp_path / "labs" / lab / f"{lab}.ipynb").read_text() == (root / f"labs/{lab}/{lab}.ipynb").read_text()
    assert [p.name for p in (root / "labs" / lab).glob("[!.]*")] == [f"{lab}.ipynb"]


@pytest.mark.parametrize("lab", LABS)
def test_a_lab_holds_no_solution_no_marker_and_no_output(lab, root):
    text = (root / f"labs/{lab}/{lab}.ipynb").read_text()
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    nb = blank(lab)
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in nb.cells)
    solution = {cell.id: cell.source for cell in solved(lab).cells}
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
            assert "raise NotImplementedError()" in cell.source
            hidden = re.search(r"### BEGIN SOLUTION\n(.*?)### END", solution[cell.id], re.DOTALL).group(1)
            assert hidden.strip() not in text


@pytest.mark.parametrize("lab", LABS)
def test_neither_a_written_answer_nor_its_rubric_reaches_the_learners(lab):
    text = "\n".join(cell.source for cell in blank(lab).cells)
    for name in written(lab):
        full = next(cell.source for cell in solved(lab).cells if cell.id == name)
        assert "rubric" in full.lower()
        assert next(cell.source for cell in blank(lab).cells if cell.id == name) == "YOUR ANSWER HERE"
        assert not [line for line in full.splitlines() if line.strip() and line in text]


@pytest.mark.parametrize("lab", LABS)
def test_a_solution_is_well_formed_and_normalised(lab, root):
    path = root / "solutions" / lab / f"{lab}.ipynb"
    nb = authoring.check(path)
    assert authoring.normalise(nb) == nbformat.read(path, as_version=4)
    ids = [cell.id for cell in nb.cells]
    assert len(set(ids)) == len(ids)
    assert not [cell_id for cell_id in ids if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f-]+)?", cell_id)]


@pytest.mark.parametrize("lab", LABS)
def test_a_notebook_is_small_and_names_no_path_and_no_address(lab, root):
    path = root / "solutions" / lab / f"{lab}.ipynb"
    assert path.stat().st_size <= 300_000
    for cell in solved(lab).cells:
        if cell.cell_type == "code":
            assert "http" not in cell.source
            text = json.dumps([o for o in cell.outputs if "data" not in o or "image/png" not in o["data"]])
            assert not re.search(r"/(home|root|tmp|work|Users)/", cell.source + text)


@pytest.mark.parametrize("lab", LABS)
def test_a_notebook_keeps_its_rhythm(lab):
    cells = solved(lab).cells
    answer_free = [c for c in cells if c.cell_type == "code" and not c.metadata.get("nbgrader")]
    lengths = [len(cell.source.splitlines()) for cell in answer_free]
    assert statistics.median(lengths) <= 6
    assert max(lengths) <= 15
    kinds = "".join("c" if c.cell_type == "code" and "nbgrader" not in c.metadata else "m" for c in cells)
    assert "ccc" not in kinds
    prose = sum(c.cell_type == "markdown" for c in cells)
    assert prose >= sum(c.cell_type == "code" and not c.metadata.get("nbgrader", {}).get("grade") for c in cells)


@pytest.mark.parametrize("lab", LABS)
def test_a_lab_opens_with_its_question_predicts_hints_and_closes_with_its_answer(lab):
    prose = [cell.source for cell in solved(lab).cells if cell.cell_type == "markdown"]
    assert "**The question.**" in prose[0]
    assert "guess" in prose[1]
    assert prose[-1].startswith("## The answer")
    for exercise in exercises(lab):
        place = next(k for k, text in enumerate(prose) if f"Write `{exercise}(" in text)
        assert prose[place].count("<details>") >= 2, exercise
        assert prose[place + 1].startswith("**Expected:**"), exercise


@pytest.mark.parametrize("lab", LABS)
def test_a_check_points_to_the_section_that_its_exercise_stands_in(lab):
    section = {}
    for cell in solved(lab).cells:
        heading = re.search(r"^## (\d+)\.", cell.source, re.MULTILINE)
        here = heading[1] if heading and cell.cell_type == "markdown" else section.get("here")
        section |= {"here": here, cell.id: here}
    assert {name: check(lab, name).section for name in exercises(lab)} == {
        name: section[name] for name in exercises(lab)
    }
