"""The pages: text and code from labs/, outputs from solutions/, so that no answer can come along.

nbconvert walks through the cells; the templates are ours. Those of nbconvert load MathJax and RequireJS from the
network, carry 300 KB of style, and have no list of contents.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode

from logitlab import authoring
from logitlab.authoring import LabError
from logitlab.markdown import Heading, render
from logitlab.plots.softmax import REGION
from logitlab.plots.style import COLORS, HATCHES
from logitlab.site.figures import TEXTS
from logitlab.site.questions import QUESTIONS, Question

HERE = Path(__file__).parent
# The one figure that moves without a kernel: its lab, its cell, and what static/softmax.js has to know.
LIVE_LAB, LIVE_CELL = "01_softmax", "explore"
LIVE = {"start": [1, 2, 3, 4], "region": REGION, "colors": COLORS[:4], "hatches": HATCHES[:4]}


@dataclass(frozen=True)
class Figure:
    """A figure of a page: what it shows, whether sliders move it in the notebook, and here."""

    text: str
    sliders: bool = False
    live: dict | None = None


@dataclass
class Page:
    """What the template of a lab needs besides the notebook. html and figures are by cell."""

    lab: str
    html: dict[str, str]
    headings: list[Heading]
    figures: dict[str, Figure]
    before: Page | None = field(default=None, repr=False)
    after: Page | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """The lab's title, without the mark-up."""
        return self.headings[0].html

    @property
    def script(self) -> str | None:
        """The script that the page loads, if it has something that moves."""
        return "softmax.js" if any(figure.live for figure in self.figures.values()) else None


def to_read(blank: NotebookNode, solved: NotebookNode, name: str) -> NotebookNode:
    """The learner's copy of a lab, with the outputs of those cells of the solution that are the same in both.

    So a cell with an answer shows what the learner gets, and no output. Raises LabError if labs/ is not what
    solutions/ generates.
    """
    others = {cell.id: cell for cell in solved.cells}
    for cell in blank.cells:
        other = others.get(cell.id)
        if other is None or ("nbgrader" not in cell.metadata and cell.source != other.source):
            raise LabError(f"labs/{name}: cell {cell.id!r} is not what solutions/ has. Run: make labs LAB={name}")
        if cell.cell_type == "code":
            cell.outputs = [] if "nbgrader" in cell.metadata else other.outputs
    if len(blank.cells) != len(solved.cells):
        raise LabError(f"labs/{name}: it has not the cells of solutions/. Run: make labs LAB={name}")
    return blank


def page_of(lab: str, nb: NotebookNode) -> Page:
    """What stands on the page of a lab. Raises LabError if a figure has no text, or an output is no figure."""
    html, headings, figures = {}, [], {}
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            html[cell.id], found = render(cell.source)
            headings += found
            continue
        for output in cell.outputs:
            if output.output_type == "display_data":
                if "image/png" not in output.data:
                    raise LabError(f"{lab}: cell {cell.id!r} displays what the pages cannot show. They show figures.")
                figures[cell.id] = _figure(lab, cell.id, output.data["text/plain"])
    return Page(lab, html, headings, figures)


def _figure(lab: str, cell: str, plain: str) -> Figure:
    if not plain.startswith("<Figure"):
        return Figure(plain, sliders=True, live=LIVE if (lab, cell) == (LIVE_LAB, LIVE_CELL) else None)
    if cell not in TEXTS.get(lab, {}):
        raise LabError(f"{lab}: the figure of cell {cell!r} has no text. Describe it in logitlab/site/figures.py.")
    return Figure(TEXTS[lab][cell])


def questions(pages: list[Page]) -> list[tuple[Question, list[tuple[str, str, str]]]]:
    """Each question with its places: address, name of the lab, heading. Raises LabError if a place is not there."""
    known = {f"{page.lab}#{heading.anchor}": heading for page in pages for heading in page.headings}
    names = {page.lab: page.title.split(":")[0] for page in pages}
    found = []
    for question in QUESTIONS:
        missing = [place for place in question.places if place not in known]
        if missing:
            raise LabError(f"{question.asks!r} is settled in {missing[0]}, says logitlab/site/questions.py: not found.")
        places = [
            (f"{lab}.html#{anchor}", names[lab], known[f"{lab}#{anchor}"].html)
            for lab, anchor in (place.split("#") for place in question.places)
        ]
        found.append((question, places))
    return found


@cache
def _exporter() -> TemplateExporter:
    templates = [str(HERE / "templates")]
    return TemplateExporter(template_name="course", template_file="lab.html.j2", extra_template_basedirs=templates)


def lab_html(nb: NotebookNode, page: Page) -> str:
    """The page of a lab as HTML."""
    return _exporter().from_notebook_node(nb, {"page": page})[0]


def home_html(pages: list[Page]) -> str:
    """The landing page as HTML. Raises LabError if a question is settled nowhere."""
    template = _exporter().environment.get_template("home.html.j2")
    return template.render(pages=pages, questions=questions(pages), live=f"{LIVE_LAB}.html#cell-{LIVE_CELL}")


def write(root: Path, target: Path) -> None:
    """Write the pages of the course in `root` into `target`. Raises LabError."""
    notebooks = {}
    for path in authoring.labs(root):
        lab = path.parent.name
        blank = authoring.read(authoring.notebook_path(root / "labs" / lab))
        notebooks[lab] = to_read(blank, authoring.read(path), lab)
    pages = [page_of(lab, nb) for lab, nb in notebooks.items()]
    for before, after in zip(pages, pages[1:], strict=False):
        before.after, after.before = after, before
    shutil.copytree(HERE / "static", target, dirs_exist_ok=True)
    (target / "index.html").write_text(home_html(pages), "utf-8")
    for page in pages:
        (target / f"{page.lab}.html").write_text(lab_html(notebooks[page.lab], page), "utf-8")
