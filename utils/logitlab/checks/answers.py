"""How a check touches an answer: it calls a function, or it asks a model. Plain data comes back.

`Answer` and `Model` reach what lives in this process. Whatever offers the same methods can stand in
for them, so a check does not know where the answer lives.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from logitlab.models import Recipe
from logitlab.quiet import quietly


@dataclass(frozen=True)
class Seen:
    """What came back from one question.

    value: a NumPy array, a tuple of arrays whose shapes differ, the `Model` or, as an `Answer`, the
        function that was returned; None if there was an error.
    error: name and message of what was raised, or None.
    arguments: the arguments as they stood after the call.
    """

    value: object = None
    error: tuple[str, str] | None = None
    arguments: tuple = ()

    @property
    def unanswered(self) -> bool:
        """Whether the answer is still the blank that the lab came with."""
        return self.error is not None and self.error[0] == "NotImplementedError"

    @property
    def array(self) -> np.ndarray | None:
        """The value if it is an array of numbers or truth values, else None."""
        is_array = isinstance(self.value, np.ndarray) and self.value.dtype.kind != "U"
        return self.value if is_array else None


class NotData(TypeError):
    """An answer gave back something that is neither numbers, nor text, nor a model, nor a function."""


class Answer:
    """A learner's function, or a function that it gave back: a loss, for instance."""

    def __init__(self, function: Callable):
        self._function = function

    def call(self, *arguments: object, times: int = 1) -> Seen:
        """Call the function with copies of the arguments; a `Recipe` arrives as a model. Never raises.

        times: how often to call it with the same copies; what the last call gave is what is seen.
        """
        with quietly():  # building the first model may import TensorFlow
            given = tuple(
                argument.build() if isinstance(argument, Recipe) else copy.deepcopy(argument) for argument in arguments
            )
        for _ in range(times):
            seen = _observe(lambda: plain(self._function(*given)), given)
        return seen


class Model:
    """A learner's compiled Keras model."""

    def __init__(self, model: object):
        self._model = model

    def predict(self, X: np.ndarray) -> Seen:
        """What the model gives for the rows of X, (m, n_in) -> (m, n_out)."""
        return _observe(lambda: plain(self._model.predict(X, verbose=0)))

    def compute_loss(self, y: np.ndarray, y_pred: np.ndarray) -> Seen:
        """What the compiled loss says of predictions that the model did not make itself."""
        return _observe(lambda: plain(self._model.compute_loss(y=y, y_pred=y_pred)))

    def fit(self, X: np.ndarray, y: np.ndarray, epochs: int, batch_size: int) -> Seen:
        """Train; the value is the loss of each epoch, (epochs,)."""

        def losses():
            history = self._model.fit(X, y, epochs=epochs, batch_size=batch_size, verbose=0)
            return plain(history.history["loss"])

        return _observe(losses)


def plain(value: object) -> object:
    """An answer's value as NumPy arrays, or as the handle of a model or a function.

    Lists, scalars and the tensors of any library that speaks NumPy's array protocol become arrays; a
    list or tuple of arrays that do not fit into one becomes a tuple of arrays. Raises NotData for
    anything else.
    """
    if value is None:
        raise NotData("nothing came back: is there a return?")
    if all(callable(getattr(value, name, None)) for name in ("predict", "fit", "compute_loss")):
        return Model(value)
    if callable(value):
        return Answer(value)
    array = _array(value)
    if array is not None:
        return array
    if isinstance(value, list | tuple):
        parts = tuple(_array(part) for part in value)
        if all(part is not None for part in parts):
            return parts
    raise NotData(f"a {type(value).__name__} came back, not an array of numbers")


def _array(value: object) -> np.ndarray | None:
    """The value as one array of numbers, truth values or text; None if it is none."""
    try:
        array = np.array(value)
    except (TypeError, ValueError):
        return None
    return array if array.dtype.kind in "biufU" else None


def _observe(ask: Callable[[], object], arguments: tuple = ()) -> Seen:
    try:
        with quietly():
            value = ask()
    except (Exception, SystemExit) as error:  # whatever a learner's code raises is an observation
        message = str(error).strip().partition("\n")[0]
        return Seen(error=(type(error).__name__, message), arguments=arguments)
    return Seen(value=value, arguments=arguments)
