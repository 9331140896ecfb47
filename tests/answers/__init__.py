"""Answers to the graded exercises, right and wrong, a module per lab; each says what it must earn.

A module's functions stand on their own, with their imports inside, so that their source can be put
into a notebook.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass

MODULES = {
    "01_softmax": "softmax",
    "02_argmax": "argmax",
    "03_relu": "relu",
    "04_stability": "stability",
    "05_keras": "keras_pairs",
    "06_binary": "binary",
    "07_calibration": "calibration",
    "08_error_analysis": "error_analysis",
    "09_digits": "digits",
}


@dataclass(frozen=True)
class Case:
    """An answer: to which exercise, by which function, the points it earns and the ideas it shows."""

    exercise: str
    function: Callable
    earns: float | None
    ideas: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.exercise}-{self.function.__name__}"

    @property
    def is_right(self) -> bool:
        return self.earns is None

    @property
    def source(self) -> str:
        """The answer as the text of a notebook cell."""
        text = inspect.getsource(self.function)
        return f"{text[text.index('def ') :]}\n\n{self.exercise} = {self.function.__name__}"


def right(exercise: str) -> Callable:
    """Mark a function as an answer that earns all points."""
    return lambda function: _keep(Case(exercise, function, None, ()))


def wrong(exercise: str, earns: float, *ideas: str) -> Callable:
    """Mark a function as an answer that earns this much and shows exactly these wrong ideas."""
    return lambda function: _keep(Case(exercise, function, earns, ideas))


def _keep(case: Case) -> Callable:
    module = inspect.getmodule(case.function)
    module.__dict__.setdefault("CASES", []).append(case)
    return case.function


def cases(lab: str) -> list[Case]:
    """All answers to the exercises of a lab."""
    return importlib.import_module(f"answers.{MODULES[lab]}").CASES


def check(lab: str, exercise: str) -> Callable:
    """The check of an exercise of a lab."""
    return getattr(importlib.import_module(f"logitlab.checks.{MODULES[lab]}"), exercise)


ALL = [(lab, case) for lab in MODULES for case in cases(lab)]
