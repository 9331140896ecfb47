"""Checks of lab 05: which activation and which loss belong together, and which labels a loss reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from logitlab.checks.answers import Answer, Seen
from logitlab.checks.core import Exercise, Idea, Question, compare, either, imitated, normals, raised, same, whole
from logitlab.formulas import chosen, clipped_losses, logit_losses, softmax
from logitlab.models import Recipe

PAIRS = {
    "preferred": ("linear", True),
    "obvious": ("softmax", False),
    "double softmax": ("softmax", True),
    "from_logits forgotten": ("linear", False),
}
NAMES = {pair: name for name, pair in PAIRS.items()}


def _named(recipe: Recipe) -> str:
    return NAMES[recipe.output, recipe.from_logits]


def _of(name: str, recipe: Recipe, **options: bool) -> Recipe:
    """The network of a recipe with the output and the loss of this pair."""
    output, from_logits = PAIRS[name]
    return replace(recipe, output=output, from_logits=from_logits, **options)


def _last_layer(recipe: Recipe, W: np.ndarray, b: np.ndarray) -> Recipe:
    """The network of a recipe with another last layer."""
    return replace(
        recipe,
        weights=(*recipe.weights[:-1], W.astype("float32")),
        biases=(*recipe.biases[:-1], b.astype("float32")),
    )


def _within_0_1(recipe: Recipe) -> Recipe:
    """The network with logits between 0 and 1 near the origin; no row of them sums to 1."""
    n = recipe.biases[-1].size
    return _last_layer(recipe, 1e-3 * recipe.weights[-1], np.linspace(0.55, 0.85, n))


def _with_sum_1(recipe: Recipe) -> Recipe:
    """The network with logits whose rows sum to 1; near the origin the first of each row is negative."""
    n = recipe.biases[-1].size
    W = 0.02 * recipe.weights[-1]
    return _last_layer(recipe, W - W.mean(axis=1, keepdims=True), np.linspace(-0.6, 0.6, n) + 1 / n)


# diagnose


def _models(rng: np.random.Generator, n: int, *names: str, **options: bool) -> list[Recipe]:
    """Networks of 2 features and n classes, one for each name of a pair."""
    return [_of(name, Recipe.random(rng, (2, 8, n)), **options) for name in names]


def _shuffled(rng: np.random.Generator, recipes: list[Recipe]) -> tuple[tuple[Recipe, ...]]:
    return (tuple(recipes[k] for k in rng.permutation(len(recipes))),)


def _usual(rng: np.random.Generator) -> tuple:
    return _shuffled(rng, _models(rng, 4, "obvious", "preferred"))


def _mismatched(rng: np.random.Generator) -> tuple:
    return _shuffled(rng, _models(rng, 4, "double softmax", "from_logits forgotten"))


def _softmax_layer(rng: np.random.Generator) -> tuple:
    return _shuffled(rng, _models(rng, 5, "obvious", "double softmax", separate=True))


def _loss_function(rng: np.random.Generator) -> tuple:
    return _shuffled(rng, _models(rng, 4, *PAIRS, plain_loss=True))


def _extreme(rng: np.random.Generator) -> tuple:
    sure = [_of(name, Recipe.random(rng, (2, 8, 3), scale=60.0)) for name in ("obvious", "double softmax")]
    flat = [_within_0_1(recipe) for recipe in _models(rng, 3, "preferred", "from_logits forgotten")]
    return _shuffled(rng, sure + flat)


def _words(answer: Answer, recipes: tuple[Recipe, ...]) -> Seen:
    """What the answer calls each model; the first answer that is no single text is seen as it is."""
    words = []
    for recipe in recipes:
        seen = answer.call(recipe)
        if not isinstance(seen.value, np.ndarray) or seen.value.dtype.kind != "U" or seen.value.size != 1:
            return seen
        words.append(str(seen.value.item()))
    return Seen(value=np.array(words))


def _judge_words(seen: Seen, given: tuple, expected: object) -> str:
    if not isinstance(seen.value, np.ndarray) or seen.value.dtype.kind != "U":
        return "No text came back: one of four names is asked for."
    for word, recipe in zip(seen.value.tolist(), given[0], strict=True):
        if word != _named(recipe):
            told = f"{recipe.output} output, loss with from_logits={recipe.from_logits}"
            return f"One of the models ({told}) was called {word!r}."
    return ""


def _calls(*rules: Callable[[Recipe], str]) -> Callable[[Seen, tuple], bool]:
    """Recognise an idea by the names that it gives to the models."""

    def shows(seen: Seen, given: tuple) -> bool:
        if not isinstance(seen.value, np.ndarray) or seen.value.dtype.kind != "U":
            return False
        return any(seen.value.tolist() == [rule(recipe) for recipe in given[0]] for rule in rules)

    return shows


def _by(output: Callable[[Recipe], str], from_logits: Callable[[Recipe], bool]) -> Callable[[Recipe], str]:
    """A rule that names a model by what it takes its output and its loss for."""
    return lambda recipe: NAMES[output(recipe), from_logits(recipe)]


def _true_output(recipe: Recipe) -> str:
    return recipe.output


def _true_loss(recipe: Recipe) -> bool:
    return recipe.from_logits


def _output_by_name(recipe: Recipe) -> str:
    return "linear" if recipe.separate else recipe.output


def _output_by_range(recipe: Recipe) -> str:
    z = recipe.logits(np.zeros((1, 2)))
    return "softmax" if recipe.output == "softmax" or (z.min() >= 0 and z.max() <= 1) else "linear"


def _exchanged(one: str, other: str) -> Callable[[Recipe], str]:
    swap = {one: other, other: one}
    return lambda recipe: swap.get(_named(recipe), _named(recipe))


_READ = (
    "This seems to read a name: the activation of the last layer, or an attribute of the loss. Softmax may stand in a "
    "layer of its own, and a loss may be a function without attributes. Ask predict and compute_loss."
)

diagnose = Exercise(
    "diagnose",
    section="4",
    questions=tuple(
        Question(asks, 1, given, expected=lambda recipes: None, ask=_words, judge=_judge_words, show=lambda seen: "")
        for asks, given in (
            ("The obvious and the preferred model, four classes", _usual),
            ("The two models in which output and loss do not fit, four classes", _mismatched),
            ("Two models with softmax as a layer of its own, one with either loss, five classes", _softmax_layer),
            ("All four, and their loss is a function: it has no attribute from_logits", _loss_function),
            ("All four with three classes: sure of everything, or with logits that are all between 0 and 1", _extreme),
        )
    ),
    ideas=(
        Idea(
            "names read, not behaviour",
            _READ,
            either(
                raised("AttributeError"),
                _calls(
                    _by(_output_by_name, _true_loss),
                    *(
                        _by(
                            output, lambda recipe, default=default: default if recipe.plain_loss else recipe.from_logits
                        )
                        for output in (_true_output, _output_by_name)
                        for default in (False, True)
                    ),
                ),
            ),
        ),
        Idea(
            "the note is still pinned on",
            "Both models with softmax get one name. evaluate, and compute_loss with model(X), find the logits that "
            "Keras pinned to the output. Give compute_loss numbers of your own.",
            _calls(
                _by(_true_output, lambda recipe: recipe.from_logits and recipe.output == "linear"),
                _by(_true_output, lambda recipe: recipe.from_logits or recipe.output == "softmax"),
            ),
        ),
        Idea(
            "the loss is not told apart",
            "Models that differ in the loss alone get one name. Give compute_loss numbers for which the two readings "
            "differ: not equal scores, and not the rows of probabilities alone.",
            _calls(
                _by(_true_output, lambda recipe: False),
                _by(_true_output, lambda recipe: True),
                _by(_true_output, lambda recipe: recipe.output == "linear"),
                _by(_true_output, lambda recipe: recipe.output == "softmax"),
            ),
        ),
        Idea(
            "softmax is not seen",
            "A model with softmax was taken for linear. In float32 the sum of a row is 1 only up to rounding: "
            "compare with np.allclose.",
            _calls(_by(lambda recipe: "linear", _true_loss)),
        ),
        Idea(
            "everything between 0 and 1 is a probability",
            "Logits may lie between 0 and 1 by chance. Probabilities also sum to 1, row by row.",
            _calls(_by(_output_by_range, _true_loss)),
        ),
        Idea(
            "the two mismatches exchanged",
            "'double softmax' has softmax in the model and in the loss; 'from_logits forgotten' has it in neither.",
            _calls(_exchanged("double softmax", "from_logits forgotten")),
        ),
        Idea(
            "obvious and preferred exchanged",
            "'obvious' is softmax in the model and a loss on probabilities; 'preferred' is a linear output and "
            "from_logits=True.",
            _calls(_exchanged("obvious", "preferred")),
        ),
        Idea(
            "a name of its own",
            "The four names are 'preferred', 'obvious', 'double softmax' and 'from_logits forgotten', to the letter.",
            lambda seen, given: (
                isinstance(seen.value, np.ndarray)
                and seen.value.dtype.kind == "U"
                and not set(seen.value.reshape(-1).tolist()) <= set(PAIRS)
            ),
        ),
    ),
)


# predict_proba


def _points(rng: np.random.Generator, m: int) -> np.ndarray:
    """Points (m, 2) near the origin."""
    return np.clip(normals(rng, (m, 2), scale=1.0), -3, 3)


def _outputs(recipe: Recipe, X: np.ndarray) -> np.ndarray:
    """What predict gives, (m, N), in float64."""
    z = recipe.logits(X)
    return softmax(z) if recipe.output == "softmax" else z


def _each(rule: Callable[[Recipe, np.ndarray], np.ndarray]) -> Callable:
    """A function of one model and points as a function of several models."""
    return lambda recipes, X: tuple(rule(recipe, X) for recipe in recipes)


def _arrays(answer: Answer, recipes: tuple[Recipe, ...], X: np.ndarray) -> Seen:
    """What the answer gives for each model; the first that is no array is seen as it is."""
    parts = []
    for recipe in recipes:
        seen = answer.call(recipe, X)
        if seen.array is None:
            return seen
        parts.append(seen.array)
    return Seen(value=tuple(parts))


def _gives(*rules: Callable[[Recipe, np.ndarray], np.ndarray]) -> Callable[[Seen, tuple], bool]:
    """Recognise an idea by what it makes of the models."""

    def shows(seen: Seen, given: tuple) -> bool:
        with np.errstate(all="ignore"):
            return isinstance(seen.value, tuple) and any(
                same(seen.value, _each(rule)(*given), rtol=1e-3, atol=1e-4) for rule in rules
            )

    return shows


def _if(decides: Callable[[Recipe, np.ndarray], bool]) -> Callable[[Recipe, np.ndarray], np.ndarray]:
    """Softmax of what predict gives, but only where something says that these are logits."""

    def rule(recipe: Recipe, X: np.ndarray) -> np.ndarray:
        out = _outputs(recipe, X)
        return softmax(out) if decides(recipe, out) else out

    return rule


def _one(name: str, scale: float = 1.0) -> Callable[[np.random.Generator], tuple]:
    return lambda rng: ((_of(name, Recipe.random(rng, (2, 8, 4), scale)),), _points(rng, 6))


def _names_mislead(rng: np.random.Generator) -> tuple:
    linear = _models(rng, 4, "from_logits forgotten")
    return (*linear, *_models(rng, 4, "double softmax", separate=True)), _points(rng, 6)


def _look_alike(rng: np.random.Generator) -> tuple:
    one, other = _models(rng, 4, "preferred", "preferred")
    return (_with_sum_1(one), _within_0_1(other)), _points(rng, 6)


predict_proba = Exercise(
    "predict_proba",
    section="5",
    reference=_each(lambda recipe, X: softmax(recipe.logits(X))),
    questions=tuple(
        Question(asks, 1, given, ask=_arrays, rtol=rtol, atol=atol)
        for asks, given, rtol, atol in (
            ("A model that gives logits, 6 points", _one("preferred"), 1e-3, 1e-5),
            ("A model that gives probabilities, 6 points", _one("obvious"), 1e-3, 1e-5),
            (
                "Linear output with from_logits=False, then a softmax layer with from_logits=True",
                _names_mislead,
                1e-3,
                1e-5,
            ),
            (
                "Logits whose rows sum to 1, some of them negative, then logits that are all between 0 and 1",
                _look_alike,
                1e-3,
                1e-5,
            ),
            ("A very sure model, with logits in the thousands", _one("preferred", scale=60.0), 1e-2, 1e-3),
        )
    ),
    ideas=(
        Idea(
            "softmax on top of softmax",
            "This model's rows are probabilities already. A second softmax makes them nearly equal.",
            _gives(_if(lambda recipe, out: True)),
        ),
        Idea(
            "logits left as they are",
            "These are the logits that predict gives. They need softmax: probabilities are never below 0 and sum to 1.",
            _gives(_if(lambda recipe, out: False)),
        ),
        Idea(
            "the loss decides",
            "from_logits tells how the loss reads the outputs, right or wrong. Look at the rows of predict instead.",
            _gives(
                _if(lambda recipe, out: recipe.from_logits),
            ),
        ),
        Idea(
            "the name of the last activation decides",
            "The last layer has another name, or none: softmax may be a layer of its own. Look at the rows of predict.",
            either(raised("AttributeError"), _gives(_if(lambda recipe, out: _output_by_name(recipe) == "linear"))),
        ),
        Idea(
            "the sum alone decides",
            "Rows of logits can sum to 1. Probabilities are also never below 0.",
            _gives(_if(lambda recipe, out: not np.allclose(out.sum(axis=1), 1))),
        ),
        Idea(
            "the range alone decides",
            "Logits can all lie between 0 and 1. Probabilities also sum to 1, row by row.",
            _gives(_if(lambda recipe, out: out.min() < 0 or out.max() > 1)),
        ),
        Idea(
            "softmax down the columns",
            "The columns sum to 1, the rows do not. One row is one point: softmax goes along the last axis.",
            _gives(lambda recipe, X: softmax(recipe.logits(X).T).T),
        ),
        Idea(
            "divided by the sum",
            "This is each row divided by its sum. Logits become probabilities by softmax: exp first.",
            _gives(
                lambda recipe, X: _outputs(recipe, X) / _outputs(recipe, X).sum(axis=1, keepdims=True),
            ),
        ),
        Idea(
            "exp without shift",
            "There is a nan or an inf: this softmax does not survive large logits. Subtract from each row its own "
            "maximum, or use tf.nn.softmax.",
            lambda seen, given: (
                isinstance(seen.value, tuple)
                and any(part.dtype.kind == "f" and not np.isfinite(part).all() for part in seen.value)
            ),
        ),
    ),
)


# to_labels


def _one_hot(y: np.ndarray, n: int, dtype: str = "float64") -> np.ndarray:
    return np.eye(n, dtype=dtype)[y]


def _labels(y: np.ndarray) -> np.ndarray:
    if y.ndim == 2 and y.shape[1] > 1:
        return y.argmax(axis=1)
    return y.reshape(-1).astype(int)


def _some(rng: np.random.Generator, m: int, n: int, start: int = 0) -> np.ndarray:
    """m labels of [start, n): each class occurs, in random order."""
    return start + rng.permutation(np.arange(m) % (n - start))


to_labels = Exercise(
    "to_labels",
    section="6",
    reference=_labels,
    questions=(
        Question("Whole numbers, [2, 0, 3, 0, 1]", 1, lambda rng: (np.array([2, 0, 3, 0, 1]),), judge=whole),
        Question(
            "Floats that hold whole numbers; class 0 does not occur among them",
            1,
            lambda rng: (_some(rng, 6, 4, start=1).astype(float),),
            judge=whole,
        ),
        Question(
            "One-hot rows, as floats: 7 examples, 2 classes",
            1,
            lambda rng: (_one_hot(_some(rng, 7, 2), 2),),
            judge=whole,
        ),
        Question("A column of labels, shape (6, 1)", 1, lambda rng: (_some(rng, 6, 4)[:, None],), judge=whole),
        Question(
            "One example, a one-hot row of whole numbers, shape (1, 5)",
            1,
            lambda rng: (_one_hot(rng.integers(1, 5, size=1), 5, "int64"),),
            judge=whole,
        ),
    ),
    ideas=(
        Idea(
            "still floats",
            "The labels are right, but they are floats. A label is a class number: give whole numbers (dtype int).",
            lambda seen, given: (
                seen.array is not None and seen.array.dtype.kind == "f" and same(seen.array, _labels(given[0]))
            ),
        ),
        Idea(
            "one-hot rows left as they are",
            "These are the rows that came in. The place of the 1 in each row is asked for.",
            lambda seen, given: given[0].ndim == 2 and given[0].shape[1] > 1 and imitated(lambda y: y)(seen, given),
        ),
        Idea(
            "largest of the labels",
            "argmax went over a list of labels and gave the place of the largest one. Only one-hot rows need argmax.",
            lambda seen, given: given[0].ndim == 1 and imitated(lambda y: y.argmax())(seen, given),
        ),
        Idea(
            "a column taken for one-hot rows",
            "Every label became 0: in a row with one entry, that entry always is the largest. Look at the shape: a "
            "column (m, 1) holds labels.",
            lambda seen, given: given[0].shape[1:] == (1,) and imitated(lambda y: y.argmax(axis=1))(seen, given),
        ),
        Idea(
            "a column left as it is",
            "The shape should be (m,): one number per example, not a column of them.",
            lambda seen, given: seen.array is not None and seen.array.shape == (len(given[0]), 1) != (1, 1),
        ),
        Idea(
            "down the columns",
            "There is one number per class. Each row is one example: look along the row.",
            lambda seen, given: (
                given[0].ndim == 2
                and given[0].shape[1] > 1
                and seen.array is not None
                and seen.array.shape == given[0].shape[1:]
            ),
        ),
        Idea(
            "counted again from 0",
            "Labels were subtracted from or renumbered. A batch need not contain class 0, so its labels already count "
            "from 0: keep the numbers.",
            imitated(lambda y: _labels(y) - _labels(y).min(), lambda y: np.unique(_labels(y), return_inverse=True)[1]),
        ),
        Idea(
            "counted from 1",
            "Every label is one too high. Labels count from 0, as places in a row do.",
            imitated(lambda y: _labels(y) + 1),
        ),
        Idea(
            "made one-hot",
            "These are one-hot rows. This function goes the other way: labels are asked for.",
            lambda seen, given: (
                given[0].ndim == 1
                and seen.array is not None
                and seen.array.ndim == 2
                and np.array_equal(seen.array.argmax(axis=1), given[0])
            ),
        ),
        Idea(
            "one dimension lost",
            "With one example the answer still has shape (1,). squeeze takes away every axis of length 1.",
            lambda seen, given: len(given[0]) == 1 and seen.array is not None and seen.array.shape == (),
        ),
    ),
)


# matching_loss


def _mean_loss(y: np.ndarray, z: np.ndarray) -> float:
    return logit_losses(z, _labels(y)).mean()


def _loss_says(answer: Answer, y: np.ndarray, z: np.ndarray) -> Seen:
    """What the loss that the answer gives for y says of the logits z."""
    made = answer.call(y)
    return made.value.call(y, z) if isinstance(made.value, Answer) else made


def _judge_loss(seen: Seen, given: tuple, expected: object) -> str:
    if isinstance(seen.value, Answer):
        return "Called with y and z, it gives another function, not a number."
    if seen.array is None:
        return "No loss came back: something to call with y and z is asked for."
    return compare(seen.value, expected)


def _as_sparse(rng: np.random.Generator) -> tuple:
    return _some(rng, 6, 4), normals(rng, (6, 4))


def _as_floats(rng: np.random.Generator) -> tuple:
    return _some(rng, 6, 4).astype(float), normals(rng, (6, 4))


def _as_one_hot(rng: np.random.Generator) -> tuple:
    return _one_hot(_some(rng, 6, 4), 4), normals(rng, (6, 4))


def _as_whole_one_hot(rng: np.random.Generator) -> tuple:
    return _one_hot(_some(rng, 5, 3), 3, "int64"), normals(rng, (5, 3))


def _far(rng: np.random.Generator) -> tuple:
    return np.array([1, 2]), np.array([[100.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])


def _read_as_probabilities(y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """What Keras's loss for this form of y says, row by row, if it takes the scores z for probabilities."""
    if y.ndim == 1:
        return clipped_losses(z, _labels(y))
    # For one-hot rows Keras divides by the sum first and clips afterwards.
    p = np.clip(z / z.sum(axis=1, keepdims=True), 1e-7, 1 - 1e-7)
    return -np.log(chosen(p, _labels(y)))


