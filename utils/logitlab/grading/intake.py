"""Takes a submission in: whatever lies in its folder, what comes out is a notebook of known form, or a refusal.

The lab is told by its released notebook. A submission gives the sources of cells and nothing else: no
metadata, no outputs, no attachments. What can be repaired safely is repaired, and each repair is told in
a sentence; nothing in the submission's folder is changed, and nothing outside of it is read.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from logitlab.authoring import KERNEL
from logitlab.grading.states import State

NOTEBOOK_BYTES = 20 << 20
FILE_BYTES = 20 << 20
FILES_BYTES = 50 << 20
FILES = 100
CELLS = 2000
DEPTH = 5
IGNORED = (".ipynb_checkpoints", "__pycache__", ".DS_Store", "__MACOSX", ".git")


class Refused(Exception):
    """A submission that cannot be graded; says the state it is in and why."""

    def __init__(self, state: State, reason: str):
        super().__init__(reason)
        self.state = state


@dataclass
class Taken:
    """A submission as it is graded.

    nb: the released lab with the learner's cells. files: the learner's other files, by their path in the
    submission, and where they lie. remarks: a sentence for each thing that was repaired or left out.
    """

    nb: NotebookNode
    files: dict[str, Path] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def take(folder: Path, lab: str, released: NotebookNode) -> Taken:
    """Take a submission in. Raises Refused.

    folder: where the learner's files lie. released: the lab as learners got it, with the author's metadata.
    """
    remarks: list[str] = []
    if folder.is_symlink() or folder.parent.is_symlink():
        raise Refused(State.UNREADABLE, f"{_shown(folder.name)} is a symbolic link, not a folder")
    found = list(_files(folder, remarks))
    path = _notebook(found, folder, lab, remarks)
    nb = _rebuilt(_read(path), released, remarks)
    files = _others([p for p in found if p.suffix != ".ipynb" and p.name != "timestamp.txt"], folder, remarks)
    return Taken(nb, files, remarks)


def _shown(name: str) -> str:
    """A file's name as it can stand in a sentence, whatever it is made of."""
    return ascii(name[:80])


def _files(folder: Path, remarks: list[str]) -> Iterator[Path]:
    """The regular files below a folder, without following links; each thing left out is remarked."""
    waiting, seen = [(folder, 0)], 0
    while waiting:
        here, depth = waiting.pop()
        with os.scandir(here) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                seen += 1
                if seen > 10 * FILES:
                    remarks.append("Files beyond the first thousand were left out.")
                    return
                if entry.name in IGNORED:
                    continue
                if entry.is_symlink():
                    remarks.append(f"{_shown(entry.name)} is a symbolic link. It was left out.")
                elif entry.is_dir():
                    if depth < DEPTH:
                        waiting.append((Path(entry.path), depth + 1))
                elif entry.is_file():
                    yield Path(entry.path)
                else:
                    remarks.append(f"{_shown(entry.name)} is no ordinary file. It was left out.")


def _notebook(found: list[Path], folder: Path, lab: str, remarks: list[str]) -> Path:
    """The notebook of a submission: the one with the lab's name or, where there is but one, that one."""
    right = folder / f"{lab}.ipynb"
    if right in found:
        return right
    if right.is_symlink():
        raise Refused(State.UNREADABLE, f"{right.name} is a symbolic link, not a file")
    if right.exists():
        raise Refused(State.UNREADABLE, f"{right.name} is no ordinary file")
    notebooks = [path for path in found if path.suffix == ".ipynb"]
    named = [path for path in notebooks if path.name == right.name]
    candidates = named or notebooks
    if not candidates:
        raise Refused(State.MISSING, f"there is no {right.name} in the submission")
    if len(candidates) > 1:
        raise Refused(State.MISSING, f"there is no {right.name}, and more than one other notebook")
    name = str(candidates[0].relative_to(folder))
    remarks.append(f"{right.name} was not there; {_shown(name)} was graded in its place.")
    return candidates[0]


