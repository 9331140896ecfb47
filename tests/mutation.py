"""Each reference solution, changed in one place at a time: do the checks see it?

    python tests/mutation.py [LAB ...]

prints for each exercise how many mutants there are, how many of them are wrong, and how many of those
the check rejects, and lists the survivors. `EQUIVALENT` names the mutants that are as right as the
original, each with the reason.
"""

from __future__ import annotations

import ast
import copy
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from answers import MODULES, check
from classroom import exercises, solved
from logitlab import quietly

SECONDS = 60  # a mutant that takes longer counts as rejected: nbgrader would stop it too

OTHER_OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.BitAnd: (ast.BitOr,),
}
OTHER_NAMES = {
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
    "argsort": "sort",
    "sum": "mean",
    "mean": "sum",
    "maximum": "minimum",
    "minimum": "maximum",
    "log1p": "log",
    "any": "all",
    "all": "any",
}
# Where the order of two arguments, the wrapping into a Python number or a setting makes no difference.
SYMMETRIC = {"maximum", "minimum", "max", "min", "isclose", "allclose", "array_equal"}
WRAPPERS = {"int", "float", "bool", "tolist"}
SETTINGS = {"verbose"}
OTHER_TEXT = {"relu": "linear", "stable": "quicksort", "left": "right", "right": "left"}

# (exercise, the changed line) -> why the mutant is as right as the original.
EQUIVALENT: dict[tuple[str, str], str] = {
    # A positive factor for a row. Ties come from exp; those of the division differ from library to library.
    ("same_category", "p = e * e.sum(axis=1, keepdims=True)"): "a positive factor for each row",
    ("same_category", "p = e"): "a positive factor for each row",
    ("same_category", "p = e / e.sum(keepdims=True)"): "a positive factor for each row",
    ("same_category", "p = e / e.mean(axis=1, keepdims=True)"): "a positive factor for each row",
    ("find_tie", "return np.array([0.0, 1e-09, -1.0, -2.0])"): "the check makes float32 of it",
    ("find_tie", "return np.array([0.0, 2e-09, -1.0, -2.0], dtype=np.float32)"): "a tie as well",
    ("find_tie", "return np.array([0.0, 1e-09, -1.0, -4.0], dtype=np.float32)"): "a tie as well",
    ("top_k", "return np.argsort(-logits, kind='stable')[:, :k]"): "the last axis is the default",
    ("logsumexp", "return z_max[:, -1] + np.log(np.exp(z - z_max).sum(axis=1))"): "there is one column",
    (
        "expected_calibration_error",
        "error += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())",
    ): "the same distance",
    ("fit_temperature", "temperatures = np.geomspace(0.1, 11, 1000)"): "as fine a grid, and wider",
    ("fit_temperature", "temperatures = np.geomspace(0.1, 10, 1001)"): "as fine a grid",
    ("fit_temperature", "temperatures = np.geomspace(0.1, 10, 999)"): "as fine a grid",
    (
        "fit_temperature",
        "log_p = shifted / T - np.log(np.exp(shifted / T).mean(axis=1, keepdims=True))",
    ): "log N less for every T",
    ("fit_temperature", "losses.append(-log_p[np.arange(len(y)), y].sum())"): "m times as much for every T",
    ("diagnose", "if np.isclose(loss, 3.4402):"): "close enough without a tolerance of its own",
    ("diagnose", "if np.isclose(loss, 3.4402, atol=0.02):"): "no other reading is that near",
    ("diagnose", "p = model.predict(np.random.default_rng(1).normal(size=(40, 2)), verbose=0)"): "other points",
    ("diagnose", "p = model.predict(np.random.default_rng(0).normal(size=(41, 2)), verbose=0)"): "other points",
    ("diagnose", "p = model.predict(np.random.default_rng(0).normal(size=(39, 2)), verbose=0)"): "other points",
    ("to_labels", "return y.reshape(-2).astype(int)"): "NumPy takes any negative size",
    ("sigmoid", "return np.where(z > 0, 1, e) / (1 + e)"): "both branches are 1/2 at 0",
    ("predict_digit", "return int(np.argmax(z[-1]))"): "there is one row",
    ("most_confused", "counts = np.zeros((N, N))"): "whole floats count as well",
    ("most_confused", "N = max(y.max(), y_hat.max()) + 2"): "an empty row and column more",
    ("most_confused", "np.add.at(counts, (y, y_hat), 2)"): "every count twice",
    ("most_confused", "np.fill_diagonal(counts, -1)"): "the diagonal is never the largest",
    ("ulp_error", "return np.abs(exact - approx) / np.spacing(np.abs(exact).astype(np.float32))"): "the same distance",
    ("log1p_goldberg", "w = 1 + x"): "NumPy keeps float32 beside a Python number",
    ("log1p_goldberg", "with np.errstate():"): "it only warns",
}


