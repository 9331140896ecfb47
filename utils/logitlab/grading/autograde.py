"""nbgrader's autograde, made safe: intake, sandbox and judge in the place of copying and executing.

`install` puts it where nbgrader's commands and its formgrader look for theirs; nbgrader_config.py calls it.
"""

from __future__ import annotations

import os
import re
import tempfile
import traceback
from glob import glob
from pathlib import Path

import nbformat
import nbgrader.apps.api
import nbgrader.apps.autogradeapp
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde as PlainAutograde
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import Execute
from nbgrader.utils import parse_utc, rmtree
from traitlets import List

from logitlab.authoring import LabError
from logitlab.grading import intake
from logitlab.grading.execute import JudgedExecute
from logitlab.grading.graded import read
from logitlab.grading.judge import imports
from logitlab.grading.register import register
from logitlab.grading.sandbox import SandboxMissing, missing


def install() -> None:
    """Make this the autograde of every nbgrader command in this process."""
    nbgrader.apps.autogradeapp.Autograde = Autograde
    nbgrader.apps.api.Autograde = Autograde


class Autograde(PlainAutograde):
    """Grades each submission by itself: one that is broken or hostile never stops or changes another.

    A submission's old automatic grades are cleared first. It ends with a graded notebook that names the
    state of the submission and of each graded cell, also where nothing could be executed.
    """

    autograde_preprocessors = List(
        [JudgedExecute if pp is Execute else pp for pp in PlainAutograde.autograde_preprocessors.default_args[0]]
    ).tag(config=True)

    _staged: str | None = None

    @property
    def _input_directory(self) -> str:
        return self._staged if self._staged and self._sanitizing else super()._input_directory

    def init_notebooks(self) -> None:
        """Find the submissions: every folder that nbgrader's pattern names, whatever is in it."""
        pattern = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        self.assignments = {path: [os.path.join(path, os.path.basename(path) + ".ipynb")] for path in glob(pattern)}
        if not self.assignments:
            super().init_notebooks()

    def convert_notebooks(self) -> None:
        """Grade them one by one. Raises NbGraderException at the end if one could not be dealt with."""
        self._make_sure_of_sandbox()
        pattern = re.compile(self._format_source("(?P<lab>.*)", "(?P<student>.*)", escape=True))
        failed = []
        for path in sorted(self.assignments):
            lab, student = pattern.match(path).group("lab", "student")
            if student in self.coursedir.student_id_exclude.split(",") or not self._is_due(Path(path), lab, student):
                continue
            try:
                self._grade(Path(path), lab, student)
            except BaseException as error:
                self._remove(lab, student)
                if isinstance(error, LabError):
                    raise NbGraderException(str(error)) from error
                if not isinstance(error, Exception):
                    raise
                self.log.error("%s: not graded, through no fault of the learner's\n%s", path, traceback.format_exc())
                failed.append(student)
        if failed:
            raise NbGraderException(f"not graded: {', '.join(failed)}. Please see the log above.")

    def _make_sure_of_sandbox(self) -> None:
        unsafe = JudgedExecute(parent=self).unsafe
        lack = missing()
        if lack and not unsafe:
            raise NbGraderException(str(SandboxMissing.of(lack)))
        if unsafe:
            self.log.warning("Grading without the sandbox: the learners' code can do here whatever you can do.")

    def _is_due(self, path: Path, lab: str, student: str) -> bool:
        """Whether to grade it: it never was to the end, it was submitted again since, or --force was given."""
        done = self._format_dest(lab, student)
        new, old = _timestamp(path), _timestamp(Path(done))
        unfinished = read(Path(self.coursedir.root), student, lab).state is None
        if self.force or unfinished or (new and old and parse_utc(new) > parse_utc(old)):
            self._remove(lab, student)
            return True
        self.log.info("Skipping existing assignment: %s", done)
        return False

    def _remove(self, lab: str, student: str) -> None:
        if os.path.exists(self._format_dest(lab, student)):
            rmtree(self._format_dest(lab, student))

    def _grade(self, path: Path, lab: str, student: str) -> None:
        self.log.info("Grading %s", path)
        root = Path(self.coursedir.root)
        released = register(root, lab, self.coursedir.db_url)
        self._clear(lab, student)
        with tempfile.TemporaryDirectory() as scratch:
            files = Path(scratch) / "files"
            refused = None
            try:
                taken = intake.take(path, lab, released)
                intake.copy(taken.files, files)
            except intake.Refused as refusal:
                refused = (refusal.state, str(refusal))
                taken = intake.Taken(released.copy())
            self._task = {
                "prelude": imports(root / self.coursedir.source_directory / lab / f"{lab}.ipynb"),
                "files": str(files) if taken.files else None,
                "remarks": taken.remarks,
                "refused": refused,
                "texts": {cell.source for cell in released.cells if cell.cell_type != "code"},
            }
            self._staged = str(Path(scratch) / "staged")
            try:
                self._convert(self._stage(path, lab, student, taken.nb), lab, student)
            finally:
                self._staged = None

    def _stage(self, path: Path, lab: str, student: str, nb: NotebookNode) -> str:
        """Write what was taken in to where nbgrader finds a submission, and nothing else."""
        folder = Path(self._format_source(lab, student))
        folder.mkdir(parents=True)
        time = _timestamp(path)
        if time:
            (folder / "timestamp.txt").write_text(time)
        nbformat.write(nb, folder / f"{lab}.ipynb")
        return str(folder / f"{lab}.ipynb")

    def _convert(self, notebook: str, lab: str, student: str) -> None:
        self.notebooks = [notebook]
        self.run_pre_convert_hook()
        self.init_assignment(lab, student)
        self.convert_single_notebook(notebook)
        self.set_permissions(lab, student)
        self.run_post_convert_hook()

    def init_single_notebook_resources(self, notebook_filename: str) -> dict:
        """nbgrader's resources, and what `JudgedExecute` needs to know."""
        resources = super().init_single_notebook_resources(notebook_filename)
        resources["nbgrader"].update(self._task)
        return resources

    def _clear(self, lab: str, student: str) -> None:
        """Take back the automatic grades of an earlier attempt; what a person gave stays."""
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                grades = gradebook.find_submission_notebook(lab, lab, student).grades
            except MissingEntry:
                return
            for grade in grades:
                grade.auto_score = None
            gradebook.db.commit()


def _timestamp(folder: Path) -> str | None:
    """When something was submitted, by nbgrader's timestamp.txt; None if there is no such file, or no such time."""
    try:
        text = intake.read_bytes(folder / "timestamp.txt", 1000).decode().strip()
        parse_utc(text)
    except (intake.Refused, ValueError, OverflowError):
        return None
    return text
