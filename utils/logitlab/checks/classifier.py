"""Checks of a Keras classifier that an answer builds: judged by what it does, never by how it is written."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from logitlab.checks.answers import Answer, Model, Seen
from logitlab.checks.core import Exercise, Idea, Question, either, numbers, same
from logitlab.formulas import clipped_losses, logit_losses, softmax

EPOCHS = 10
PATIENCE = 4  # rounds of EPOCHS, for a slow optimizer or a small network


def _known(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Three rows of n scores, in and out of [0, 1], and labels: each way to read them costs differently."""
    scores = np.round(3 * np.random.default_rng(n).normal(size=(3, n)), 1)
    return scores, np.array([0, n - 1, 1])


def _losses(each: np.ndarray, together: float, twice: float) -> np.ndarray:
    """Losses of the known rows one by one, together, and together twice, relative to the first one's.

    Relative, because a regulariser adds the same number to each.
    """
    losses = np.array([*each, together, twice])
    return losses[1:] - losses[0]


class _Stuck(Exception):
    """The model cannot be examined further; holds what was seen."""


def _must(seen: Seen) -> Seen:
    if seen.error is not None:
        raise _Stuck(seen)
    return seen


def _model(answer: Answer, n_classes: int) -> Model:
    built = _must(answer.call(n_classes))
    if not isinstance(built.value, Model):
        raise _Stuck(Seen(error=("NotData", "no Keras model came back: compile it and return it")))
    return built.value


def _scores(model: Model, X: np.ndarray) -> np.ndarray:
    """What predict gives, (m, N), float64."""
    scores = _must(model.predict(X)).array
    if scores is None or scores.ndim != 2 or len(scores) != len(X):
        shape = None if scores is None else scores.shape
        raise _Stuck(Seen(error=("NotData", f"predict gave shape {shape}, not one row of scores per point")))
    return scores.astype(float)


def _shape(answer: Answer, n_classes: int, X: np.ndarray) -> Seen:
    """The scores of a model for this many classes."""
    try:
        return Seen(value=_scores(_model(answer, n_classes), X))
    except _Stuck as stuck:
        return stuck.args[0]


def _profile(answer: Answer, n_classes: int, X: np.ndarray, y: np.ndarray, enough: float) -> Seen:
    """Train the model that the answer builds, and see how it behaves before and after.

    What is seen is a dictionary: the number of classes asked for ("n_classes"); scores of some points
    ("fresh"), of the same points doubled ("doubled") and, after training, of points far away ("far");
    "losses" or "loss error"; "accuracy" or "fit error"; "bends".
    """
    try:
        model = _model(answer, n_classes)
        small = X[:200] / 2
        profile = {"n_classes": n_classes, "fresh": _scores(model, small), "doubled": _scores(model, 2 * small)}
        profile |= _losses_seen(model, n_classes)
        profile |= _trained(model, X, y, enough)
        profile |= {"far": _scores(model, 20 * X), "bends": _bends(model, X)}
    except _Stuck as stuck:
        return stuck.args[0]
    return Seen(value=profile)


def _losses_seen(model: Model, n: int) -> dict:
    """The losses of the known scores, or the error that the loss raises."""
    scores, truth = _known(n)
    asked = [model.compute_loss(truth[i : i + 1], scores[i : i + 1]) for i in range(len(truth))]
    asked += [model.compute_loss(np.tile(truth, k), np.tile(scores, (k, 1))) for k in (1, 2)]
    for seen in asked:
        if seen.error is not None:
            return {"loss error": seen.error}
    # A loss without reduction has one entry per example, and training follows their sum.
    *each, together, twice = (float(seen.array.sum()) for seen in asked)
    return {"losses": _losses(np.array(each), together, twice)}


def _trained(model: Model, X: np.ndarray, y: np.ndarray, enough: float) -> dict:
    """The accuracy after training, or the error that fit raises."""
    for _ in range(PATIENCE):
        fitted = model.fit(X, y, epochs=EPOCHS, batch_size=32)
        if fitted.error is not None:
            return {"fit error": fitted.error}
        accuracy = float((_scores(model, X).argmax(axis=1) == y).mean())
        if accuracy >= enough:
            break
    return {"accuracy": accuracy}