@dataclass
class Outcome:
    """The mutants of an exercise: how many there are, which are equivalent, and which the check accepted."""

    exercise: str
    mutants: int = 0
    equivalent: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        return self.mutants - len(self.equivalent)

    @property
    def rejected(self) -> int:
        return self.wrong - len(self.survivors)


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Every version of a source with one change: the changed line, and the whole."""
    tree = ast.parse(source)
    original = ast.unparse(tree)
    seen = {original}
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            places = enumerate(value) if isinstance(value, list) else [(None, value)]
            for place, child in places:
                if not isinstance(child, ast.AST) or _is_untouched(parent, child):
                    continue
                for other in _others(child):
                    _put(parent, name, place, other)
                    changed = ast.unparse(ast.fix_missing_locations(tree))
                    if changed not in seen:
                        seen.add(changed)
                        yield _difference(original, changed), changed
                _put(parent, name, place, child)


def _put(parent: ast.AST, name: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[place] = node


def _is_untouched(parent: ast.AST, node: ast.AST) -> bool:
    """Docstrings, and settings that say nothing about the result."""
    is_prose = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_prose or (isinstance(parent, ast.keyword) and parent.arg in SETTINGS)


def _difference(before: str, after: str) -> str:
    lines = set(before.splitlines())
    return " / ".join(line.strip() for line in after.splitlines() if line not in lines)


def _others(node: ast.AST) -> Iterator[ast.AST]:
    """What can stand in the place of a node: sign, comparison, constant, axis, shift, off by one, another function."""
    if isinstance(node, ast.BinOp):
        for operator in OTHER_OPERATORS.get(type(node.op), ()):
            yield ast.BinOp(node.left, operator(), node.right)
        if isinstance(node.op, ast.Sub | ast.Div):
            yield ast.BinOp(node.right, node.op, node.left)
        yield node.left
        yield node.right
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for operator in OTHER_OPERATORS.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [operator()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(OTHER_OPERATORS[type(node.op)][0](), node.values)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from _other_constants(node)
    elif isinstance(node, ast.Attribute) and node.attr in OTHER_NAMES:
        yield ast.Attribute(node.value, OTHER_NAMES[node.attr], node.ctx)
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for k, keyword in enumerate(node.keywords):
            if keyword.arg not in SETTINGS:
                yield ast.Call(node.func, node.args, node.keywords[:k] + node.keywords[k + 1 :])
        if len(node.args) == 1 and not node.keywords and name not in WRAPPERS:
            yield node.args[0]
        if len(node.args) == 2 and name not in SYMMETRIC:
            yield ast.Call(node.func, node.args[::-1], node.keywords)
    elif isinstance(node, ast.Slice) and isinstance(node.upper, ast.Name):
        yield ast.Slice(node.lower, ast.BinOp(node.upper, ast.Add(), ast.Constant(1)), node.step)


def _other_constants(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, float):
        yield ast.Constant(2 * value if value else 1.0)
    elif isinstance(value, str) and value in OTHER_TEXT:
        yield ast.Constant(OTHER_TEXT[value])


def solutions(lab: str) -> tuple[dict, dict[str, str]]:
    """The names that the author's answers define, with those of the setup cell, and the answers' sources."""
    cells = {cell.id: cell.source for cell in solved(lab).cells}
    sources = {name: cells[name] for name in exercises(lab)}
    names: dict = {}
    for source in (cells["setup"], *sources.values()):
        exec(source, names)
    return names, sources


def run(lab: str, exercise: str, names: dict, source: str) -> Outcome:
    """Put every mutant of a solution to its check."""
    outcome = Outcome(exercise)
    question = check(lab, exercise)
    for line, mutant in mutants(source):
        outcome.mutants += 1
        if (exercise, line) in EQUIVALENT:
            outcome.equivalent.append(line)
        elif _accepted(question, exercise, dict(names), mutant):
            outcome.survivors.append(line)
    return outcome


def _accepted(question, exercise: str, names: dict, mutant: str) -> bool:
    def stop(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        exec(mutant, names)
        # Two seeds: a mutant that one set of random questions lets pass has two chances to be seen.
        return all(question.is_right(names[exercise], seed=seed) for seed in (1, 2))
    except TimeoutError:
        return False
    finally:
        signal.alarm(0)


def main(labs: list[str]) -> int:
    with quietly():
        import keras  # noqa: F401
    survived = 0
    for lab in labs or sorted(MODULES):
        names, sources = solutions(lab)
        for exercise, source in sources.items():
            outcome = run(lab, exercise, copy.copy(names), source)
            print(
                f"{lab:20} {exercise:30} {outcome.mutants:4} mutants {len(outcome.equivalent):3} equivalent "
                f"{outcome.rejected:4} of {outcome.wrong:4} rejected",
                flush=True,
            )
            for line in outcome.survivors:
                print(f"    survived: {line}", flush=True)
            survived += len(outcome.survivors)
    return survived


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
