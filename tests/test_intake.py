"""Whatever lies in a submission, what is taken in has the lab's form, or is refused with a reason."""

import json
import os

import nbformat
import pytest
from attacks import LAB
from classroom import blank
from hypothesis import given, settings
from hypothesis import strategies as st
from logitlab.grading.intake import Refused, take
from logitlab.grading.states import State
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

RELEASED = blank(LAB)
FRAME = {c.metadata.nbgrader.grade_id: c for c in RELEASED.cells if "nbgrader" in c.metadata}


def taken(folder, nb=None, name=f"{LAB}.ipynb"):
    if nb is not None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(nb))
    return take(folder, LAB, RELEASED)


def names(nb):
    return [cell.metadata.nbgrader.grade_id for cell in nb.cells if "nbgrader" in cell.metadata]


def has_the_form_of_the_lab(nb) -> bool:
    """Every answer and check once, a check after its answer, with the author's source and metadata."""
    nbformat.validate(nb)
    found = {cell.metadata.nbgrader.grade_id: cell for cell in nb.cells if "nbgrader" in cell.metadata}
    order = names(nb)
    return (
        sorted(order) == sorted(FRAME)
        and all(cell.metadata.nbgrader == FRAME[name].metadata.nbgrader for name, cell in found.items())
        and all(cell.cell_type == FRAME[name].cell_type for name, cell in found.items())
        and all(found[name].source == FRAME[name].source for name in order if name.startswith("check_"))
        and all(order.index(name) > order.index(name[6:]) for name in order if name.startswith("check_"))
    )


def answered():
    nb = blank(LAB)
    for cell in nb.cells:
        if cell.id == "top_k":
            cell.source = "def top_k(logits, k):\n    return 1"
    return nb


def test_an_ordinary_submission_is_taken_without_a_remark(tmp_path):
    got = taken(tmp_path, answered())
    assert got.remarks == []
    assert has_the_form_of_the_lab(got.nb)
    assert [cell.source for cell in got.nb.cells] == [cell.source for cell in answered().cells]


def _all_twice(nb):
    nb.cells += [nbformat.from_dict(cell) for cell in nb.cells]


def _split(nb):
    at = next(i for i, cell in enumerate(nb.cells) if cell.id == "top_k")
    first, second = nb.cells[at], nbformat.from_dict(nb.cells[at])
    first.source, second.source = "def helper():\n    return 1", "def top_k(logits, k):\n    return helper()"
    nb.cells.insert(at + 1, second)


def _strip(nb):
    for cell in nb.cells:
        cell.metadata = {}


def _strip_all(nb):
    for number, cell in enumerate(nb.cells):
        cell.metadata, cell.id = {}, f"x{number}"


def _retype(nb):
    for cell in nb.cells:
        cell.cell_type = "raw"
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _repoint(nb):
    for cell in nb.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.update(points=1000, grade=True, locked=False)


def _delete_checks(nb):
    nb.cells = [cell for cell in nb.cells if not cell.source.startswith("check.")]


def _reverse(nb):
    nb.cells.reverse()


def _delete_everything(nb):
    nb.cells = []


@pytest.mark.parametrize(
    "damage",
    [_all_twice, _split, _strip, _strip_all, _retype, _repoint, _delete_checks, _reverse, _delete_everything],
)
def test_a_damaged_form_is_repaired(damage, tmp_path):
    nb = answered()
    damage(nb)
    got = taken(tmp_path, nb)
    assert has_the_form_of_the_lab(got.nb)
    assert got.remarks or damage is _repoint


@pytest.mark.parametrize("damage", [_strip, _strip_all, _retype, _delete_checks, _all_twice])
def test_a_repair_keeps_the_answer(damage, tmp_path):
    nb = answered()
    damage(nb)
    sources = {cell.id: cell.source for cell in taken(tmp_path, nb).nb.cells}
    assert sources["top_k"] == "def top_k(logits, k):\n    return 1"


def test_an_answer_in_two_cells_is_whole_when_it_is_checked(tmp_path):
    nb = answered()
    _split(nb)
    cells = taken(tmp_path, nb).nb.cells
    check = next(i for i, cell in enumerate(cells) if cell.id == "check_top_k")
    before = "\n".join(cell.source for cell in cells[:check])
    assert "return helper()" in before
    assert "def helper()" in before


def test_a_notebook_under_another_name_or_in_a_folder_is_found(tmp_path):
    got = taken(tmp_path, answered(), f"mine/{LAB}-final (2).ipynb")
    assert "was graded in its place" in got.remarks[0]


def test_an_old_notebook_is_read(tmp_path):
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [
            {
                "metadata": {},
                "cells": [
                    {
                        "cell_type": "code",
                        "language": "python",
                        "input": "def top_k(logits, k):\n    return 1",
                        "outputs": [],
                        "collapsed": False,
                        "metadata": {},
                    }
                ],
            }
        ],
    }
    got = taken(tmp_path, old)
    assert "return 1" in next(cell.source for cell in got.nb.cells if cell.id == "top_k")


@pytest.mark.parametrize(
    ("content", "state", "reason"),
    [
        (b"", State.UNREADABLE, "not a notebook"),
        (b"{", State.UNREADABLE, "not a notebook"),
        (b"\xff\xfe\x00", State.UNREADABLE, "not a notebook"),
        (b"[" * 100_000, State.UNREADABLE, "nested too deeply"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}', State.UNREADABLE, "not a notebook"),
        (b" " * (21 << 20), State.UNREADABLE, "larger than 20 MB"),
        (None, State.MISSING, f"there is no {LAB}.ipynb"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(content, state, reason, tmp_path):
    if content is not None:
        (tmp_path / f"{LAB}.ipynb").write_bytes(content)
    with pytest.raises(Refused, match=reason) as refusal:
        taken(tmp_path)
    assert refusal.value.state is state


def test_links_pipes_and_crowds_of_files_stay_outside(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("secret")
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "data.csv").write_text("1,2")
    (folder / "link.txt").symlink_to(outside)
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    (folder / "random.py").write_text("x = 1")
    (folder / "helper.py").write_text("x = 1")
    (folder / "keras").mkdir()
    (folder / "keras" / "__init__.py").write_text("")
    got = taken(folder, answered())
    assert sorted(got.files) == ["data.csv", "helper.py"]
    told = " ".join(got.remarks)
    for name in ("link.txt", "folder", "pipe", "random.py", "keras"):
        assert name in told


def test_a_folder_that_is_a_link_is_refused(tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    taken(real, answered())
    (tmp_path / "link").symlink_to(real)
    with pytest.raises(Refused, match="symbolic link"):
        taken(tmp_path / "link")


CELLS = st.lists(
    st.tuples(
        st.sampled_from(["code", "markdown"]),
        st.sampled_from([*FRAME, "check_none", "", None]),
        st.text(max_size=20),
    ),
    max_size=12,
)


@given(CELLS)
@settings(max_examples=60)
def test_any_cells_come_out_in_the_form_of_the_lab(tmp_path_factory, cells):
    nb = new_notebook()
    for number, (kind, name, source) in enumerate(cells):
        cell = new_code_cell(source) if kind == "code" else new_markdown_cell(source)
        cell.id = f"c{number}"
        if name is not None:
            cell.metadata["nbgrader"] = {"grade_id": name, "points": -1, "grade": True}
        nb.cells.append(cell)
    assert has_the_form_of_the_lab(taken(tmp_path_factory.mktemp("submission"), nb).nb)
