"""Keras models described as plain data.

A check hands a model to an answer. It writes the model down as a `Recipe`, which NumPy can evaluate
and which travels as arrays and strings; the side on which the answer lives builds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Recipe:
    """A dense network: ReLU hidden layers and a linear output of logits, or what `output` says.

    weights: (n_in, n_out) arrays, first layer first. biases: (n_out,) arrays.
    output: the Keras name of the last activation. from_logits: what the loss is told.
    separate: whether that activation is a layer of its own, after a linear one.
    plain_loss: whether the loss is a function, which has no attribute from_logits to read.
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    output: str = "linear"
    from_logits: bool = True
    separate: bool = False
    plain_loss: bool = False

    @staticmethod
    def random(rng: np.random.Generator, sizes: tuple[int, ...], scale: float = 1.0) -> Recipe:
        """A network with layers of these sizes, float32 weights from N(0, scale^2 / n_in)."""
        pairs = list(zip(sizes[:-1], sizes[1:], strict=True))
        return Recipe(
            weights=tuple((scale * rng.normal(size=pair) / np.sqrt(pair[0])).astype("float32") for pair in pairs),
            biases=tuple((scale * rng.normal(size=n) / 4).astype("float32") for _, n in pairs),
        )

    def logits(self, X: np.ndarray) -> np.ndarray:
        """The scores before the last activation, computed in float64. X (m, n_in) -> (m, N)."""
        a = np.asarray(X, dtype=float)
        for layer, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            a = (np.maximum(a, 0) if layer else a) @ W.astype(float) + b.astype(float)
        return a

    def build(self) -> keras.Model:
        """The compiled Keras model with these weights."""
        # Only the side that holds the answer builds models; the judging side never waits for Keras.
        import keras

        last = len(self.weights) - 1
        model = keras.Sequential([keras.Input((self.weights[0].shape[0],))])
        output = "linear" if self.separate else self.output
        for layer, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            dense = keras.layers.Dense(W.shape[1], activation=output if layer == last else "relu")
            model.add(dense)
            dense.set_weights([W, b])
        if self.separate:
            # Unlike Activation, a Softmax layer has no attribute `activation` that names it.
            layers = keras.layers
            model.add(layers.Softmax() if self.output == "softmax" else layers.Activation(self.output))

        def plain_loss(y, z):
            return keras.losses.sparse_categorical_crossentropy(y, z, from_logits=self.from_logits)

        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=self.from_logits)
        model.compile(loss=plain_loss if self.plain_loss else loss, optimizer=keras.optimizers.Adam(0.01))
        return model
