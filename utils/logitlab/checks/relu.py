"""Checks of lab 03: layers without a bend, what ReLU does to the gradient of a logit, and to a class."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from logitlab.checks.answers import Seen
from logitlab.checks.classifier import classifier
from logitlab.checks.core import Exercise, Idea, Question, either, imitated, normals, raised, untouched, whole
from logitlab.datasets import rings
from logitlab.formulas import relu_logit_gradient, softmax

# collapse

Layers = list[np.ndarray]


def _collapsed(weights: Layers, biases: Layers) -> tuple[np.ndarray, np.ndarray]:
    W, b = weights[0], biases[0]
    for W_k, b_k in zip(weights[1:], biases[1:], strict=True):
        W, b = W @ W_k, b @ W_k + b_k
    return W, b


def _layers(rng: np.random.Generator, *sizes: int) -> tuple[Layers, Layers]:
    """Weights and biases of layers of these sizes."""
    pairs = list(zip(sizes[:-1], sizes[1:], strict=True))
    return [normals(rng, pair, 1.0) for pair in pairs], [normals(rng, (n,), 1.0) for _, n in pairs]


def _example(rng: np.random.Generator) -> tuple[Layers, Layers]:
    weights = [np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0], [3.0]])]
    return weights, [np.array([1.0, 0.0]), np.array([5.0])]


def _product(weights: Layers) -> np.ndarray:
    return np.linalg.multi_dot(weights) if len(weights) > 1 else weights[0]


def _last_bias(weights: Layers, biases: Layers) -> tuple:
    return _product(weights), biases[-1]


def _last_bias_forgotten(weights: Layers, biases: Layers) -> tuple:
    W, b = _collapsed(weights, biases)
    return W, b - biases[-1]


def _biases_added(weights: Layers, biases: Layers) -> tuple:
    return _product(weights), sum(biases)


def _other_order(weights: Layers, biases: Layers) -> tuple:
    W, b = weights[0], biases[0]
    for W_k, b_k in zip(weights[1:], biases[1:], strict=True):
        W, b = W_k @ W, W_k @ b + b_k
    return W, b


def _other_order_weights(weights: Layers, biases: Layers) -> tuple:
    return _product(weights[::-1]), _collapsed(weights, biases)[1]


def _entry_by_entry(weights: Layers, biases: Layers) -> tuple:
    W, b = weights[0], biases[0]
    for W_k, b_k in zip(weights[1:], biases[1:], strict=True):
        W, b = W * W_k, b * W_k + b_k
    return W, b


def _first_two(weights: Layers, biases: Layers) -> tuple:
    return _collapsed(weights[:2], biases[:2])


def _first_and_last(weights: Layers, biases: Layers) -> tuple:
    return _collapsed([weights[0], weights[-1]], [biases[0], biases[-1]])


def _says(pattern: str) -> Callable[[Seen, tuple], bool]:
    """Recognise an idea by the message of the error it raises."""
    return lambda seen, given: seen.error is not None and bool(re.search(pattern, seen.error[1]))


def _with(turn: Callable[[np.ndarray, np.ndarray], object]) -> Callable[[Seen, tuple], bool]:
    """Recognise an idea by what it makes of the right W and b."""
    return imitated(lambda weights, biases: turn(*_collapsed(weights, biases)))


collapse = Exercise(
    "collapse",
    section="1",
    reference=_collapsed,
    questions=(
        Question("Two layers, 2 to 2 to 1: W1 = [[1, 2], [0, 1]], b1 = [1, 0], W2 = [[1], [3]], b2 = [5]", 1, _example),
        Question("Two layers, 3 to 5 to 2, random numbers", 1, lambda rng: _layers(rng, 3, 5, 2)),
        Question("Four layers, 2 to 6 to 4 to 5 to 3", 1, lambda rng: _layers(rng, 2, 6, 4, 5, 3)),
        Question("One layer alone, 4 to 3", 1, lambda rng: _layers(rng, 4, 3)),
        Question(
            "Three layers, 3 to 3 to 3 to 3; your function leaves the arrays as they are",
            1,
            lambda rng: _layers(rng, 3, 3, 3, 3),
            judge=untouched,
        ),
    ),
    ideas=(
        Idea(
            "biases not passed on",
            "W is right, and b is the last bias alone. An earlier bias goes through all later layers, as X does.",
            imitated(_last_bias),
        ),
        Idea(
            "last bias forgotten",
            "W is right, but the last layer's bias is missing in b.",
            imitated(_last_bias_forgotten),
        ),
        Idea(
            "biases added up",
            "The biases were added as they are. The bias of an earlier layer is multiplied by the weights of every "
            "later one.",
            either(imitated(_biases_added), _says(r"broadcast together with shapes \(\d+,\) \(\d+,\)")),
        ),
        Idea(
            "order of the layers reversed",
            "The weights were multiplied from the last layer to the first. X meets the first layer first: X @ W1, and "
            "matrix products do not commute.",
            either(
                imitated(_other_order, _other_order_weights, lambda w, b: _last_bias(w[::-1], b)),
                _says(r"matmul: |MatMul|not aligned|Matrix size-incompatible"),
            ),
        ),
        Idea(
            "transposed",
            "These are the right numbers with rows and columns exchanged. Here a layer is X @ W + b, with W of shape "
            "(n_in, n_out).",
            _with(lambda W, b: (W.T, b)),
        ),
        Idea(
            "entry by entry",
            "The weights were multiplied entry by entry, with *. Layers need the matrix product, @.",
            either(imitated(_entry_by_entry), _says(r"broadcast together with shapes \(\d+,\d+\) \(\d+,\d+\)")),
        ),
        Idea(
            "two layers only",
            "Some layers were left out. The lists may hold any number of layers, also one: use a loop.",
            either(imitated(_first_two, _first_and_last), raised("IndexError")),
        ),
        Idea(
            "a bias of two dimensions",
            "b should have the shape (n_out,), like the bias of a layer. Yours has a dimension more.",
            _with(lambda W, b: (W, b[None, :])),
        ),
        Idea(
            "only W",
            "One array came back, the weights. Return W and b: return W, b.",
            _with(lambda W, b: W),
        ),
        Idea("b before W", "W and b are exchanged: return W first.", _with(lambda W, b: (b, W))),
    ),
)


# relu_logit_grad


def _one_hot(z: np.ndarray, y: int) -> np.ndarray:
    return np.eye(len(z))[y]


def _relu(z: np.ndarray) -> np.ndarray:
    return np.maximum(z, 0)


def _naive(z: np.ndarray) -> np.ndarray:
    e = np.exp(z)
    return e / e.sum()


def _true_class_below(rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """Six logits, three above 0 and three below, the true class among the latter."""
    z = (0.5 + np.abs(normals(rng, (6,), 2.0))) * np.array([1, 1, 1, -1, -1, -1])
    y = int(rng.integers(3, 6))
    order = rng.permutation(6)
    return z[order], int(np.flatnonzero(order == y)[0])


relu_logit_grad = Exercise(
    "relu_logit_grad",
    section="5",
    reference=relu_logit_gradient,
    questions=(
        Question("z = [2, -1, 0.5], y = 0", 1, lambda rng: (np.array([2.0, -1.0, 0.5]), 0)),
        Question(
            "All logits below 0, z = [-1, -4, -10, -0.5], y = 3", 1, lambda rng: (np.array([-1, -4, -10, -0.5]), 3)
        ),
        Question(
            "Six random logits, the true class below 0; your function leaves z as it is",
            1,
            _true_class_below,
            judge=untouched,
        ),
        Question("Large logits, z = [1000, -1000, 999], y = 1", 1, lambda rng: (np.array([1e3, -1e3, 999.0]), 1)),
        Question(
            "Whole numbers, one of them 0, where the slope of ReLU counts as 0: z = [2, 0, -1], y = 0",
            1,
            lambda rng: (np.array([2, 0, -1]), 0),
        ),
    ),
    ideas=(
        Idea(
            "gradient not erased",
            "This is the gradient with respect to relu(z). One factor of the chain rule is missing: the slope of ReLU.",
            imitated(lambda z, y: softmax(_relu(z)) - _one_hot(z, y)),
        ),
        Idea(
            "ReLU left out",
            "This is the gradient of a linear last layer. Here softmax sees relu(z), and ReLU has a slope of its own.",
            imitated(lambda z, y: softmax(z) - _one_hot(z, y)),
        ),
        Idea(
            "softmax of z instead of relu(z)",
            "The gradient is erased in the right places, but the probabilities are those of z. Softmax sees relu(z): "
            "the negative logits count as 0 there.",
            imitated(lambda z, y: (softmax(z) - _one_hot(z, y)) * (z > 0)),
        ),
        Idea(
            "ReLU of the gradient",
            "Negative gradients were cut off. What counts is the sign of the logit, not the sign of the gradient.",
            imitated(
                lambda z, y: _relu(softmax(_relu(z)) - _one_hot(z, y)),
                lambda z, y: _relu(softmax(z) - _one_hot(z, y)),
            ),
        ),
        Idea(
            "multiplied by relu(z)",
            "The gradient was multiplied by the logits. The factor is the slope of ReLU, which is 0 or 1.",
            imitated(lambda z, y: (softmax(_relu(z)) - _one_hot(z, y)) * _relu(z)),
        ),
        Idea(
            "the true class forgotten",
            "1 has to be subtracted for the true class, before the slope of ReLU comes in.",
            imitated(lambda z, y: softmax(_relu(z)) * (z > 0)),
        ),
        Idea(
            "the true class never erased",
            "The 1 of the true class was subtracted after ReLU's slope. It belongs to what the slope multiplies: a "
            "true class below 0 gets 0.",
            imitated(lambda z, y: softmax(_relu(z)) * (z > 0) - _one_hot(z, y)),
        ),
        Idea(
            "sign turned round",
            "The sign is the wrong way round: a gradient points to where the loss grows, so the entry of the true "
            "class is never above 0.",
            imitated(lambda z, y: -relu_logit_gradient(z, y)),
        ),
        Idea(
            "no shift",
            "exp of a large logit is inf, and inf / inf is no number. Subtract the maximum before exp, as in lab 01.",
            imitated(lambda z, y: (_naive(_relu(z)) - _one_hot(z, y)) * (z > 0)),
        ),
        Idea(
            "slope 1 at 0",
            "Almost: at a logit of exactly 0 the slope counts as 0 here, as TensorFlow has it.",
            imitated(lambda z, y: (softmax(_relu(z)) - _one_hot(z, y)) * (z >= 0)),
        ),
        Idea(
            "the loss or one entry only",
            "One number came back. The gradient has one entry per logit.",
            lambda seen, given: seen.array is not None and seen.array.shape == (),
        ),
    ),
)


# dead_classes


def _dead(logits: np.ndarray) -> np.ndarray:
    return np.setdiff1d(np.arange(logits.shape[1]), logits.argmax(axis=1))


def _judge_classes(seen: Seen, given: tuple, expected: object) -> str:
    """Judge whole numbers; of an empty list the type does not count."""
    if len(expected) == 0 and seen.array is not None and seen.array.shape == (0,):
        return ""
    return whole(seen, given, expected)


def _many_classes(rng: np.random.Generator) -> tuple[np.ndarray]:
    """Six rows of nine logits above 0: 1, 4 and 6 win twice each, in some order; the last is never the largest."""
    z = np.abs(normals(rng, (6, 9), 2.0)) + 0.5
    z[np.arange(6), rng.permutation([1, 4, 6, 1, 4, 6])] += 20
    return (z,)


def _every_class(rng: np.random.Generator) -> tuple[np.ndarray]:
    """Five rows of four logits; class 0 wins in the last one, each other class in an earlier one."""
    z = normals(rng, (5, 4))
    z[np.arange(5), [*rng.permutation([1, 2, 3, 2]), 0]] += 50
    return (z,)


def _below_zero(rng: np.random.Generator) -> tuple[np.ndarray]:
    """Four rows of five logits below 0; class 3 always wins."""
    z = -1 - np.abs(normals(rng, (4, 5)))
    z[:, 3] = -0.5
    return (z,)


def _list_of(chosen: Callable[[np.ndarray], object]) -> Callable[[Seen, tuple], bool]:
    return imitated(lambda z: np.array(sorted(chosen(z)), dtype=int))


def _not_sorted(seen: Seen, given: tuple) -> bool:
    right = _dead(given[0])
    return (
        seen.array is not None
        and seen.array.shape == right.shape
        and not np.array_equal(seen.array, right)
        and np.array_equal(np.sort(seen.array), right)
    )


dead_classes = Exercise(
    "dead_classes",
    section="6",
    reference=_dead,
    questions=(
        Question(
            "logits = [[3, 1, 2], [0, 5, 1], [4, 0, 1]]",
            1,
            lambda rng: (np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 1.0], [4.0, 0.0, 1.0]]),),
            judge=_judge_classes,
        ),
        Question("Six rows of nine logits, all above 0", 1, _many_classes, judge=_judge_classes),
        Question("Every class is chosen: the list is empty", 1, _every_class, judge=_judge_classes),
        Question("Four rows of five logits, all below 0", 1, _below_zero, judge=_judge_classes),
        Question(
            "Behind a ReLU, [[0, 0, 0], [0, 0, 0], [0, 2, 0], [0, 0, 0]]: of equal logits argmax chooses the first",
            1,
            lambda rng: (np.array([[0.0, 0, 0], [0, 0, 0], [0, 2, 0], [0, 0, 0]]),),
            judge=_judge_classes,
        ),
    ),
    ideas=(
        Idea(
            "classes that are chosen",
            "These are the classes that are chosen. The others are asked for.",
            _list_of(lambda z: set(z.argmax(axis=1))),
        ),
        Idea(
            "classes that are never above 0",
            "These classes have no logit above 0. A class is dead if it is never the largest of its row, whatever its "
            "sign.",
            _list_of(lambda z: np.flatnonzero(z.max(axis=0) <= 0)),
        ),
        Idea(
            "classes with output 0 everywhere",
            "You looked for a logit of exactly 0 in every row. A class is dead if argmax never names it, whatever its "
            "logits are.",
            _list_of(lambda z: np.flatnonzero((z == 0).all(axis=0))),
        ),
        Idea(
            "argmax down the columns",
            "argmax looked down the columns. Each row is one example and chooses one class: axis=1.",
            either(
                _list_of(lambda z: set(range(z.shape[1])) - set(z.argmax(axis=0))),
                _list_of(lambda z: set(range(z.shape[0])) - set(z.argmax(axis=0))),
            ),
        ),
        Idea(
            "classes above the last chosen one left out",
            "The number of classes is the number of columns, not the largest class that was chosen.",
            _list_of(lambda z: set(range(z.argmax(axis=1).max())) - set(z.argmax(axis=1))),
        ),
        Idea(
            "every tie counted as chosen",
            "argmax chooses one class per row. Of equal logits it is the first; the others are not chosen.",
            _list_of(lambda z: np.flatnonzero(~(z == z.max(axis=1, keepdims=True)).any(axis=0))),
        ),
        Idea(
            "a mark or a count for each class",
            "One entry for every class came back. List the numbers of the dead classes only.",
            either(
                imitated(lambda z: ~np.isin(np.arange(z.shape[1]), z.argmax(axis=1))),
                imitated(lambda z: np.isin(np.arange(z.shape[1]), z.argmax(axis=1))),
                imitated(lambda z: np.bincount(z.argmax(axis=1), minlength=z.shape[1])),
            ),
        ),
        Idea(
            "how many instead of which",
            "One number came back. Which classes are dead is asked for: a list.",
            lambda seen, given: seen.array is not None and seen.array.shape == (),
        ),
        Idea(
            "counted from 1",
            "Every class is one too high: classes count from 0.",
            lambda seen, given: len(_dead(given[0])) > 0 and imitated(lambda z: _dead(z) + 1)(seen, given),
        ),
        Idea("not sorted", "The right classes, not in rising order: sort them.", _not_sorted),
        Idea(
            "a set",
            "A set has no order and is no list. Turn it into a sorted list.",
            lambda seen, given: seen.error is not None and seen.error[1].startswith("a set "),
        ),
        Idea(
            "a column or a row of a matrix",
            "The list has a dimension too many: numbers in a row are asked for.",
            imitated(lambda z: _dead(z)[:, None], lambda z: _dead(z)[None, :]),
        ),
        Idea(
            "not whole numbers",
            "A class is a place in a row: give whole numbers (dtype int).",
            lambda seen, given: (
                seen.array is not None and seen.array.dtype.kind == "f" and imitated(_dead)(seen, given)
            ),
        ),
    ),
)


# build_model


def _ring_case(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rings(900, seed=int(rng.integers(2**31)))


def _learns_little(seen: Seen, given: tuple) -> bool:
    return isinstance(seen.value, dict) and "accuracy" in seen.value and seen.value["accuracy"] < given[3]


_ring_classifier = classifier(
    "build_model", case=_ring_case, n_classes=3, data="900 points of the rings", enough=0.9, section="8"
)
build_model = replace(
    _ring_classifier,
    ideas=(
        *_ring_classifier.ideas,
        Idea(
            "too small or too slow",
            "The rings need more bends, or larger steps: try a hidden layer of a few dozen units, or two, and a "
            "learning rate such as 0.01.",
            _learns_little,
        ),
    ),
)