def _bends(model: Model, X: np.ndarray, m: int = 400) -> dict[str, float]:
    """How the scores bend along short segments and across the space of the data.

    kinks: the 10 % quantile of the second difference along short segments, as a part of the typical
        first difference. Between its kinks a ReLU network is linear, so rounding alone is left. The
        segments are as long in each coordinate whatever their number: in many dimensions one of the
        same length would hardly move the scores, and rounding would look like a bend.
    even: |f(x) + f(-x) - 2 f(0)| against |f(x) - f(0)| at 20 times the data's size; 0 without a bend.
    growth: how much further f moves from 20 to 40 times the data's size; 0 if it saturates.
    """
    rng = np.random.default_rng(0)
    x, step = X.std() * rng.normal(size=(2, m, X.shape[1]))
    x *= 0.6
    step *= 0.006 * np.sqrt(X.shape[1] / 2) * X.std() / np.linalg.norm(step, axis=1, keepdims=True)
    parts = [x - step, x, x + step, 0 * x, 20 * x, -20 * x, 40 * x]
    f = _scores(model, np.concatenate(parts)).reshape(len(parts), m, -1)
    before, here, after, zero, far, other, farther = f
    first = np.median(np.abs(after - before).max(axis=-1)) or 1.0
    second = np.quantile(np.abs(before - 2 * here + after).max(axis=-1), 0.1)
    move = np.median(np.abs(far - zero).max(axis=-1)) or 1.0
    return {
        "kinks": float(second / first),
        "even": float(np.abs(far + other - 2 * zero).max() / move),
        "growth": float(np.median(np.abs(farther - far).max(axis=-1)) / move),
    }


def _output_kind(profile: dict) -> str:
    """What the last layer does to its scores: 'softmax', 'sigmoid', 'relu', 'bounded' or 'linear'."""
    far = np.concatenate([profile["fresh"], profile["far"]])
    if far.shape[1] > 1 and np.allclose(far.sum(axis=1), 1, atol=1e-4) and far.min() >= 0:
        return "softmax"
    if far.min() >= 0 and far.max() <= 1:
        return "sigmoid"
    if far.min() == 0:
        return "relu"
    # Far away a bounded activation is at its bound nearly everywhere; a linear layer whose largest score happens to
    # lie below 1 is near it at a few points.
    reached = np.abs(profile["far"]) > 0.9
    if np.abs(far).max() <= 1 and reached.mean() > 0.25:
        return "bounded"
    return "linear"


def _loss_kind(profile: dict) -> str:
    """How the loss reads given scores: 'logits', 'probabilities', 'softmax first', 'sum', 'other', 'error'."""
    if "losses" not in profile:
        return "error"
    scores, truth = _known(profile["n_classes"])
    logits = logit_losses(scores, truth)
    readings = {
        "logits": _losses(logits, logits.mean(), logits.mean()),
        "sum": _losses(logits, logits.sum(), 2 * logits.sum()),
    }
    for kind, each in (
        ("probabilities", clipped_losses(scores, truth)),
        ("softmax first", logit_losses(softmax(scores), truth)),
    ):
        readings[kind] = _losses(each, each.mean(), each.mean())
    for kind, losses in readings.items():
        if same(profile["losses"], losses, rtol=1e-3, atol=1e-4):
            return kind
    return "other"


def _hidden_kind(profile: dict) -> str:
    """What the hidden layers do, behind a linear output: 'relu', 'linear', 'saturating' or 'smooth'; else 'hidden'."""
    if _output_kind(profile) != "linear":
        return "hidden"
    bends = profile["bends"]
    if bends["even"] < 1e-4:
        return "linear"
    # Without biases, as most models begin, a network of ReLUs doubles its scores when its input doubles.
    if same(profile["doubled"], 2 * profile["fresh"], rtol=1e-3, atol=1e-5) and np.ptp(profile["fresh"]) > 0:
        return "relu"
    if bends["growth"] < 0.1:
        return "saturating"
    return "relu" if bends["kinks"] < 1e-4 else "smooth"


