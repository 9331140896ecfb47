"""Markdown as HTML whose mathematics is MathML: nbconvert's Markdown, with formulas typeset beforehand.

A browser typesets MathML by itself, so a page needs no script for its formulas and no network.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

FUNCTIONS = ("log", "max", "min", "softmax", "relu")


@dataclass(frozen=True)
class Heading:
    """A heading of a page: its level, 1 to 6, the anchor to link to, and its words as HTML."""

    level: int
    anchor: str
    html: str


def anchor(html: str) -> str:
    """The words of a heading as an anchor: "1. What softmax does" -> "1-what-softmax-does"."""
    words = unescape(re.sub(r"<[^>]*>", "", html)).lower()
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")


def mathml(latex: str, display: str = "inline") -> str:
    """A formula as MathML. display: "inline" or "block".

    latex2mathml finds the structure. What it leaves to be wished for is mended here: words are one word, not
    letters; functions stand apart from their arguments; a sign, a bar or an infinity is not spaced like a plus.
    """
    words = re.sub(r"\\(?:mathrm|operatorname)\{(\w{2,})\}", r"\\text{\1}", latex.strip())
    math = convert_to_element(words, display=display)
    for element in math.iter():
        element.text = unescape(element.text or "") or None
        _name_what_is_no_operator(element)
    for element in list(math.iter()):
        _set_apart_functions(element)
        _turn_signs_and_bars(element)
    return tostring(math, encoding="unicode")


def _name_what_is_no_operator(element: Element) -> None:
    if element.tag == "mo" and element.text in ("∞", "∂", "max", "min"):
        element.tag = "mi"
        # A single letter would be set in italics.
        element.attrib = {} if len(element.text) > 1 else {"mathvariant": "normal"}


def _set_apart_functions(row: Element) -> None:
    # A thin space between a function and its neighbours, as in "y log p", but not before a parenthesis.
    if row.tag not in ("mrow", "mtd"):
        return
    for left, right in reversed(list(zip(row, row[1:], strict=False))):
        names = (left.text in FUNCTIONS, right.text in FUNCTIONS)
        if any(names) and left.tag != "mo" and right.tag not in ("mo", "mspace") and left.tag != "mspace":
            row.insert(list(row).index(right), Element("mspace", width="0.167em"))


def _turn_signs_and_bars(row: Element) -> None:
    # Bars come in pairs. A minus that follows nothing, or an operator, is a sign.
    bars, before = 0, None
    for element in row:
        if element.tag == "mo" and element.text == "|":
            element.set("form", ("prefix", "postfix")[bars % 2])
            bars += 1
        elif element.tag == "mo" and element.text == "−":
            after_operator = before is not None and before.tag == "mo" and before.text not in (")", "|", "]")
            if before is None or after_operator:
                element.set("form", "prefix")
        if element.tag != "mspace":
            before = element


class _Renderer(IPythonRenderer):
    def __init__(self) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self.headings: list[Heading] = []

    def heading(self, text: str, level: int, **_: object) -> str:
        self.headings.append(Heading(level, anchor(text), text))
        return f'<h{level} id="{anchor(text)}">{text}</h{level}>\n'

    def table(self, text: str) -> str:
        # What is wide scrolls in its own frame; the page does not.
        return f'<div class="wide"><table>{text}</table></div>\n'

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def block_math(self, body: str) -> str:
        return f'<span class="wide">{mathml(body, "block")}</span>'


class _Lenient(_Renderer):
    """For what learners write: what is no formula stays as it was typed."""

    def inline_math(self, body: str) -> str:
        return self._or_as_typed(super().inline_math, body, "$")

    def block_math(self, body: str) -> str:
        return self._or_as_typed(super().block_math, body, "$$")

    def _or_as_typed(self, typeset: Callable[[str], str], body: str, mark: str) -> str:
        try:
            return typeset(body)
        except Exception:  # latex2mathml raises many kinds
            return escape(f"{mark}{body}{mark}")


def render(markdown: str) -> tuple[str, list[Heading]]:
    """Markdown with LaTeX between dollars -> HTML with MathML, and the headings in it."""
    return _render(_Renderer(), markdown)


def markdown2html(source: str) -> str:
    """The filter of this name for nbconvert's and nbgrader's pages, which then need no network for formulas."""
    return _render(_Lenient(), source)[0]


def _render(renderer: _Renderer, markdown: str) -> tuple[str, list[Heading]]:
    html = MarkdownWithMath(renderer=renderer).render(markdown)
    # A browser may begin a line with what follows a formula, even a comma.
    html = re.sub(r"\(?<math [^>]*>((?!</math>).)*</math>[.,:;!?)]+", r'<span class="whole">\g<0></span>', html)
    return html, renderer.headings
