"""What of a learner's work a page may show: graded notebooks are opened by instructors, in their browsers."""

from __future__ import annotations

import base64
import binascii

import nbformat
from bleach import ALLOWED_TAGS
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from nbformat.v4 import new_output

_TEXT = {"text/plain", "text/html", "text/latex", "application/json"}
_IMAGES = {"image/png", "image/jpeg"}
_TAGS = [*ALLOWED_TAGS, *"p br hr h1 h2 h3 h4 h5 h6 pre div span sub sup details summary".split()]
_TAGS += "table caption thead tbody tr th td".split()
_sanitizer = SanitizeHTML(tags=_TAGS, attributes={"*": ["style", "scope"]})


def error(name: str, text: str) -> NotebookNode:
    """An error as an output, without a traceback."""
    return new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])


def clean_output(output: NotebookNode) -> NotebookNode:
    """An output that a notebook can hold and a page can show; scripts and what a kernel forged are left out."""
    if "data" in output:
        data = {kind: content for kind, content in output.data.items() if kind in _TEXT or _is_image(kind, content)}
        # Its metadata would stand in the page as attributes.
        output.data, output.metadata = NotebookNode(data), NotebookNode()
    try:
        nbformat.validate(output, ref="output", version=4)
    except nbformat.ValidationError:
        return error("NoOutput", "an output that is none of Jupyter's was left out")
    return _sanitizer.sanitize_code_outputs([output])[0]


def clean_text(source: str) -> str:
    """Markdown that a learner wrote, with the HTML in it made harmless, and no links, which may be scripts."""
    return _sanitizer.sanitize_html_tags(source).replace("](", "] (").replace("]:", "] :")


def _is_image(kind: str, content: object) -> bool:
    """Whether it is a picture in base64, and nothing that could end the attribute it will stand in."""
    if kind not in _IMAGES or not isinstance(content, str):
        return False
    try:
        base64.b64decode(content.replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
