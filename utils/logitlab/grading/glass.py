"""The glass between a check and an answer: what passes is plain data, whatever stands on the other side.

A value is written as JSON and a list of `.npy` buffers. Arrays of numbers, truth values and text pass;
so do numbers, strings, None, lists and tuples of these, NumPy's number types, and a `Recipe`. A model or a
function stays where it is, and a number stands for it. Nothing is ever pickled or evaluated.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import fields

import numpy as np

from logitlab.checks.answers import Answer, Model, NotData, Seen
from logitlab.models import Recipe

MAX_BYTES = 64 << 20  # of all buffers of a message together
MAX_NODES = 5000
MAX_DEPTH = 8
MAX_TEXT = 2000  # characters of an error's message, or of a string
MAX_HANDLES = 1000
_KINDS = "biufU"


class GlassError(ValueError):
    """A message holds something that does not pass."""


def encode(value: object, buffers: list[bytes], refer: Callable[[object], int]) -> object:
    """A value as JSON, its arrays appended to `buffers`. Raises GlassError for what does not pass.

    refer: gives the number that stands for a model or a function.
    """
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in _KINDS:
            raise GlassError(f"an array of type {value.dtype} does not pass")
        stream = io.BytesIO()
        np.lib.format.write_array(stream, np.ascontiguousarray(value).reshape(value.shape), allow_pickle=False)
        buffers.append(stream.getvalue())
        return {"array": len(buffers) - 1}
    if value is None or isinstance(value, bool | str | int):
        return {"plain": value}
    if isinstance(value, float):
        return {"float": float(value).hex()}  # JSON has no infinity
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [encode(part, buffers, refer) for part in value]}
    if isinstance(value, type) and issubclass(value, np.generic):
        return {"dtype": np.dtype(value).name}
    if isinstance(value, Recipe):
        parts = {field.name: getattr(value, field.name) for field in fields(Recipe)}
        return {"recipe": {name: encode(part, buffers, refer) for name, part in parts.items()}}
    if isinstance(value, Model | Answer):
        return {"model" if isinstance(value, Model) else "function": refer(value)}
    raise GlassError(f"a {type(value).__name__} does not pass")


def decode(node: object, buffers: Sequence, make: dict[str, Callable[[int], object]]) -> object:
    """The value that was encoded. Raises GlassError for anything that `encode` would not have written.

    make: for "model" and "function", what to put in the place of the number that stands for one.
    """
    if sum(len(memoryview(buffer)) for buffer in buffers) > MAX_BYTES:
        raise GlassError(f"more than {MAX_BYTES >> 20} MB came back")
    budget = [MAX_NODES]
    try:
        return _decode(node, buffers, make, budget, MAX_DEPTH)
    except GlassError:
        raise
    except Exception as error:  # whatever NumPy stumbles over
        raise GlassError(f"a malformed message came back ({type(error).__name__})") from error


def _decode(node: object, buffers: Sequence, make: dict, budget: list[int], depth: int) -> object:
    budget[0] -= 1
    if budget[0] < 0 or depth < 0:
        raise GlassError("more parts came back than pass")
    ((kind, content),) = node.items()
    if kind == "array":
        return _array(buffers[content])
    if kind == "plain":
        if not isinstance(content, bool | int | str | None) or isinstance(content, str) and len(content) > MAX_TEXT:
            raise GlassError("a text came back that is too long")
        return content
    if kind == "float":
        return float.fromhex(content)
    if kind in ("list", "tuple"):
        parts = [_decode(part, buffers, make, budget, depth - 1) for part in content]
        return parts if kind == "list" else tuple(parts)
    if kind == "dtype":
        dtype = np.dtype(str(content))
        if dtype.kind not in _KINDS:
            raise GlassError(f"the type {dtype} does not pass")
        return dtype.type
    if kind == "recipe":
        return Recipe(**{name: _decode(part, buffers, make, budget, depth - 1) for name, part in content.items()})
    if kind in make and type(content) is int:
        return make[kind](content)
    raise GlassError("something came back that does not pass")


def _array(buffer: object) -> np.ndarray:
    """An array from its .npy form; the header is judged before anything is read."""
    stream = io.BytesIO(memoryview(buffer))
    if np.lib.format.read_magic(stream) != (1, 0):
        raise GlassError("an array came back in another format than .npy 1.0")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.kind not in _KINDS or dtype.hasobject or dtype.subdtype or dtype.names:
        raise GlassError(f"an array of type {dtype} does not pass")
    if len(shape) > MAX_DEPTH or any(not 0 <= n <= MAX_BYTES for n in shape):
        raise GlassError("an array of a shape that does not pass came back")
    if math.prod(shape) * dtype.itemsize != len(stream.getbuffer()) - stream.tell():
        raise GlassError("an array came back whose size is not what it says")
    stream.seek(0)
    return np.lib.format.read_array(stream, allow_pickle=False)


class Responder:
    """The kernel's side: answers a check's questions about what a notebook has defined."""

    def __init__(self, names: dict[str, object]):
        self._names = names
        self._handles: list[object] = []

    def _refer(self, handle: object) -> int:
        if len(self._handles) >= MAX_HANDLES:
            raise GlassError("too many models and functions came back")
        self._handles.append(handle)
        return len(self._handles) - 1

    def answer(self, content: dict, buffers: Sequence) -> tuple[dict, list[bytes]]:
        """What became of one request: what was seen, as JSON and buffers. Never raises."""
        out: list[bytes] = []
        try:
            seen = self._ask(content, buffers)
            reply = {
                "value": None if seen.error else encode(seen.value, out, self._refer),
                "error": None if seen.error is None else list(seen.error),
                # Only arrays and lists can have changed.
                "arguments": [
                    encode(argument if isinstance(argument, np.ndarray | list) else None, out, self._refer)
                    for argument in seen.arguments
                ],
            }
            if sum(map(len, out)) > MAX_BYTES:
                raise GlassError(f"the result is larger than {MAX_BYTES >> 20} MB")
            return reply, out
        except BaseException as error:  # an interrupt, too, is an answer
            return {"value": None, "error": [type(error).__name__, str(error)[:MAX_TEXT]], "arguments": []}, []

    def _ask(self, content: dict, buffers: Sequence) -> Seen:
        target = content["target"]
        if isinstance(target, str):
            if target not in self._names:
                return Seen(error=("NameError", f"name {target!r} is not defined"))
            answer = self._names[target]
            if not callable(answer):
                return Seen(error=(NotData.__name__, f"{target} is a {type(answer).__name__}, not a function"))
            answer = Answer(answer)
        else:
            answer = self._handles[target]
        make = {"model": lambda number: self._handles[number], "function": lambda number: self._handles[number]}
        arguments = decode(content["arguments"], buffers, make)
        return getattr(answer, content["do"])(*arguments, **content["options"])
