"""An instructor grades a written answer in the formgrader, and reads a learner's feedback page."""

import os
import subprocess
import sys

import pytest
from answers import cases
from browser import TOKEN, choose, chromium, jupyterlab
from classroom import answered, blank, course, light, submit
from playwright.sync_api import expect

LAB = "09_digits"
WRITTEN = "why_softmax"


def submission(text: str, **chosen: str):
    """A submission of the lab: an answer of the bank to each exercise that is named, and a written answer."""
    answers = [case for case in cases(LAB) if chosen.get(case.exercise) == case.function.__name__]
    assert len(answers) == len(chosen)
    nb = light(answered(blank(LAB), answers), LAB)
    next(cell for cell in nb.cells if cell.id == WRITTEN).source = text
    return nb


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def graded(browser, tmp_path_factory):
    """A course folder in which two learners' submissions are graded, but for what a person has to grade."""
    folder = course(tmp_path_factory.mktemp("class"))
    submit(
        folder,
        "ada",
        LAB,
        submission(
            "Training needs it: the loss is $-\\log p_y$.", most_confused="with_a_counter", predict_digit="reshaped"
        ),
    )
    submit(folder, "ben", LAB, submission("It picks the largest.", predict_digit="by_columns"))
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", LAB],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"JUPYTER_DEFAULT_PROVISIONER_NAME": "logitlab-warm"},
    )
    return folder


@pytest.fixture(scope="module")
def server(graded, tmp_path_factory):
    with jupyterlab(graded, tmp_path_factory.mktemp("jupyter")) as url:
        yield url


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


def row(frame, learner: str):
    """A learner's row in a table of the formgrader."""
    return frame.get_by_role("row").filter(has_text=learner)


def test_an_instructor_grades_a_written_answer_and_the_learner_reads_the_feedback(server, graded, page):
    page.goto(f"{server}lab?token={TOKEN}&reset")
    choose(page, "Nbgrader", "Formgrader")
    frame = page.frame_locator("iframe")

    frame.get_by_role("link", name="Manual Grading").click()
    frame.get_by_role("link", name=LAB).click()
    frame.get_by_role("link", name=LAB).last.click()
    frame.get_by_role("button", name="Show All Names").click()
    expect(row(frame, "ada")).to_contain_text("0 / 4")
    row(frame, "ada").get_by_role("link", name="ada").click()

    points = frame.locator(f"#{WRITTEN}")
    expect(points).to_have_value("")
    points.fill("1.5")
    with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT") as saved:
        points.press("Tab")
    assert saved.value.ok

    frame.get_by_role("link", name=LAB).first.click()
    expect(row(frame, "Submission").filter(has_text="1.5 / 4")).to_have_count(1)
