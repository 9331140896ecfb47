"""The verdict of a check: a number that shows itself as a table."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from html import escape

MIMETYPE = "application/vnd.logitlab.score+json"
UNANSWERED = "Replace `raise NotImplementedError()` in the cell above by your answer, then run both cells."
LEFT = "text-align:left; vertical-align:top; padding:2px 8px; color:inherit"


@dataclass(frozen=True)
class Line:
    """One question and what became of it.

    asks: the question in words. points: what it is worth; earned: what the answer got.
    given: the arguments in words, where `asks` does not name them because they are random.
    came_back: what the answer gave, in words. reason: why that is not right. idea: the name of the
    wrong idea it shows, and hint: the sentence about it. The last five are empty where they do not apply.
    """

    asks: str
    points: float
    earned: float
    given: str = ""
    came_back: str = ""
    reason: str = ""
    idea: str = ""
    hint: str = ""


class Score(float):
    """The points an answer earned.

    As a float it is what nbgrader reads from a grading cell: `repr` is the bare number. In a notebook
    it shows a table; `str` gives the same table as text. The data behind it travels along under
    `MIMETYPE`, for whoever counts wrong ideas over a class.
    """

    exercise: str
    lines: tuple[Line, ...]
    seed: int
    unanswered: bool
    section: str

    def __new__(cls, exercise: str, lines: tuple[Line, ...], seed: int, unanswered: bool = False, section: str = ""):
        """Add up what the lines earned."""
        score = super().__new__(cls, sum(line.earned for line in lines))
        score.exercise = exercise
        score.lines = tuple(lines)
        score.seed = seed
        score.unanswered = unanswered
        score.section = section
        return score

    @property
    def points(self) -> float:
        """What a right answer earns."""
        return sum(line.points for line in self.lines)

    @property
    def ideas(self) -> tuple[str, ...]:
        """The names of the wrong ideas that were recognised, each once, in order."""
        return tuple(dict.fromkeys(line.idea for line in self.lines if line.idea))

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        if self.unanswered:
            return f"{self.exercise}: not answered yet, 0 of {self.points:g} points"
        verdict = "all right" if self == self.points else "not all right yet"
        return f"{self.exercise}: {float(self):g} of {self.points:g} points, {verdict}"

    @property
    def again(self) -> str:
        """How to ask the very same questions again."""
        return f"check.{self.exercise}({self.exercise}, seed={self.seed})"

    def data(self) -> dict:
        """The verdict as plain data."""
        return {
            "exercise": self.exercise,
            "earned": float(self),
            "points": self.points,
            "seed": self.seed,
            "unanswered": self.unanswered,
            "lines": [asdict(line) for line in self.lines],
        }

    def __repr__(self) -> str:
        return repr(float(self))

    def __reduce__(self):
        return Score, (self.exercise, self.lines, self.seed, self.unanswered, self.section)

    def _stories(self) -> list[tuple[Line, list[str], str]]:
        """Each line with what is told about it; a hint is given where its idea first shows."""
        told: set[str] = set()
        stories = []
        for line in self.lines:
            parts = [part for part in (self._seen(line), line.reason) if part]
            hint = line.hint if line.idea not in told else f"The same again: {line.idea}."
            told |= {line.idea} if line.idea else set()
            stories.append((line, parts, hint))
        return stories

    def _seen(self, line: Line) -> str:
        """The learner's own numbers: what was given, if that is not told already, and what came back."""
        if not line.came_back:
            return f"Given {line.given}." if line.given else ""
        subject = f"For {line.given} your" if line.given else "Your"
        return f"{subject} {self.exercise} gave {line.came_back}."

    @property
    def _foot(self) -> list[str]:
        """Where to read on, and how to ask again; nothing for a right answer."""
        if self == self.points:
            return []
        where = [f"What you need is in section {self.section} of the lab."] if self.section else []
        return [*where, f"The same questions again: {self.again}"]

    def __str__(self) -> str:
        if self.unanswered:
            return f"{self.headline}\n{UNANSWERED}"
        text = [self.headline]
        for line, parts, hint in self._stories():
            text.append(f"{_mark(line)} {line.earned:g}/{line.points:g}  {line.asks}")
            text.extend(f"       {part}" for part in (*parts, hint) if part)
        text.extend(self._foot)
        return "\n".join(text)

    def _repr_html_(self) -> str:
        if self.unanswered:
            return f"<p><strong>{escape(self.headline)}</strong><br>{_html(UNANSWERED)}</p>"
        rows = "".join(_row(*story) for story in self._stories())
        foot = "".join(f"<br>{escape(line)}" for line in self._foot)
        return (
            f'<table style="{LEFT}"><caption style="{LEFT}"><strong>{escape(self.headline)}</strong></caption>'
            f'<thead><tr><th scope="col" style="{LEFT}">Result</th><th scope="col" style="{LEFT}">Points</th>'
            f'<th scope="col" style="{LEFT}">What was asked, and what came back</th></tr></thead>'
            f"<tbody>{rows}</tbody></table><p>{foot.removeprefix('<br>')}</p>"
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        bundle = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if self != self.points:
            # A right answer carries no news, and its seed would differ from run to run.
            bundle[MIMETYPE] = self.data()
        return bundle


def _mark(line: Line) -> str:
    return "✓ right" if line.earned == line.points else "✗ wrong"


def _html(text: str) -> str:
    """Our own words as HTML: what stands between backticks is code."""
    return re.sub("`(.+?)`", r"<code>\1</code>", escape(text))


def _row(line: Line, parts: list[str], hint: str) -> str:
    told = "".join(f"<br>{escape(part)}" for part in parts)
    told += f"<br><strong>{_html(hint)}</strong>" if hint else ""
    return (
        f'<tr><td style="{LEFT}; white-space:nowrap">{_mark(line)}</td>'
        f'<td style="{LEFT}; white-space:nowrap">{line.earned:g} of {line.points:g}</td>'
        f'<td style="{LEFT}">{escape(line.asks)}{told}</td></tr>'
    )
