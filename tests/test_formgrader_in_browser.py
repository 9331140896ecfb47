"""An instructor grades a written answer in JupyterLab's formgrader, and a learner's feedback page says all there is."""

import re
import subprocess
import sys

import pytest
from answers import cases
from browser import TOKEN, choose, jupyterlab
from classroom import answered, blank, course, light, submit
from playwright.sync_api import expect

LAB = "09_digits"
WRITTEN = "why_softmax"
WRONG = next(case for case in cases(LAB) if case.exercise == "most_confused" and case.ideas and case.earns)
ANSWERS = {"ada": "Training needs softmax, in the loss.", "ben": "It picks the largest."}


@pytest.fixture(scope="module")
def graded(browser, tmp_path_factory):
    """A course folder in which two learners' submissions are graded, but for what a person has to grade."""
    folder = course(tmp_path_factory.mktemp("class"))
    for learner, text in ANSWERS.items():
        nb = light(answered(blank(LAB), [WRONG]), LAB)
        next(cell for cell in nb.cells if cell.id == WRITTEN).source = text
        submit(folder, learner, LAB, nb)
    subprocess.run([sys.executable, "-m", "nbgrader", "autograde", LAB], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def server(graded, tmp_path_factory):
    with jupyterlab(graded, tmp_path_factory.mktemp("jupyter")) as url:
        yield url


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    # The pages load MathJax from a network; without one they must not wait for it.
    page.route("https://**", lambda route: route.abort())
    yield page
    page.close()


@pytest.fixture
def formgrader(server, page):
    """The formgrader, opened by JupyterLab's menu."""
    page.goto(f"{server}lab?token={TOKEN}&reset")
    choose(page, "Nbgrader", "Formgrader")
    return page.frame_locator("iframe")


def row(frame, learner: str):
    """A learner's row in a table of the formgrader."""
    return frame.get_by_role("row").filter(has_text=learner)


def submissions(frame) -> None:
    """Go to the submissions of the lab, by way of Manual Grading."""
    frame.get_by_role("link", name="Manual Grading").first.click()
    for where in ("Manual Grading", LAB):
        expect(frame.locator(".breadcrumb .active")).to_have_text(where)
        frame.locator("tbody").get_by_role("link", name=LAB).click()
    frame.get_by_text("Submission #1").wait_for()
    frame.get_by_role("button", name="Show All Names").click()


def test_an_instructor_grades_a_written_answer_and_the_learner_reads_what_it_earned(formgrader, graded, page):
    submissions(formgrader)
    expect(row(formgrader, "ada")).to_contain_text(f"{WRONG.earns:g} / 22")
    row(formgrader, "ada").get_by_role("link", name="ada").click()

    answer = formgrader.locator(".nbgrader_cell").filter(has=formgrader.locator(f"#{WRITTEN}"))
    expect(answer).to_contain_text(ANSWERS["ada"])
    points = formgrader.locator(f"#{WRITTEN}")
    expect(points).to_have_class(re.compile("needs_manual_grade"))
    points.fill("1.5")
    with page.expect_response(lambda response: "/api/grade/" in response.url) as saved:
        points.press("Tab")
    assert saved.value.ok
    with page.expect_response(lambda response: "/api/comment/" in response.url) as saved:
        answer.locator("textarea").fill("What does the loss need it for?")
        answer.locator("textarea").press("Tab")
    assert saved.value.ok

    submissions(formgrader)
    expect(row(formgrader, "ada")).to_contain_text(f"{WRONG.earns + 1.5:g} / 22")
    expect(row(formgrader, "ada")).to_contain_text("1.5 / 4")
    expect(row(formgrader, "ben")).to_contain_text("0 / 4")

    formgrader.get_by_role("link", name="Manage Assignments").first.click()
    row(formgrader, LAB).locator(".num-submissions").get_by_role("link").click()
    row(formgrader, "ada").locator(".generate-feedback").get_by_role("link").click()
    expect(formgrader.locator(".modal-body").first).to_contain_text("Successfully generated feedback", timeout=30_000)

    page.goto((graded / "feedback" / "ada" / LAB / f"{LAB}.html").as_uri())
    expect(page.get_by_role("heading").first).to_have_text(f"{LAB} (Score: {WRONG.earns + 1.5} / 22.0)")
    expect(page.locator("body")).to_contain_text("Written response (Score: 1.5 / 4.0)")
    expect(page.locator("body")).to_contain_text("What does the loss need it for?")
    expect(page.locator("body")).to_contain_text("build_model: not answered yet, 0 of 8 points")
    table = page.get_by_role("table")
    expect(table).to_contain_text(f"most_confused: {WRONG.earns:g} of 5 points, not all right yet")
    wrong = table.get_by_role("row").filter(has_text="✗ wrong").first
    expect(wrong).to_contain_text("your most_confused gave")
    expect(wrong.locator("strong")).not_to_be_empty()