def _shows(**kinds: str) -> Callable[[Seen, tuple], bool]:
    """Recognise a model by what its output, loss and hidden layers do."""
    measures = {"output": _output_kind, "loss": _loss_kind, "hidden": _hidden_kind}

    def shows(seen: Seen, given: tuple) -> bool:
        return isinstance(seen.value, dict) and all(measures[part](seen.value) == kind for part, kind in kinds.items())

    return shows


def _says(part: str, *words: str) -> Callable[[Seen, tuple], bool]:
    """Recognise a model by a word in the error that its loss or its training raises."""
    return lambda seen, given: (
        isinstance(seen.value, dict) and any(word in " ".join(seen.value.get(part, ())) for word in words)
    )


def _units(seen: Seen) -> int | None:
    """The number of scores per point, where that can be seen."""
    scores = seen.value["fresh"] if isinstance(seen.value, dict) else seen.array
    return None if scores is None else scores.shape[1]


def _judge_units(seen: Seen, given: tuple, expected: object) -> str:
    n_classes, X = given
    want = (len(X), n_classes)
    return "" if seen.array.shape == want else f"predict gave shape {seen.array.shape}, it should be {want}."


def _judge_output(seen: Seen, given: tuple, expected: object) -> str:
    return {
        "linear": "",
        "softmax": "Each row sums to 1: these are probabilities.",
        "sigmoid": "Every score lies between 0 and 1.",
        "relu": "No score is ever below 0, and some are exactly 0.",
        "bounded": "Every score lies between -1 and 1.",
    }[_output_kind(seen.value)]


def _judge_loss(seen: Seen, given: tuple, expected: object) -> str:
    if "loss error" in seen.value:
        return ": ".join(seen.value["loss error"])
    return {
        "logits": "",
        "probabilities": "The loss takes the scores for probabilities.",
        "softmax first": "The loss applies softmax twice to the scores.",
        "sum": "The loss adds the examples up: given twice, they cost double.",
        "other": "The loss of known scores is not their cross-entropy.",
    }[_loss_kind(seen.value)]


def _judge_hidden(seen: Seen, given: tuple, expected: object) -> str:
    return {
        "relu": "",
        "hidden": "This can be seen, and counts, once the last layer is linear.",
        "linear": "The scores are one linear function of the point: nothing bends.",
        "saturating": "Far from the data the scores stop changing.",
        "smooth": "The scores bend everywhere; between its kinks a ReLU network is straight.",
    }[_hidden_kind(seen.value)]


# The pairs of output and loss with which Keras trains well; with others, success differs from run to run.
_TRAINABLE = {("linear", "logits"), ("softmax", "probabilities"), ("softmax", "logits")}


def _judge_training(seen: Seen, given: tuple, expected: object) -> str:
    n_classes, _, _, enough = given
    if "fit error" in seen.value:
        return ": ".join(seen.value["fit error"])
    if _units(seen) != n_classes:
        return f"The scores of each point number {_units(seen)}, the classes {n_classes}."
    if (_output_kind(seen.value), _loss_kind(seen.value)) not in _TRAINABLE:
        return "This counts once the last layer and the loss are right."
    if seen.value["accuracy"] < enough:
        return f"After training, {seen.value['accuracy']:.0%} of the points get the right class."
    return ""


def _silent(seen: Seen) -> str:
    """For what the reason tells already."""
    return ""


def _far_scores(seen: Seen) -> str:
    return f"for one point, {numbers(seen.value['far'][0])}" if isinstance(seen.value, dict) else ""


