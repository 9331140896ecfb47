"""What `logitlab grade` says while it works: a line per submission, and on a terminal a bar."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from logitlab.grading.graded import Graded, read
from logitlab.grading.states import State

_FINE = (State.GRADED, State.TIMED_OUT)  # of an exercise: a verdict, even if an unfinished one
FAILED = "not graded"


class Progress:
    """Of the grading of a lab. waiting: the learners whose submission a person should look at."""

    def __init__(self, root: Path, lab: str, total: int):
        self._root, self._lab = root, lab
        self.waiting: list[str] = []
        self._skipped = 0
        self._states: Counter[str] = Counter()
        self._bar = tqdm(total=total, unit=" submissions", disable=None, dynamic_ncols=True, leave=False)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *failure: object) -> None:
        self._bar.close()
        if self._skipped:
            self._say(f"{self._skipped} unchanged since they were graded (--force grades them again)")

    def skipped(self, student: str) -> None:
        """One that was graded earlier."""
        self._skipped += 1
        self._bar.total -= 1
        self._bar.refresh()
        self._look(student, None)

    def ended(self, student: str, error: str | None) -> None:
        """One that was graded now, or with what went wrong on our side."""
        seen = self._look(student, error)
        state = FAILED if error else seen.state or FAILED
        self._states[str(state)] += 1
        self._bar.set_postfix_str(", ".join(f"{state} {count}" for state, count in self._states.items()), refresh=False)
        self._bar.update()
        self._say(f"[{self._states.total()}/{self._bar.total}] {student}: {state}")
        for remark in seen.remarks:
            self._say(f"    {remark}")
        for name, cell in seen.odd_cells.items() if seen.state is State.GRADED else ():
            self._say(f"    {name.removeprefix('check_')}: {cell}")
        if error:
            tqdm.write(error, file=sys.stderr)

    def _look(self, student: str, error: str | None) -> Graded:
        seen = read(self._root, student, self._lab)
        if error or seen.state is not State.GRADED or not all(state in _FINE for state in seen.odd_cells.values()):
            self.waiting.append(student)
        return seen

    def _say(self, line: str) -> None:
        tqdm.write(line, file=sys.stdout)
