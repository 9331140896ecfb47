"""A class is graded on many processes, and whatever of them is killed at whatever moment, nothing is lost."""

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest
from classroom import answered, blank, course, light, mixed_class, quick, submit
from cluster import POISON, Cluster, end, poisoned
from logitlab.grading import launch
from logitlab.grading.graded import read
from logitlab.grading.results import Results, results

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading needs Linux")
LAB = "02_argmax"


def made(folder: Path, warm: bool = False) -> Path:
    course(folder)
    with open(folder / "nbgrader_config.py", "a") as config:
        config.write(f"\nc.JudgedExecute.warm = {warm}\n")  # the lean submissions import nothing that takes long
    mixed_class(folder, LAB)
    return folder


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Results:
    folder = made(tmp_path_factory.mktemp("undisturbed") / "course")
    run = Grading(folder)
    assert run.end() == 3, run.told()
    return found(folder)


@pytest.fixture
def folder(tmp_path) -> Path:
    return made(tmp_path / "course")


def found(folder: Path) -> tuple[Results, dict]:
    """The grades, and the states of submissions and of their exercises."""
    marks = results(f"sqlite:///{folder / 'gradebook.db'}", LAB)
    graded = {student: read(folder, student, LAB) for student in marks.marks}
    return marks, {student: (nb.state, nb.remarks, nb.odd_cells) for student, nb in graded.items()}


class Grading:
    """`logitlab grade`, as a process of its own."""

    def __init__(self, folder: Path, *options: str, **environment: str):
        self._log = folder / f"run{len(list(folder.glob('run*')))}.log"
        command = [str(Path(sys.executable).with_name("logitlab")), "grade", LAB, *options]
        with open(self._log, "w") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, stdout=log, stderr=log, env=os.environ | environment, start_new_session=True
            )

    def told(self) -> str:
        return self._log.read_text()

    def graded(self) -> list[str]:
        """Who was graded by this run so far, as it says."""
        return re.findall(r"^\[\d+/\d+\] (\w+): (?!not graded)", self.told(), re.M)

    def some_moment(self) -> str:
        """Wait until a random moment of its work; says which."""
        count, delay = random.randrange(6), random.uniform(0, 1)
        while psutil.Process(self.process.pid).cpu_times().user < 0.1:  # Python itself is starting
            time.sleep(0.01)
        while len(self.graded()) < count and self.process.poll() is None:
            time.sleep(0.02)
        time.sleep(delay)
        return f"{delay:.3f} seconds after {count} were graded"

    def below(self, part: str) -> list[psutil.Process]:
        """The processes that it started and they did, with this in their command; those that start others first."""
        found = []
        for each in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):  # it has ended meanwhile
                if part in " ".join(each.cmdline()):
                    found.append(each)
        return found

    def end(self) -> int:
        """Wait for its end; the exit status."""
        try:
            return self.process.wait(120)
        except subprocess.TimeoutExpired:
            end(self.process)
            raise AssertionError(f"it does not end\n{self.told()}") from None


def gone(processes: list[psutil.Process], seconds: float = 20) -> bool:
    return not psutil.wait_procs(processes, timeout=seconds)[1]


def check_nothing_is_lost(folder: Path, undisturbed: Results, moment: str, *runs: Grading) -> None:
    told = f"{moment}\n" + "\n---\n".join(run.told() for run in runs)
    assert found(folder) == undisturbed, told
    assert max(Counter(student for run in runs for student in run.graded()).values()) == 1, told
    assert list(folder.glob("autograded/*/.*")) == [], told


def test_a_second_run_grades_what_is_new_or_changed_and_force_grades_all(folder, undisturbed):
    assert Grading(folder).end() == 3
    shutil.rmtree(folder / "submitted" / "torn")
    submit(folder, "torn", LAB, light(answered(blank(LAB), quick(LAB)), LAB))
    submit(folder, "late", LAB, light(answered(blank(LAB), quick(LAB)), LAB))
    second = Grading(folder)
    assert second.end() == 0, second.told()
    assert sorted(second.graded()) == ["late", "torn"]
    assert "6 unchanged" in second.told()
    forced = Grading(folder, "--force", "--students", "right*")
    assert forced.end() == 0
    assert sorted(forced.graded()) == ["right0", "right1", "right2"]