def read_bytes(path: Path, most: int) -> bytes:
    """The content of an ordinary file of at most that many bytes. Raises Refused."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Refused(State.UNREADABLE, f"{_shown(path.name)} cannot be opened ({error.strerror})") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Refused(State.UNREADABLE, f"{_shown(path.name)} is no ordinary file")
        content = file.read(most + 1)
    if len(content) > most:
        raise Refused(State.UNREADABLE, f"{_shown(path.name)} is larger than {most >> 20} MB")
    return content


def _read(path: Path) -> list[tuple[str, str, str, str]]:
    """The cells of a notebook as (type, source, id, grade_id), of any version of the format. Raises Refused."""
    content = read_bytes(path, NOTEBOOK_BYTES)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # missing ids and the like, which do not matter here
            nb = nbformat.reads(content.decode("utf-8-sig"), as_version=4)
        cells = [_cell(cell) for cell in nb.cells]
    except RecursionError as error:
        raise Refused(State.UNREADABLE, f"{_shown(path.name)} is nested too deeply to be read") from error
    except Exception as error:  # whatever nbformat stumbles over
        raise Refused(State.UNREADABLE, f"{_shown(path.name)} is not a notebook that can be read") from error
    if len(cells) > CELLS:
        raise Refused(State.UNREADABLE, f"{_shown(path.name)} has more than {CELLS} cells")
    return cells


def _cell(cell: dict) -> tuple[str, str, str, str]:
    source = cell["source"]
    source = source if isinstance(source, str) else "".join(source)
    mark = cell.get("metadata", {}).get("nbgrader", {})
    name = mark.get("grade_id", "") if isinstance(mark, dict) else ""
    identity = cell.get("id", "")
    return str(cell["cell_type"]), source.replace("\0", ""), str(identity), name if isinstance(name, str) else ""


def _rebuilt(cells: list[tuple[str, str, str, str]], released: NotebookNode, remarks: list[str]) -> NotebookNode:
    """The learner's cells in the author's frame.

    Each answer and each check of the lab is there once, with the author's metadata; checks with the author's
    source. Every other cell is an ordinary one.
    """
    frame = {cell.metadata.nbgrader.grade_id: cell for cell in released.cells if "nbgrader" in cell.metadata}
    places = _places(cells, frame, remarks)
    out: list[NotebookNode] = []
    for index, (kind, source, _, _) in enumerate(cells):
        name = places.get(index)
        if name is None:
            out.append(new_code_cell(source) if kind == "code" else new_markdown_cell(source))
            continue
        original = frame[name]
        if kind != original.cell_type:
            remarks.append(f"The cell {name} had been changed to {_shown(kind)}. It was changed back.")
        out.append(_framed(original, original.source if _is_check(original) else source))
    _add_missing(out, frame, remarks)
    _checks_after_answers(out, remarks)
    for number, cell in enumerate(out):
        cell.id = cell.metadata.nbgrader.grade_id if "nbgrader" in cell.metadata else f"cell-{number}"
    return new_notebook(cells=out, metadata={"kernelspec": dict(KERNEL), "language_info": {"name": "python"}})


def _is_check(cell: NotebookNode) -> bool:
    return not cell.metadata.nbgrader.solution


def _framed(original: NotebookNode, source: str) -> NotebookNode:
    make = new_code_cell if original.cell_type == "code" else new_markdown_cell
    return make(source, metadata={"nbgrader": dict(original.metadata.nbgrader)})


def _places(cells: list, frame: dict[str, NotebookNode], remarks: list[str]) -> dict[int, str]:
    """Which cell of the submission is which answer or check, by index.

    By the author's metadata; where that is gone by the cell's id, and last by what the cell holds. Of several
    that claim to be one, the first that is no longer as it was released.
    """
    claims: dict[str, list[int]] = {name: [] for name in frame}
    for index, (_, _, _, name) in enumerate(cells):
        if name in claims:
            claims[name].append(index)
    taken = {index for several in claims.values() for index in several}
    for name, original in frame.items():
        if not claims[name]:
            free = [index for index in range(len(cells)) if index not in taken]
            found = next((index for index in free if cells[index][2] == name), None)
            if found is None:
                found = next((index for index in free if _holds(cells[index], original)), None)
            if found is not None:
                claims[name] = [found]
                taken.add(found)
                remarks.append(f"The cell {name} had lost its metadata. It was recognised by what it holds.")
    places = {}
    for name, several in claims.items():
        if not several:
            continue
        changed = [index for index in several if cells[index][1].strip() != frame[name].source.strip()]
        places[(changed or several)[0]] = name
        if len(several) > 1:
            remarks.append(f"{len(several)} cells are called {name}. All of them run; one of them counts as {name}.")
    return places


def _holds(cell: tuple[str, str, str, str], original: NotebookNode) -> bool:
    """Whether a cell without metadata is this answer or this check: by its source, and by what it defines."""
    kind, source, _, _ = cell
    if source.strip() == original.source.strip():
        return True
    name = original.metadata.nbgrader.grade_id
    return kind == "code" and not _is_check(original) and bool(re.search(rf"^def {re.escape(name)}\(", source, re.M))


def _add_missing(cells: list[NotebookNode], frame: dict[str, NotebookNode], remarks: list[str]) -> None:
    """Put back what is gone: an answer at the end, as it was released; a check after its answer."""
    names = [cell.metadata.nbgrader.grade_id for cell in cells if "nbgrader" in cell.metadata]
    for name, original in frame.items():
        if name in names:
            continue
        remarks.append(f"The cell {name} was missing. It was put back.")
        cell = _framed(original, original.source)
        answer = name.removeprefix("check_")
        after = [i for i, c in enumerate(cells) if c.metadata.get("nbgrader", {}).get("grade_id") == answer]
        # A released answer at the end would undo one that the learner has in an ordinary cell.
        if not _is_check(original) and original.cell_type == "code":
            cell.source = "# This answer's cell was missing from the submission."
        cells.insert(after[0] + 1 if after and name != answer else len(cells), cell)


def _checks_after_answers(cells: list[NotebookNode], remarks: list[str]) -> None:
    """Move a check that stands before its answer behind it."""
    for check in [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id", "").startswith("check_")]:
        name = check.metadata.nbgrader.grade_id.removeprefix("check_")
        at = next(i for i, cell in enumerate(cells) if cell is check)
        answer = [i for i, c in enumerate(cells) if c.metadata.get("nbgrader", {}).get("grade_id") == name]
        if answer and answer[0] > at:
            cells.insert(answer[0], cells.pop(at))
            remarks.append(f"The cell check_{name} stood before its answer. It was moved behind it.")


def _others(found: list[Path], folder: Path, remarks: list[str]) -> dict[str, Path]:
    """The learner's other files that come along: few, small, and none that hides a module which Python needs."""
    files: dict[str, Path] = {}
    total = 0
    for path in sorted(found):
        name = str(path.relative_to(folder))
        module = Path(name).parts[0].removesuffix(".py")
        total += path.lstat().st_size
        if path.lstat().st_size > FILE_BYTES or total > FILES_BYTES or len(files) >= FILES:
            remarks.append(f"{_shown(name)} is one file, or one megabyte, too many. It was left out.")
        elif module in _modules() and (name.endswith(".py") or len(Path(name).parts) > 1):
            remarks.append(f"{_shown(name)} would hide the module {module} of Python's. It was left out.")
        else:
            files[name] = path
    return files


@cache
def _modules() -> frozenset[str]:
    """The modules that are installed here, by the names they are imported with."""
    return frozenset(sys.stdlib_module_names) | frozenset(packages_distributions()) | {"logitlab"}
