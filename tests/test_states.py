"""Each submission and each exercise ends in a state that is named, whatever became of the others."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from attacks import ATTACKS, LAB, hand_in
from classroom import answered, blank, course, exercises, light, quick, submit
from logitlab.grading import cli
from logitlab.grading.graded import read
from logitlab.grading.results import results
from nbformat.v4 import new_markdown_cell
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

RIGHT = {case.exercise: case for case in quick(LAB)}


def right(**other: str):
    """A submission with right answers, and other ones for some exercises."""
    nb = light(answered(blank(LAB), list(RIGHT.values())), LAB)
    for cell in nb.cells:
        cell.source = other.get(cell.id, cell.source)
    return nb


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = course(tmp_path / "course")
    with open(folder / "nbgrader_config.py", "a") as config:
        config.write("\nc.Execute.timeout = 8\nc.JudgedExecute.question_timeout = 2\n")
        config.write("c.JudgedExecute.memory_bytes = 1500 << 20\n")
    monkeypatch.chdir(folder)
    return folder


def marks(folder: Path, student: str) -> dict[str, float]:
    found = results(f"sqlite:///{folder / 'gradebook.db'}", LAB).marks[student]
    return {name.removeprefix("check_"): mark.score for name, mark in found.items()}


def states(folder: Path, student: str) -> dict[str, str]:
    return {name.removeprefix("check_"): str(state) for name, state in read(folder, student, LAB).odd_cells.items()}


FULL = exercises(LAB)


def test_what_was_answered_before_a_death_counts_and_each_end_has_its_name(folder, capsys):
    endless = "def same_category(logits):\n    while True: pass"
    submit(folder, "endless", LAB, right(same_category=endless))
    submit(folder, "crash", LAB, right(find_tie="import ctypes\ndef find_tie():\n    ctypes.string_at(0)"))
    hungry = "import numpy as np\ndef top_k(logits, k):\n    return np.ones((20, 2**25)).sum()"
    submit(folder, "hungry", LAB, right(top_k=hungry))
    chatty = RIGHT["top_k"].source + "\nimport sys, warnings\nprint('x', file=sys.stderr); warnings.warn('y')"
    submit(folder, "chatty", LAB, right(top_k=chatty))

    assert cli.main(["grade", LAB]) == cli.NEEDS_PERSON
    told = capsys.readouterr()
    assert "a person should look at: crash, hungry" in told.err

    assert marks(folder, "endless") == {**FULL, "same_category": 0}
    assert states(folder, "endless") == {"same_category": "timed out"}
    assert marks(folder, "crash") == {**FULL, "find_tie": 0, "top_k": 0}
    assert states(folder, "crash") == {"find_tie": "kernel died", "top_k": "kernel died"}
    assert marks(folder, "hungry") == {**FULL, "top_k": 0}
    assert states(folder, "hungry") == {"top_k": "out of memory"}
    assert marks(folder, "chatty") == FULL
    assert states(folder, "chatty") == {}
    for line in ("crash: kernel died", "chatty: graded", "    same_category: timed out", "    top_k: out of memory"):
        assert line in told.out


def test_a_second_attempt_never_keeps_the_grade_of_the_first(folder):
    submit(folder, "kim", LAB, right())
    assert cli.main(["grade", LAB]) == 0
    assert marks(folder, "kim") == FULL
    path = folder / "submitted" / "kim" / LAB / f"{LAB}.ipynb"
    path.write_text("{")
    assert cli.main(["grade", LAB]) == cli.NEEDS_PERSON
    assert marks(folder, "kim") == dict.fromkeys(FULL, 0)
    path.unlink()
    assert cli.main(["grade", LAB]) == cli.NEEDS_PERSON
    assert str(read(folder, "kim", LAB).state) == "missing"


def test_a_grading_that_was_broken_off_is_not_taken_for_done(folder):
    """nbgrader has written the notebook before it executes it; without --force it would skip it for ever."""
    submit(folder, "kim", LAB, right())
    assert cli.main(["grade", LAB]) == 0
    path = folder / "autograded" / "kim" / LAB / f"{LAB}.ipynb"
    nb = json.loads(path.read_text())
    del nb["metadata"]["logitlab"]
    path.chmod(0o644)
    path.write_text(json.dumps(nb))
    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    config.CourseDirectory.root = str(folder)
    config.NbGrader.logfile = ""
    assert NbGraderAPI(config=config).autograde(LAB, "kim", force=False)["success"]
    assert str(read(folder, "kim", LAB).state) == "graded"
    assert marks(folder, "kim") == FULL


def test_the_learners_other_files_come_along(folder):
    nb = right(log_odds="from mine import log_odds")
    submit(folder, "kim", LAB, nb)
    (folder / "submitted" / "kim" / LAB / "mine.py").write_text(
        "def log_odds(z, i, j):\n    return float(open('one.txt').read()) * (z[i] - z[j])\n"
    )
    (folder / "submitted" / "kim" / LAB / "one.txt").write_text("1")
    assert cli.main(["grade", LAB]) == 0
    assert marks(folder, "kim") == FULL


def test_a_submission_has_so_much_time_as_a_whole(folder):
    with open(folder / "nbgrader_config.py", "a") as config:
        config.write("c.JudgedExecute.submission_timeout = 4\n")
    slow = "import time\ntime.sleep(3)\n"
    submit(folder, "kim", LAB, right(log_odds=slow + RIGHT["log_odds"].source, find_tie=slow))
    assert cli.main(["grade", LAB]) == cli.NEEDS_PERSON
    assert marks(folder, "kim") == {**FULL, "find_tie": 0, "top_k": 0}
    assert str(read(folder, "kim", LAB).state) == "timed out"
    assert "longer than 4 seconds" in read(folder, "kim", LAB).remarks[0]


class _Scripts(HTMLParser):
    """Collects what could run in a browser: the text of scripts, handlers, and addresses that are scripts."""

    def __init__(self):
        super().__init__()
        self.found = []
        self._inside = False

    def handle_starttag(self, tag, attrs):
        self._inside = tag == "script"
        self.found += [value for name, value in attrs if name.startswith("on") or "script:" in (value or "")]

    def handle_data(self, data):
        if self._inside:
            self.found.append(data)


def test_no_script_of_a_learner_reaches_the_feedback_page(folder):
    path = folder / "submitted" / "eve" / LAB
    path.mkdir(parents=True)
    ATTACKS["script_in_feedback"].make(path, None)
    hostile = right(top_k='def top_k(*a): raise ValueError("<script>owned</script>")')
    hostile.cells.insert(0, new_markdown_cell(ATTACK_TEXT))
    (folder / "submitted" / "mal" / LAB).mkdir(parents=True)
    hand_in(folder / "submitted" / "mal" / LAB, hostile)
    assert cli.main(["grade", LAB]) == 0
    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    config.CourseDirectory.root = str(folder)
    config.NbGrader.logfile = ""
    for student in ("eve", "mal"):
        assert NbGraderAPI(config=config).generate_feedback(LAB, student)["success"]
        page = (folder / "feedback" / student / LAB / f"{LAB}.html").read_text()
        scripts = _Scripts()
        scripts.feed(page)
        assert [text for text in scripts.found if "owned" in text] == []
        assert "owned" in page


ATTACK_TEXT = "<script>owned</script><img src=x onerror=owned> [link](javascript:owned) $a < b$ <b>bold</b>"
