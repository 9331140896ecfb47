"""nbgrader's autograde, made safe: intake, sandbox and judge in the place of copying and executing.

`install` puts it where nbgrader's commands and its formgrader look for theirs; nbgrader_config.py calls it.
"""

from __future__ import annotations

import os
import re
import shutil
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from glob import glob
from pathlib import Path

import nbformat
import nbgrader.apps.api
import nbgrader.apps.autogradeapp
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde as PlainAutograde
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import AssignLatePenalties, Execute, SaveAutoGrades
from nbgrader.utils import find_all_files, rmtree
from traitlets import List

from logitlab.authoring import LabError
from logitlab.grading.execute import JudgedExecute
from logitlab.grading.gradebook import take_back, transaction, write_grades
from logitlab.grading.graded import METADATA, read
from logitlab.grading.register import register
from logitlab.grading.sandbox import SandboxMissing, missing
from logitlab.grading.work import Outcome, Work, one_by_one, prepare, settings

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


def install() -> None:
    """Make this the autograde of every nbgrader command in this process."""
    nbgrader.apps.autogradeapp.Autograde = Autograde
    nbgrader.apps.api.Autograde = Autograde


class NotGraded(NbGraderException):
    """Some submissions could not be dealt with; says whose."""


class Autograde(PlainAutograde):
    """Grades each submission by itself: one that is broken or hostile never stops or changes another.

    A submission's old automatic grades are taken back first. It ends with a graded notebook that names the
    state of the submission and of each graded cell, also where nothing could be executed. That notebook comes
    last and all at once: where it is, the gradebook is right.

    run: executes submissions, in any order, here or elsewhere. ended: called when one has ended, with the
    learner's name and what went wrong on our side, if anything did. skipped: called for one that was graded before.
    """

    autograde_preprocessors = List(
        [
            each
            for each in PlainAutograde.autograde_preprocessors.default_args[0]
            if each not in (Execute, SaveAutoGrades, AssignLatePenalties)
        ]
    ).tag(config=True)

    run: Callable[[Iterable[Work]], Iterator[Outcome]] = staticmethod(one_by_one)
    ended: Callable[[str, str | None], None] = staticmethod(lambda student, error: None)
    skipped: Callable[[str], None] = staticmethod(lambda student: None)

    def init_notebooks(self) -> None:
        """Find the submissions: every folder that nbgrader's pattern names, whatever is in it."""
        pattern = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        self.assignments = {path: [os.path.join(path, os.path.basename(path) + ".ipynb")] for path in glob(pattern)}
        if not self.assignments:
            super().init_notebooks()

    def convert_notebooks(self) -> None:
        """Grade them. Raises NotGraded at the end if one could not be dealt with, NbGraderException if nothing can."""
        self._make_sure_of_sandbox()
        self._failed: list[str] = []
        root = Path(self.coursedir.root)
        with _only_one(root), Gradebook(self.coursedir.db_url, self.coursedir.course_id) as self._gradebook:
            try:
                with closing(self.run(self._due(root))) as outcomes:
                    for work, outcome in outcomes:
                        with self._ending(work.student):
                            if isinstance(outcome, Exception):
                                raise outcome
                            self._record(root, work, outcome)
            except LabError as error:
                raise NbGraderException(str(error)) from error
        if self._failed:
            raise NotGraded(f"not graded: {', '.join(self._failed)}. Please see the log above.")

    def _make_sure_of_sandbox(self) -> None:
        unsafe = JudgedExecute(parent=self).unsafe
        lack = missing()
        if lack and not unsafe and self.run is one_by_one:
            raise NbGraderException(str(SandboxMissing.of(lack)))
        if unsafe:
            self.log.warning("Grading without the sandbox: the learners' code can do here whatever you can do.")

    def _due(self, root: Path) -> Iterator[Work]:
        """The submissions to be graded: changed since they were graded, or all with --force."""
        pattern = re.compile(self._format_source("(?P<lab>.*)", "(?P<student>.*)", escape=True))
        for path in sorted(self.assignments):
            lab, student = pattern.match(path).group("lab", "student")
            if student in self.coursedir.student_id_exclude.split(","):
                continue
            try:
                released = register(root, lab, self.coursedir.db_url, self.coursedir.course_id)
                work = prepare(Path(path), lab, student, released, settings(self.config))
                done = read(root, student, lab).digest == work.digest
                if done and not self.force:
                    self.log.info("Skipping existing assignment: %s", self._format_dest(lab, student))
                    self.skipped(student)
                    continue
                self._forget(lab, student)
            except LabError:
                raise
            except Exception as error:
                with self._ending(student):
                    raise error
                continue
            self.log.info("Grading %s", path)
            yield work

    @contextmanager
    def _ending(self, student: str) -> Iterator[None]:
        """Tell how it ended. What fails on our side leaves no grade, and stops no other submission."""
        error = None
        try:
            yield
        except Exception:
            error = traceback.format_exc()
            self.log.error("%s: not graded, through no fault of the learner's\n%s", student, error)
            self._failed.append(student)
        self.ended(student, error)

    def _forget(self, lab: str, student: str) -> None:
        """Take back what an earlier attempt has left, but for what a person gave."""
        if os.path.exists(self._format_dest(lab, student)):
            rmtree(self._format_dest(lab, student))
        with transaction(self._gradebook):
            take_back(self._gradebook, lab, student)

    def _record(self, root: Path, work: Work, nb: NotebookNode) -> None:
        """Write the grades, and then the graded notebook."""
        lab, student = work.lab, work.student
        self.notebooks = [os.path.join(self._format_source(lab, student), f"{lab}.ipynb")]
        self.run_pre_convert_hook()
        resources = self.init_single_notebook_resources(self.notebooks[0])
        for each in self.autograde_preprocessors:
            nb, resources = each(parent=self)(nb, resources)
        nb.metadata[METADATA]["digest"] = work.digest
        final = Path(self._format_dest(lab, student))
        parts = final.with_name(f".{final.name}.part")
        if parts.exists():
            rmtree(str(parts))
        parts.mkdir(parents=True)
        nbformat.write(nb, parts / f"{lab}.ipynb")
        if work.timestamp:
            (parts / "timestamp.txt").write_text(work.timestamp)
        self._copy_masters(root / self.coursedir.source_directory / lab, parts)
        with transaction(self._gradebook) as gradebook:
            gradebook.update_or_create_student(student)
            when = {"timestamp": work.timestamp} if work.timestamp else {}
            gradebook.update_or_create_submission(lab, student, **when)
            write_grades(gradebook, lab, student, nb, AssignLatePenalties(parent=self))
        parts.rename(final)
        self.set_permissions(lab, student)
        self.run_post_convert_hook()

    def _copy_masters(self, source: Path, target: Path) -> None:
        """The author's other files come along, as nbgrader has it."""
        for name in find_all_files(str(source), [*self.coursedir.ignore, "*.ipynb"]):
            place = target / Path(name).relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(name, place)


@contextmanager
def _only_one(root: Path) -> Iterator[None]:
    """One grading of a course folder at a time. The lock goes with the process, however it ends. Raises LabError."""
    with open(root / ".grading.lock", "w") as lock:
        try:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LabError(f"{root}: another grading is running in this folder. Wait for its end.") from error
        yield
