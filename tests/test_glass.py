"""Plain data passes the glass unchanged; nothing else passes."""

import io
import pickle

import numpy as np
import pytest
from answers import MODULES, cases, check
from classroom import exercises
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from logitlab.checks.answers import Answer, Seen
from logitlab.grading.glass import MAX_BYTES, GlassError, Responder, decode, encode
from logitlab.grading.judge import Glass, judge
from logitlab.models import Recipe

DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(),
    hnp.unsigned_integer_dtypes(),
    hnp.floating_dtypes(),
    hnp.unicode_string_dtypes(),
)
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
PLAIN = st.recursive(
    st.one_of(ARRAYS, st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=50)),
    lambda parts: st.one_of(st.lists(parts, max_size=4), st.lists(parts, max_size=4).map(tuple)),
    max_leaves=10,
)


def through(value, make=None):
    buffers = []
    return decode(encode(value, buffers, lambda handle: 7), buffers, make or {})


def same(a, b) -> bool:
    if isinstance(a, np.ndarray):
        equal_nan = a.dtype.kind == "f"
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=equal_nan)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and (a == b or a != a)


@given(PLAIN)
def test_plain_data_comes_back_as_it_was(value):
    assert same(value, through(value))


def test_number_types_and_recipes_pass():
    assert through(np.float16) is np.float16
    recipe = Recipe.random(np.random.default_rng(0), (2, 3, 4))
    back = through(recipe)
    assert all(np.array_equal(a, b) for a, b in zip(recipe.weights, back.weights, strict=True))
    assert through(Answer(len), {"function": lambda number: number}) == 7


@pytest.mark.parametrize(
    "value", [object(), {1}, {"a": 1}, np.array([None]), np.zeros(1, "M8[s]"), np.zeros(1, "i4,i4")]
)
def test_nothing_else_passes(value):
    with pytest.raises(GlassError):
        through(value)


def npy(header: bytes, data: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data


HEADER = b"{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n"
OBJECT = io.BytesIO()
np.save(OBJECT, np.array([print], object), allow_pickle=True)


@pytest.mark.parametrize(
    "buffer",
    [
        b"",
        pickle.dumps(1),
        OBJECT.getvalue(),
        npy(HEADER % (b"|O", b"1,"), pickle.dumps(print)),
        npy(HEADER % (b"<f8", b"1000000000000,")),
        npy(HEADER % (b"<f8", b"-1,")),
        npy(HEADER % (b"<f8", b"0, 99999999999999999999,")),
        npy(HEADER % (b"<f8", b"2,"), bytes(8)),
        npy(HEADER % (b"<f8", b"1,"), bytes(16)),
        npy(b"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }\n", bytes(8)),
        npy(b"__import__('os').getpid()\n"),
        npy(b"(" * 5000),
    ],
)
def test_a_forged_array_does_not_pass(buffer):
    with pytest.raises(GlassError):
        decode({"array": 0}, [buffer], {})


def test_more_than_the_limit_does_not_pass():
    with pytest.raises(GlassError, match="64 MB"):
        decode({"plain": 1}, [bytes(MAX_BYTES + 1)], {})
    deep = {"plain": 1}
    for _ in range(50):
        deep = {"list": [deep]}
    with pytest.raises(GlassError):
        decode(deep, [], {})
    with pytest.raises(GlassError):
        decode({"list": [{"plain": 1}] * 10_000}, [], {})


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda parts: st.one_of(
        st.lists(parts, max_size=3),
        st.dictionaries(
            st.sampled_from(["array", "list", "tuple", "plain", "float", "dtype", "recipe", "model", "function"]),
            parts,
            max_size=2,
        ),
    ),
    max_leaves=8,
)


@given(st.one_of(JSON, st.fixed_dictionaries({"value": JSON, "error": JSON, "arguments": JSON})))
@settings(max_examples=300)
def test_any_reply_becomes_an_observation(reply):
    """A kernel can send what it likes: the judge sees a value, or an error, and never raises."""
    seen = Glass(lambda content, buffers: (reply, [])).ask("f", "call", (np.zeros(2), 1), {})
    assert isinstance(seen, Seen)


def window(names: dict) -> Glass:
    """A glass with the responder of a kernel right behind it."""
    return Glass(Responder(names).answer)


def test_a_name_the_judge_does_not_know_is_a_handle():
    (output,) = judge("float(f(np.arange(3)))", "import numpy as np", window({"f": lambda x: x.sum()}))
    assert output.data == {"text/plain": "3.0"}
    (output,) = judge("f(1)", "", window({}))
    assert output.evalue.startswith("NameError: name 'f' is not defined")


def test_a_changed_argument_comes_back_changed():
    def change(x):
        x[0] = 5
        return x

    x = np.zeros(2)
    seen = window({"f": change}).answer("f").call(x)
    assert seen.arguments[0][0] == 5
    assert x[0] == 0


def test_the_judge_makes_of_an_answer_what_its_check_makes_of_it_here():
    for case in (case for case in cases("02_argmax") if "import" not in case.source):
        (output,) = judge(
            f"check.{case.exercise}({case.exercise}, seed=1)",
            "from logitlab.checks import argmax as check",
            window({case.exercise: case.function}),
        )
        assert float(output.data["text/plain"]) == check("02_argmax", case.exercise)(case.function, seed=1)


HOSTILE = [
    np.array("text"),
    np.array([]),
    np.zeros((0, 3)),
    np.array(np.nan),
    np.full((2, 2), np.inf),
    np.array([True]),
    np.zeros((1, 1, 1, 1)),
    np.array([2**63], dtype="u8"),
    np.array(["a", "b"]),
    np.array(-1e308),
    (np.zeros(2), np.zeros((3, 3))),
    (),
]


class Stub(Answer):
    """An answer that gives one value whatever it is asked."""

    def __init__(self, value):
        self._value = value

    def call(self, *arguments, times=1):
        return Seen(value=self._value, arguments=arguments)


class StubModel:
    """A model that gives one value whatever it is asked."""

    def __init__(self, value):
        self._value = value

    def _say(self, *arguments, **options):
        return self._value

    predict = compute_loss = _say

    def fit(self, *arguments, **options):
        raise ValueError("no")


@pytest.mark.parametrize("lab", sorted(MODULES))
def test_no_value_makes_a_check_stumble(lab):
    """A check never raises, whatever plain data an answer, or its model, gives."""
    from logitlab.checks.answers import Model

    for name in exercises(lab):
        for value in HOSTILE:
            answers = [Stub(value), Stub(Model(StubModel(value))), Stub(Stub(value))]
            for answer in answers:
                assert check(lab, name)(answer, seed=0) < check(lab, name).points, (name, value)
