"""A submission as plain data: made where the submissions lie, executed anywhere that has this package."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.utils import parse_utc
from traitlets.config import Config

import logitlab
from logitlab.grading import intake
from logitlab.grading.execute import JudgedExecute, KernelLost
from logitlab.grading.register import Released
from logitlab.grading.states import State

TRIES = 3


@dataclass(frozen=True)
class Work:
    """What it takes to grade one submission.

    notebook: as it was taken in, as JSON. files: the learner's other files, by their path. remarks: sentences
    of the intake. refused: the state and the reason if there is nothing to execute. prelude: what the author's
    notebook imports for its checks, as source. texts: the lab's own text cells. timestamp: when it was
    submitted, as nbgrader writes it. settings: of `JudgedExecute`, by section. code: the `fingerprint` of the
    checks that are to judge it.
    """

    lab: str
    student: str
    notebook: str
    prelude: str
    texts: list[str]
    files: dict[str, bytes] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    refused: tuple[State, str] | None = None
    timestamp: str | None = None
    settings: dict[str, dict] = field(default_factory=dict)
    code: str = field(default_factory=lambda: fingerprint())

    @property
    def digest(self) -> str:
        """Tells whether a grade is of this very submission, this lab and these checks, in the sandbox or not."""
        data = {name: value for name, value in asdict(self).items() if name != "settings"}
        data["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()}
        data["unsafe"] = self.settings.get("JudgedExecute", {}).get("unsafe", False)
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


@cache
def fingerprint() -> str:
    """Of the code that verdicts depend on: the checks, and what they compute with."""
    package = Path(logitlab.__file__).parent
    sources = [*sorted(package.glob("checks/*.py")), package / "formulas.py", package / "models.py"]
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()


def prepare(folder: Path, lab: str, student: str, released: Released, settings: dict) -> Work:
    """Take a submission in, whatever lies in its folder."""
    refused = None
    try:
        taken = intake.take(folder, lab, released.nb)
        files = {name: intake.read_bytes(path, intake.FILE_BYTES) for name, path in taken.files.items()}
    except intake.Refused as refusal:
        refused = (refusal.state, str(refusal))
        taken, files = intake.Taken(released.nb.copy()), {}
    return Work(
        lab=lab,
        student=student,
        notebook=nbformat.writes(taken.nb),
        prelude=released.prelude,
        texts=sorted({cell.source for cell in released.nb.cells if cell.cell_type != "code"}),
        files=files,
        remarks=taken.remarks,
        refused=refused,
        timestamp=_timestamp(folder),
        settings=settings,
    )


def settings(config: Config) -> dict[str, dict]:
    """The part of a configuration that executing depends on."""
    names = [each.__name__ for each in JudgedExecute.mro()]
    return {name: dict(config[name]) for name in names if name in config}


def execute(work: Work) -> NotebookNode:
    """Execute and judge a submission; the notebook then holds outputs, scores and states.

    Raises RuntimeError where that cannot be done: no kernel starts, or the checks here are other ones.
    """
    if work.code != fingerprint():
        raise RuntimeError("the checks that are installed here differ from those of the course")
    task = {name: getattr(work, name) for name in ("prelude", "texts", "files", "remarks", "refused")}
    executor = JudgedExecute(config=Config(work.settings))
    for _ in range(TRIES):
        with suppress(KernelLost):
            notebook = nbformat.reads(work.notebook, as_version=4)
            return executor.preprocess(notebook, ResourcesDict(nbgrader=task, metadata={}))[0]
    raise RuntimeError("the process that kernels are forked from is killed again and again")


Outcome = tuple[Work, NotebookNode | Exception]


def one_by_one(works: Iterable[Work]) -> Iterator[Outcome]:
    """Execute submissions in this process: each with its notebook, or with what went wrong."""
    for work in works:
        try:
            outcome = execute(work)
        except Exception as error:
            outcome = error
        yield work, outcome


def _timestamp(folder: Path) -> str | None:
    """When something was submitted, by nbgrader's timestamp.txt; None if there is no such file, or no such time."""
    try:
        text = intake.read_bytes(folder / "timestamp.txt", 1000).decode().strip()
        parse_utc(text)
    except (intake.Refused, ValueError, OverflowError):
        return None
    return text
