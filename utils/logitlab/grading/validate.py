"""nbgrader's Validate, made to say what the check says.

Its own words for a cell without full points are "passed some but not all of the tests", for a blank answer too.
`install` puts this where nbgrader's command and JupyterLab's Validate button look; nbgrader_config.py calls it.
"""

from __future__ import annotations

from textwrap import fill

import nbgrader.apps.validateapp
import nbgrader.server_extensions.validate_assignment.handlers as button
from nbformat import NotebookNode
from nbgrader.validator import Validator as PlainValidator

from logitlab.checks.score import MIMETYPE, Line, Score

WIDTH = 80


def install() -> None:
    """Make this the validator of every nbgrader command and server in this process."""
    nbgrader.apps.validateapp.Validator = Validator
    button.Validator = Validator


class Validator(PlainValidator):
    """Tells a learner who asks for it before handing in what each check has found."""

    def _extract_error(self, cell: NotebookNode) -> str:
        told = [output.data[MIMETYPE] for output in cell.get("outputs", []) if MIMETYPE in output.get("data", {})]
        return "\n".join(map(_text, told)) or super()._extract_error(cell)


def _text(data: dict) -> str:
    """A score's table as text, from its data, in lines that the button's dialog and the command show whole."""
    lines = tuple(Line(**line) for line in data["lines"])
    text = str(Score(data["exercise"], lines, data["seed"], data["unanswered"]))
    return "\n".join(fill(line, WIDTH, subsequent_indent=" " * 7) for line in text.splitlines())