_IDEAS = (
    Idea(
        "softmax twice",
        "You apply softmax twice, in the last layer and in the loss. Keep from_logits=True and make the "
        "last layer linear.",
        _shows(output="softmax", loss="logits"),
    ),
    Idea(
        "softmax twice in the loss",
        "The loss applies softmax to numbers that softmax has already seen. Give it the raw scores.",
        _shows(loss="softmax first"),
    ),
    Idea(
        "the obvious model",
        "This is the obvious model: softmax in the last layer, and a loss on probabilities. The preferred one "
        "has a linear last layer and from_logits=True.",
        _shows(output="softmax", loss="probabilities"),
    ),
    Idea(
        "from_logits forgotten",
        "Your outputs are logits, but the loss was told that they are probabilities and cuts them to [0, 1]: "
        "add from_logits=True to the loss.",
        _shows(output="linear", loss="probabilities"),
    ),
    Idea(
        "ReLU on the logits",
        "ReLU on the last layer turns every score below 0 into 0, and its gradient too: such a class cannot "
        "rise again. Leave the last layer linear; ReLU belongs in the hidden layers.",
        _shows(output="relu"),
    ),
    Idea(
        "sigmoid on the logits",
        "Sigmoid answers N separate yes/no questions. Classes that exclude each other need the softmax of "
        "linear scores: leave the last layer linear.",
        _shows(output="sigmoid"),
    ),
    Idea(
        "softmax in the last layer",
        "The last layer already is a softmax. Make it linear; the loss takes care of softmax.",
        _shows(output="softmax"),
    ),
    Idea(
        "loss summed over the batch",
        "The loss is the sum over the batch, so the size of a step grows with it. Leave the reduction of the "
        "loss as it is: it averages.",
        _shows(loss="sum"),
    ),
    Idea(
        "loss for one-hot labels",
        "Labels here are whole numbers. SparseCategoricalCrossentropy reads those; CategoricalCrossentropy "
        "and BinaryCrossentropy want one-hot rows.",
        _says("loss error", "same rank", "same shape"),
    ),
    Idea(
        "not compiled",
        "The model has no loss yet: call model.compile(...) before you return it.",
        _says("loss error", "No loss to compute", "compile"),
    ),
    Idea(
        "one optimizer for several models",
        "An optimizer belongs to one model. Make a new one inside build_model each time.",
        _says("fit error", "Unknown variable"),
    ),
    Idea(
        "nothing bends",
        "Without an activation between them, layers multiply into one. Give the hidden layers a ReLU.",
        _shows(hidden="linear"),
    ),
    Idea(
        "hidden layers are not ReLU",
        "The hidden layers have another activation. This exercise asks for ReLU.",
        either(_shows(hidden="saturating"), _shows(hidden="smooth")),
    ),
    Idea(
        "one unit for all classes",
        "The last layer has one unit. It needs one for each class.",
        lambda seen, given: _units(seen) == 1,
    ),
    Idea(
        "number of classes written into the model",
        "The number of units does not follow n_classes. Use the argument for the size of the last layer.",
        lambda seen, given: seen.array is not None and _units(seen) != given[0],
    ),
    Idea(
        "one unit too many",
        "Labels count from 0, so N classes need N units, not N + 1.",
        lambda seen, given: _units(seen) == given[0] + 1,
    ),
)


def classifier(
    name: str,
    case: Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]],
    n_classes: int,
    data: str,
    enough: float,
    section: str = "",
) -> Exercise:
    """The exercise: a function of the number of classes that gives a compiled Keras model.

    The model has ReLU hidden layers and a linear output, and its loss reads integer labels and logits.
    case: draws the points X, (m, n_features), and labels y, (m,), to train on. n_classes: theirs.
    data: those points in words. enough: the accuracy on them that a right model reaches.
    section: the lab's section about it.
    """

    def to_train(rng: np.random.Generator) -> tuple:
        X, y = case(rng)
        return n_classes, X, y, enough

    def to_shape(rng: np.random.Generator) -> tuple:
        return n_classes - 1, case(rng)[0][:40]

    def question(asks: str, points: float, judge: Callable, show: Callable[[Seen], str] = _silent) -> Question:
        return Question(asks, points, to_train, ask=_profile, judge=judge, show=show)

    return Exercise(
        name,
        questions=(
            Question(
                f"{name}({n_classes - 1}) gives {n_classes - 1} scores for each point",
                1,
                to_shape,
                ask=_shape,
                judge=_judge_units,
                show=_silent,
            ),
            question("The last layer leaves the scores free, below 0 and above 1", 2, _judge_output, _far_scores),
            question("The loss reads whole-number labels and logits, and averages over the examples", 2, _judge_loss),
            question("The hidden layers bend the way ReLU does", 1, _judge_hidden),
            question(f"Trained on {data}, it gives {enough:.0%} of them their class", 2, _judge_training),
        ),
        ideas=_IDEAS,
        section=section,
    )
