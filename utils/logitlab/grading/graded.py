"""What a graded notebook tells besides its scores: states, remarks, and the verdicts of its checks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from logitlab.checks.score import MIMETYPE
from logitlab.grading.states import State

METADATA = "logitlab"


@dataclass(frozen=True)
class Graded:
    """A graded notebook.

    state: that of the submission; None if there is no graded notebook, or one of plain nbgrader's.
    remarks: sentences about what was repaired, left out or went wrong. cells: the cells of nbgrader's,
    as JSON, by their grade_id. digest: tells what exactly was graded, and by which checks.
    """

    state: State | None = None
    remarks: list[str] = field(default_factory=list)
    cells: dict[str, dict] = field(default_factory=dict)
    digest: str | None = None

    def cell_state(self, name: str) -> State | None:
        """The state of a graded cell."""
        return _state(self.cells.get(name, {}).get("metadata", {}))

    def verdict(self, name: str) -> dict | None:
        """The data that a check left in the output of its cell; None if it left none, as for a right answer."""
        for output in self.cells.get(name, {}).get("outputs", []):
            data = output.get("data", {}).get(MIMETYPE)
            if data is not None:
                return data
        return None

    @property
    def odd_cells(self) -> dict[str, State]:
        """The graded cells that ended in another way than being graded, and how."""
        states = {name: self.cell_state(name) for name in self.cells}
        return {name: state for name, state in states.items() if state not in (None, State.GRADED)}


def read(root: Path, student: str, lab: str) -> Graded:
    """A learner's graded notebook; an empty one if there is none that can be read."""
    path = root / "autograded" / student / lab / f"{lab}.ipynb"
    try:
        nb = json.loads(path.read_bytes())
        cells = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in nb["cells"] if _is_nbgraders(cell)}
        mark = nb["metadata"].get(METADATA, {})
        return Graded(_state(nb["metadata"]), list(mark.get("remarks", [])), cells, mark.get("digest"))
    except (OSError, ValueError, KeyError, TypeError):
        return Graded()


def _is_nbgraders(cell: dict) -> bool:
    return "grade_id" in cell["metadata"].get("nbgrader", {})


def _state(metadata: dict) -> State | None:
    try:
        return State(metadata[METADATA]["state"])
    except (KeyError, ValueError):
        return None
