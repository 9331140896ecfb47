"""What an author runs: re-execute the solutions, and generate the labs from them.

    python -m logitlab.authoring check       is every solution well formed?
    python -m logitlab.authoring solutions   execute solutions/ in place
    python -m logitlab.authoring labs        write labs/ from solutions/

Each takes names of labs, and does all of them if none is given.
"""

from __future__ import annotations

import argparse
import ast
import base64
import io
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from PIL import Image

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
TIMEOUT = 120  # seconds a cell may take
LIVE_ONLY = ("application/vnd.jupyter.widget-view+json",)  # means nothing without the kernel that made it


class LabError(Exception):
    """Something is wrong with a lab; the message names the file, the cell and the way out."""


def notebook_path(folder: Path) -> Path:
    """The notebook of a lab's folder. Raises LabError if it is not there."""
    path = folder / f"{folder.name}.ipynb"
    if not folder.is_dir():
        known = ", ".join(sorted(p.name for p in folder.parent.glob("[0-9]*"))) or "none"
        raise LabError(f"{folder}: there is no such lab. The labs here are: {known}.")
    if not path.is_file():
        found = ", ".join(sorted(p.name for p in folder.glob("*.ipynb"))) or "no notebook"
        raise LabError(f"{folder}: {path.name} is missing ({found} found). Name the notebook after its folder.")
    return path


def labs(root: Path, names: list[str] | None = None) -> list[Path]:
    """The solution notebooks below root/solutions, of the named labs or of all. Raises LabError."""
    source = root / "solutions"
    folders = [source / name for name in names] if names else sorted(p for p in source.iterdir() if p.is_dir())
    return [notebook_path(folder) for folder in folders if not folder.name.startswith(".")]


def read(path: Path) -> NotebookNode:
    """Read a notebook. Raises LabError if the file is not one."""
    try:
        nb = nbformat.read(path, as_version=4)
        nbformat.validate(nb)
    except Exception as error:
        raise LabError(f"{path}: this is not a valid notebook ({error}). Restore it from version control.") from error
    return nb


def problems(nb: NotebookNode) -> list[str]:
    """What is wrong with the form of a solution notebook: sentences that name the cell and the way out.

    Each answer cell has a name, is followed at once by the cell that grades it, and that cell holds
    the one call `check.NAME(NAME)`. A written answer is Markdown with points; all of it is replaced in
    the learner's copy. No two cells share a name. The kernel is installed.
    """
    found = []
    kernel = nb.metadata.get("kernelspec", {}).get("name")
    try:
        KernelSpecManager().get_kernel_spec(kernel or "")
    except NoSuchKernel:
        found.append(
            f"The kernel {kernel!r} is not installed here. Open the notebook with the kernel 'python3' and save it, "
            "or install that kernel."
        )
    marks = [(index, cell, cell.metadata.get("nbgrader", {})) for index, cell in enumerate(nb.cells)]
    names = Counter(mark["grade_id"] for _, _, mark in marks if mark.get("grade_id"))
    found += [
        f"Cell {name!r}: {count} cells have this grade_id. Give each its own."
        for name, count in names.items()
        if count > 1
    ]
    for index, cell, mark in marks:
        name = mark.get("grade_id")
        if cell.cell_type == "code" and mark.get("solution"):
            following = nb.cells[index + 1] if index + 1 < len(nb.cells) else NotebookNode(metadata={})
            if following.metadata.get("nbgrader", {}).get("grade_id") != f"check_{name}":
                found.append(
                    f"Cell {name!r}: no grading cell follows. Put a cell with grade_id 'check_{name}' right after it, "
                    f"with the one line check.{name}({name})."
                )
            if "### BEGIN SOLUTION" not in cell.source:
                found.append(f"Cell {name!r}: mark the answer with ### BEGIN SOLUTION and ### END SOLUTION.")
        elif cell.cell_type == "code" and mark.get("grade"):
            exercise = name.removeprefix("check_")
            if not _is_call(cell.source, exercise):
                found.append(f"Cell {name!r}: it should hold the one line check.{exercise}({exercise}).")
            if exercise not in names:
                found.append(f"Cell {name!r}: there is no answer cell with grade_id {exercise!r}. Add it, or rename.")
        elif mark.get("solution") and not mark.get("grade"):
            found.append(f"Cell {name!r}: a written answer is graded by hand. Set grade and points as well.")
        elif "### BEGIN SOLUTION" in cell.source:
            found.append(f"Cell {index + 1}: a solution stands outside an answer cell and would be published.")
    return found


def _is_call(source: str, exercise: str) -> bool:
    try:
        return ast.dump(ast.parse(source)) == ast.dump(ast.parse(f"check.{exercise}({exercise})"))
    except SyntaxError:
        return False


