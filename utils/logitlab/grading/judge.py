"""The judge: a grading cell, executed here, about an answer that lives in a kernel.

The cell's source is the author's. Names that the author imports from the checks are what they are; every
other name is a handle to the kernel. What the learner's code does to its own process cannot reach the verdict.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_output

from logitlab.checks.answers import Answer, Model, NotData, Seen
from logitlab.checks.score import Score
from logitlab.grading.glass import MAX_TEXT, GlassError, decode, encode

JUDGE_IMPORTS = ("logitlab.checks", "numpy", "math")

Send = Callable[[dict, list[bytes]], tuple[dict, list] | tuple[str, str]]
"""Sends a request's content and buffers to the kernel; gives the reply's, or the name and message of an error."""


class Glass:
    """Asks a kernel questions, and lets plain data through."""

    def __init__(self, send: Send):
        self._send = send

    def answer(self, name: str) -> Answer:
        """A handle of what the notebook calls by this name."""
        return _Far(self, name)

    def ask(self, target: str | int, do: str, arguments: tuple, options: dict) -> Seen:
        """What is seen when the kernel does this with what the target names. Never raises."""
        buffers: list[bytes] = []
        content = {
            "target": target,
            "do": do,
            "arguments": encode(arguments, buffers, lambda handle: handle.target),
            "options": options,
        }
        got = self._send(content, buffers)
        if isinstance(got[0], str):
            return Seen(error=got, arguments=arguments)
        try:
            return self._seen(*got, arguments)
        except GlassError as error:
            return Seen(error=(NotData.__name__, str(error)), arguments=arguments)

    def _seen(self, reply: dict, buffers: list, arguments: tuple) -> Seen:
        make = {"model": lambda number: _FarModel(self, number), "function": lambda number: _Far(self, number)}
        try:
            error, value, after = reply["error"], reply["value"], reply["arguments"]
        except (TypeError, KeyError) as missing:
            raise GlassError("a malformed reply came back") from missing
        after = self._after(after, buffers, arguments)
        if error is not None:
            name, message = error if isinstance(error, list) and len(error) == 2 else ("Error", "")
            return Seen(error=(str(name)[:100], str(message)[:MAX_TEXT]), arguments=after)
        value = decode(value, buffers, make)
        parts = value if isinstance(value, tuple) else (value,)
        if not isinstance(value, np.ndarray | tuple | Model | Answer) or (
            isinstance(value, tuple) and not all(isinstance(part, np.ndarray) for part in parts)
        ):
            raise GlassError("what came back is not an array of numbers")
        return Seen(value=value, arguments=after)

    def _after(self, nodes: object, buffers: list, arguments: tuple) -> tuple:
        """The arguments as they stood after the call; those that cannot have changed are the ones that were sent."""
        if not isinstance(nodes, list) or len(nodes) != len(arguments):
            return arguments
        after = (decode(node, buffers, {}) for node in nodes)
        return tuple(sent if got is None else got for sent, got in zip(arguments, after, strict=True))


class _Far(Answer):
    """A function on the other side."""

    def __init__(self, glass: Glass, target: str | int):
        self._glass, self.target = glass, target

    def call(self, *arguments: object, times: int = 1) -> Seen:
        return self._glass.ask(self.target, "call", arguments, {"times": times})

    def __call__(self, *arguments: object) -> object:
        """Call it as a grading cell may do that uses no check. Raises what the function raised, by name."""
        seen = self.call(*arguments)
        if seen.error is not None:
            raise RuntimeError(": ".join(seen.error))
        return seen.value


class _FarModel(Model):
    """A model on the other side."""

    def __init__(self, glass: Glass, target: int):
        self._glass, self.target = glass, target

    def predict(self, X: np.ndarray) -> Seen:
        return self._glass.ask(self.target, "predict", (X,), {})

    def compute_loss(self, y: np.ndarray, y_pred: np.ndarray) -> Seen:
        return self._glass.ask(self.target, "compute_loss", (y, y_pred), {})

    def fit(self, X: np.ndarray, y: np.ndarray, epochs: int, batch_size: int) -> Seen:
        return self._glass.ask(self.target, "fit", (X, y), {"epochs": epochs, "batch_size": batch_size})


def imports(solution: Path) -> str:
    """What the author's notebook imports that a grading cell may use, as source."""
    lines = []
    for cell in nbformat.read(solution, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        for node in ast.parse(cell.source).body:
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if modules and all(module.startswith(JUDGE_IMPORTS) for module in modules):
                lines.append(ast.unparse(node))
    return "\n".join(lines)


class _Names(dict):
    """The names of a grading cell: what is not known here is in the kernel."""

    def __init__(self, glass: Glass):
        super().__init__()
        self._glass = glass

    def __missing__(self, name: str) -> object:
        return getattr(builtins, name) if hasattr(builtins, name) else self._glass.answer(name)


def judge(source: str, prelude: str, glass: Glass) -> list[NotebookNode]:
    """Execute a grading cell and give its outputs, as a kernel would: the value of its last line, or an error.

    source: the author's cell. prelude: the `imports` of its notebook.
    """
    names = _Names(glass)
    try:
        exec(prelude, names)
        body = ast.parse(source).body
        last = ast.Expression(body.pop().value) if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), "<grading cell>", "exec"), {}, names)
        value = None if last is None else eval(compile(last, "<grading cell>", "eval"), {}, names)
    except Exception as error:
        line = f"{type(error).__name__}: {str(error)[:MAX_TEXT]}"
        return [new_output("error", ename=type(error).__name__, evalue=str(error)[:MAX_TEXT], traceback=[line])]
    if value is None:
        return []
    data = value._repr_mimebundle_() if isinstance(value, Score) else {"text/plain": repr(value)}
    return [new_output("execute_result", data=data, execution_count=None)]