def test_a_coordinator_that_is_killed_leaves_no_process_and_goes_on_where_it_was(folder, undisturbed):
    first = Grading(folder)
    moment = first.some_moment()
    below = first.below("")
    first.process.kill()
    first.process.wait()
    assert gone(below), moment
    second = Grading(folder)
    assert second.end() == 3
    check_nothing_is_lost(folder, undisturbed, moment, first, second)
    assert places_left() == []


def places_left() -> list[Path]:
    """Folders of kernels whose process is gone."""
    before = set(Path("/tmp").glob("logitlab-*"))
    launch.sweep()
    return sorted(before - set(Path("/tmp").glob("logitlab-*")))


def test_ctrl_c_stops_soon_and_cleanly(folder, undisturbed):
    first = Grading(folder)
    moment = first.some_moment()
    below = first.below("")
    os.killpg(first.process.pid, signal.SIGINT)  # as a terminal does: to all of them
    status = first.end()
    assert gone(below, 5), moment
    assert "Traceback" not in first.told(), f"{moment}\n{first.told()}"
    if status == 130:  # and not at its end already
        assert "give the same command again" in first.told()
    second = Grading(folder)
    assert second.end() == 3
    check_nothing_is_lost(folder, undisturbed, moment, first, second)
    assert places_left() == []


@pytest.mark.parametrize("victim", ["multiprocessing.forkserver", "logitlab.grading.warm"])
def test_a_worker_or_a_warm_process_that_is_killed_costs_nothing_but_time(victim, tmp_path, undisturbed):
    folder = made(tmp_path / "course", warm=victim.endswith("warm"))
    run = Grading(folder)
    while not run.below(victim):
        time.sleep(0.05)
    moment = run.some_moment()
    # Of the workers the last: the first is the process that they are forked from.
    for process in run.below(victim)[-1:] if "fork" in victim else run.below(victim)[:1]:
        process.kill()
    assert run.end() == 3, f"{moment}\n{run.told()}"
    check_nothing_is_lost(folder, undisturbed, moment, run)


def test_workers_need_nothing_but_the_address_and_a_lost_scheduler_loses_nothing(folder, tmp_path, undisturbed):
    """The workers cannot see the course's folder, as on other machines."""
    with Cluster(tmp_path / "first", hidden=folder) as cluster:
        first = Grading(folder, "--scheduler", cluster.address)
        moment = first.some_moment()
        end(cluster.scheduler)
        status = first.end()
        told = f"{moment}\n{first.told()}"
        if status != 3:  # it had ended already
            assert status == 1, told
            lost = "the connection to the scheduler was lost", "no Dask scheduler answers"  # the latter at the start
            assert any(words in told for words in lost), told
            assert "Traceback" not in told
    with Cluster(tmp_path / "second", hidden=folder) as cluster:
        second = Grading(folder, "--scheduler", cluster.address)
        assert second.end() == 3, second.told()
    check_nothing_is_lost(folder, undisturbed, moment, first, second)


def test_a_submission_that_kills_its_worker_is_stated_and_takes_no_other_along(folder, tmp_path, undisturbed):
    nb = light(answered(blank(LAB), quick(LAB)), LAB)
    nb.cells[0].source += f"\n{POISON}"
    submit(folder, "poison", LAB, nb)
    run = Grading(folder, **poisoned(tmp_path))
    assert run.end() == 3, run.told()
    marks, states = found(folder)
    assert sum(mark.score for mark in marks.marks.pop("poison").values()) == 0
    state, remarks, _ = states.pop("poison")
    assert state == "kernel died"
    assert remarks == ["Kernel died: twice the process that graded it was killed."]
    assert (marks, states) == undisturbed, run.told()


def test_two_gradings_of_one_folder_do_not_run_at_once(folder):
    first = Grading(folder)
    while not first.graded():
        time.sleep(0.02)
    first.process.send_signal(signal.SIGSTOP)
    try:
        second = Grading(folder)
        assert second.end() == 1
        assert "another grading is running" in second.told()
    finally:
        first.process.send_signal(signal.SIGCONT)
        assert first.end() == 3


def test_an_address_without_a_scheduler_is_said_in_one_line(folder):
    run = Grading(folder, "--scheduler", "tcp://127.0.0.1:9")
    assert run.end() == 1
    assert re.fullmatch(r"tcp://127.0.0.1:9: no Dask scheduler answers at this address \(.*\)\.\n", run.told())