def check(path: Path) -> NotebookNode:
    """Read a solution and make sure of its form. Raises LabError with everything that is wrong."""
    nb = read(path)
    found = problems(nb)
    if found:
        raise LabError(f"{path}:\n" + "\n".join(f"  {problem}" for problem in found))
    return nb


def execute(nb: NotebookNode, path: Path) -> NotebookNode:
    """Run a notebook from top to bottom in a fresh kernel. Raises LabError if a cell fails.

    path: where the notebook lives, for the working directory and the message.
    """
    client = NotebookClient(
        nb,
        timeout=TIMEOUT,
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        coalesce_streams=True,
    )
    try:
        return client.execute()
    except CellExecutionError as error:
        failed = next(
            cell for cell in nb.cells if any(output.output_type == "error" for output in cell.get("outputs", []))
        )
        raise LabError(
            f"{path}: cell {failed.id!r} raised {error.ename}: {error.evalue}. Open the notebook, mend the cell, "
            "and run this again."
        ) from error


def normalise(nb: NotebookNode) -> NotebookNode:
    """Drop what differs from run to run or from machine to machine; the text and the figures stay."""
    nb.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    for cell in nb.cells:
        mark = cell.metadata.get("nbgrader")
        cell.metadata = NotebookNode(nbgrader=mark) if mark else NotebookNode()
        cell.id = mark["grade_id"] if mark else cell.id
        for output in cell.get("outputs", []):
            output.pop("transient", None)
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = _smaller(output.data["image/png"])
            for mimetype in LIVE_ONLY:
                output.get("data", {}).pop(mimetype, None)
    return nb


def _smaller(png: str) -> str:
    """A base64 PNG with at most 256 colours: a third of the size, and no difference to see in a diagram.

    Maximum coverage keeps colours that few pixels have; the usual median cut may merge two classes' colours.
    """
    image = Image.open(io.BytesIO(base64.b64decode(png)))
    if image.mode == "P":
        return png
    stream = io.BytesIO()
    image.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE).save(stream, "png", optimize=True)
    return base64.b64encode(stream.getvalue()).decode()


def write_solutions(root: Path, names: list[str] | None = None) -> None:
    """Execute the solutions in place. A solution that fails is left as it was. Raises LabError."""
    for path in labs(root, names):
        nb = normalise(execute(check(path), path))
        nbformat.write(nb, path)
        print(f"executed {path.relative_to(root)}")


def write_labs(root: Path, names: list[str] | None = None) -> None:
    """Generate root/labs from root/solutions with nbgrader. Raises LabError.

    nbgrader's gradebook for this is a throw-away one: who grades registers the labs in theirs.
    """
    for path in labs(root, names):
        check(path)
        with tempfile.TemporaryDirectory() as scratch:
            release(root, path.parent.name, Path(scratch) / "labs", f"sqlite:///{scratch}/gradebook.db")
            target = root / "labs" / path.parent.name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(Path(scratch) / "labs" / path.parent.name, target)
        print(f"generated {target.relative_to(root)}")


def release(root: Path, lab: str, target: Path, db_url: str, course_id: str = "") -> None:
    """Have nbgrader make the learner's version of a lab below `target` and record it in a gradebook.

    course_id: the course's name in the gradebook; one that enforces its references, as PostgreSQL, needs it.
    """
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    find_tools()
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.release_directory = str(target)
    config.CourseDirectory.db_url = db_url
    config.CourseDirectory.course_id = course_id
    config.NbGrader.logfile = ""
    result = NbGraderAPI(config=config).generate_assignment(lab, force=True)
    if not result["success"]:
        raise LabError(f"{root / 'solutions' / lab}: nbgrader could not generate this lab.\n{result['log']}")


def find_tools() -> None:
    """Let nbgrader find the commands it starts by name (alembic), also where no environment is activated.

    For each new gradebook it would start one, for seconds, to ask for a version that can be read here.
    """
    import nbgrader.api

    nbgrader.api.get_alembic_version = gradebook_version
    here = str(Path(sys.executable).parent)
    if here not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = here + os.pathsep + os.environ["PATH"]


def gradebook_version() -> str:
    """The version of nbgrader's gradebook: what `alembic heads` says of it."""
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    return ScriptDirectory(ALEMBIC_DIR).get_current_head()


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m logitlab.authoring", description=__doc__.split("\n")[0])
    parser.add_argument("action", choices=("check", "solutions", "labs"))
    parser.add_argument("names", nargs="*", metavar="LAB", help="for example 01_softmax")
    options = parser.parse_args(arguments)
    root = Path.cwd()
    try:
        if options.action == "solutions":
            write_solutions(root, options.names)
        elif options.action == "labs":
            write_labs(root, options.names)
        else:
            for path in labs(root, options.names):
                check(path)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