def _binary(y: np.ndarray, z: np.ndarray) -> float:
    Y = _one_hot(_labels(y), z.shape[1])
    return (np.logaddexp(0, z) - Y * z).mean()


def _wants(ndim: int) -> Callable[[Seen, tuple], bool]:
    """Recognise an error about shapes that comes from labels of so many dimensions."""
    return lambda seen, given: (
        raised("ValueError", "InvalidArgumentError")(seen, given)
        and any(word in seen.error[1].lower() for word in ("rank", "shape", "dimension"))
        and given[0].ndim == ndim
    )


def _is_text(seen: Seen, given: tuple) -> bool:
    return isinstance(seen.value, np.ndarray) and seen.value.dtype.kind == "U"


matching_loss = Exercise(
    "matching_loss",
    section="6",
    reference=_mean_loss,
    questions=tuple(
        Question(asks, 1, given, ask=_loss_says, judge=_judge_loss)
        for asks, given in (
            ("Labels that are whole numbers: the loss of six rows of logits", _as_sparse),
            ("One-hot rows of floats: the loss of six rows of logits", _as_one_hot),
            ("Labels that are floats, such as 2.0: the loss of six rows of logits", _as_floats),
            ("One-hot rows of whole numbers: the loss of five rows of logits", _as_whole_one_hot),
            ("A wrong answer that is very sure, z = [100, 0, 0, 0] with y = 1, and a row of zeros", _far),
        )
    ),
    ideas=(
        Idea(
            "from_logits forgotten",
            "The loss takes the logits for probabilities and clips them: tell it from_logits=True.",
            lambda seen, given: (
                seen.array is not None and same(seen.array, _read_as_probabilities(*given).mean(), rtol=1e-3, atol=1e-5)
            ),
        ),
        Idea(
            "the loss for one-hot rows",
            "These are labels, one number per example. The loss that reads them has Sparse in its name.",
            _wants(ndim=1),
        ),
        Idea(
            "the loss for labels",
            "These are one-hot rows. SparseCategoricalCrossentropy reads labels, one number per example; the loss for "
            "one-hot rows has no Sparse in its name.",
            _wants(ndim=2),
        ),
        Idea(
            "the type decides, not the shape",
            "Labels may be floats and one-hot rows may be whole numbers. The number of dimensions tells them apart.",
            lambda seen, given: _wants(ndim=1 if given[0].dtype.kind == "f" else 2)(seen, given),
        ),
        Idea(
            "added up, not averaged",
            "The loss grows with the number of examples. Leave the reduction of the loss as it is: it averages.",
            imitated(lambda y, z: logit_losses(z, _labels(y)).sum()),
        ),
        Idea(
            "one loss per example",
            "One number for each example came back; their mean is asked for. Keras's functions in small letters "
            "do not average, its loss objects do.",
            imitated(lambda y, z: logit_losses(z, _labels(y)), _read_as_probabilities),
        ),
        Idea(
            "softmax twice",
            "The loss applies softmax to numbers that softmax has already seen. Give it the logits.",
            imitated(lambda y, z: logit_losses(softmax(z), _labels(y)).mean()),
        ),
        Idea(
            "softmax and logarithm apart",
            "Probabilities are made first, and their smallest ones are clipped or become 0. from_logits=True works "
            "softmax and logarithm out together.",
            lambda seen, given: (
                seen.array is not None
                and seen.array.shape == ()
                and (
                    not np.isfinite(seen.array)
                    or imitated(lambda y, z: clipped_losses(softmax(z), _labels(y)).mean())(seen, given)
                )
            ),
        ),
        Idea(
            "N yes/no questions",
            "Binary cross-entropy asks one yes/no question per class. Exactly one class is true here: use a "
            "categorical cross-entropy.",
            imitated(_binary),
        ),
        Idea(
            "the name or the class of a loss",
            "This is the name of a loss, or its class. Make a loss of it, with from_logits=True, and return that.",
            either(_is_text, lambda seen, given: isinstance(seen.value, Answer)),
        ),
    ),
)
