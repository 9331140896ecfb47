"""Every check accepts what is right, takes points for what is wrong, and names the wrong idea."""

import subprocess
import sys
import zlib

import answers
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from logitlab import quietly
from logitlab.checks.core import Exercise, Idea, Question, imitated
from logitlab.checks.score import MIMETYPE
from logitlab.formulas import logit_losses, mean_cross_entropy, softmax


@pytest.fixture(scope="module", autouse=True)
def _keras():
    with quietly():
        import keras  # noqa: F401


@pytest.mark.parametrize(("lab", "case"), answers.ALL, ids=[f"{lab}-{case.name}" for lab, case in answers.ALL])
def test_an_answer_of_the_bank_earns_its_points_and_is_told_its_wrong_idea(lab, case):
    check = answers.check(lab, case.exercise)
    score = check(case.function, seed=zlib.crc32(case.name.encode()))
    assert float(score) == (check.points if case.is_right else case.earns), str(score)
    assert score.ideas == case.ideas, str(score)
    for idea in case.ideas:
        hint = next(line.hint for line in score.lines if line.idea == idea)
        assert hint in str(score)


@pytest.mark.parametrize("lab", answers.MODULES)
def test_each_exercise_has_wrong_answers_and_unusual_right_ones(lab):
    for exercise in {case.exercise for case in answers.cases(lab)}:
        mine = [case for case in answers.cases(lab) if case.exercise == exercise]
        assert sum(case.is_right for case in mine) >= 4, exercise
        assert sum(not case.is_right for case in mine) >= 6, exercise


@pytest.mark.parametrize("lab", answers.MODULES)
def test_every_wrong_idea_a_check_knows_is_shown_by_an_answer_of_the_bank(lab):
    for exercise in {case.exercise for case in answers.cases(lab)}:
        known = {idea.name for idea in answers.check(lab, exercise).ideas}
        shown = {idea for case in answers.cases(lab) if case.exercise == exercise for idea in case.ideas}
        assert known <= shown | {"nothing returned", "argument changed"}, exercise


def test_checks_import_no_tensorflow():
    code = (
        "import sys, importlib, numpy as np\n"
        f"for name in {list(answers.MODULES.values())}: importlib.import_module('logitlab.checks.' + name)\n"
        "from logitlab.checks.softmax import my_softmax\n"
        "assert my_softmax(lambda z: z) < 10\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules), 'imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def double(x):
    return 2 * x


DOUBLE = Exercise(
    "double",
    reference=double,
    questions=(
        Question("two random numbers", 2, lambda rng: (rng.normal(size=2),)),
        Question("[1, 2]", 1, lambda rng: (np.array([1.0, 2.0]),)),
    ),
    ideas=(Idea("squared", "That is the square.", imitated(lambda x: x**2)),),
)


def test_a_blank_answer_earns_nothing_and_is_called_unanswered():
    def blank(x):
        raise NotImplementedError

    score = DOUBLE(blank)
    assert score == 0
    assert score.unanswered
    assert "not answered yet" in score.headline


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: 1 / 0,
        lambda x: None,
        lambda x: object(),
        lambda x: "text",
        lambda x: sys.exit(),
        lambda x: {"a": 1},
        lambda x: [[1], [2, 3]],
        lambda x: np.array([1j, 2]),
        lambda x: np.full(2, np.nan),
        lambda x: print,
        lambda x: (np.ones((2, 2)), np.ones(2)),
        lambda: 3,
    ],
)
def test_a_check_never_raises_for_a_wrong_answer(answer):
    score = DOUBLE(answer)
    assert score == 0
    assert all(line.reason for line in score.lines)


PAIR = Exercise(
    "pair",
    reference=lambda parts: (parts[0] @ parts[0], parts[1] + 1),
    questions=(Question("a matrix and a vector", 1, lambda rng: ([np.eye(2), rng.normal(size=2)],)),),
    ideas=(Idea("not squared", "Square it.", imitated(lambda parts: (parts[0] * 3, parts[1]))),),
)


def test_an_answer_may_give_arrays_of_different_shapes_in_a_tuple_or_a_list():
    assert PAIR(lambda parts: (parts[0] @ parts[0], parts[1] + 1)) == 1
    assert PAIR(lambda parts: [parts[0].tolist(), (parts[1] + 1).tolist()]) == 1


def test_of_several_arrays_the_wrong_one_is_named_by_its_place():
    reason = PAIR(lambda parts: (parts[0], parts[1])).lines[0].reason
    assert reason == "Part 2 of 2: The shape is right, the numbers are not."
    assert PAIR(lambda parts: parts[0]).lines[0].reason == "Part 1 of 2: The shape is (2,), it should be (2, 2)."
    assert PAIR(lambda parts: np.ones(3)).lines[0].reason == "2 arrays are asked for."
    assert PAIR(lambda parts: (parts[0] * 3, parts[1])).ideas == ("not squared",)


def test_writing_into_an_array_within_a_list_is_seen():
    def writes(parts):
        parts[1] += 2
        return parts

    assert PAIR(writes).ideas == ("argument changed",)


def test_a_check_that_is_given_no_function_says_what_to_write():
    with pytest.raises(TypeError, match=r"check\.double\(double\)"):
        DOUBLE(np.array([2.0]))


def test_the_same_seed_asks_the_same_questions_and_another_seed_asks_others():
    asked = []
    for seed in (1, 1, 2):
        DOUBLE(lambda x: asked.append(x.copy()), seed=seed)
    assert np.array_equal(asked[0], asked[2])
    assert not np.array_equal(asked[0], asked[4])


def test_nbgrader_reads_a_score_as_a_number_and_people_read_it_as_a_table():
    score = DOUBLE(lambda x: x**2, seed=3)
    bundle = score._repr_mimebundle_()
    assert float(bundle["text/plain"]) == float(score) == 0
    assert "That is the square." in bundle["text/html"]
    assert bundle["text/html"].count("That is the square.") == 1
    assert {line["idea"] for line in bundle[MIMETYPE]["lines"]} == {"squared"}
    assert "seed=3" in bundle["text/html"]


def test_what_an_answer_says_is_escaped_in_the_table():
    def hostile(x):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in DOUBLE(hostile)._repr_html_()


def test_an_answer_that_prints_warns_and_logs_leaves_no_trace_and_is_judged_on_its_value(capfd):
    def chatty(x):
        import logging
        import os
        import warnings

        print("out")
        os.write(2, b"from C\n")
        logging.getLogger("tensorflow").error("log")
        warnings.warn("warned", stacklevel=1)
        return 2 * x

    assert DOUBLE(chatty) == 3
    assert capfd.readouterr() == ("", "")


rows = st.lists(st.floats(-50, 50), min_size=2, max_size=6).map(np.array)


@given(rows, st.floats(-1000, 1000))
def test_softmax_is_a_distribution_and_ignores_a_common_shift(z, c):
    p = softmax(z)
    assert p.min() >= 0
    assert np.isclose(p.sum(), 1)
    assert np.allclose(softmax(z + c), p, atol=1e-9)


@given(rows)
def test_the_loss_of_logits_is_the_cross_entropy_of_their_softmax(z):
    y = np.array([len(z) - 1])
    assert np.isclose(logit_losses(z[None], y)[0], mean_cross_entropy(softmax(z)[None], y))
