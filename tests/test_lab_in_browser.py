"""A learner opens the labs in JupyterLab: every picture is drawn, sliders move it, answers are told what they are."""

import re
import shutil

import nbformat
import pytest
from answers import MODULES, cases
from browser import cell, choose, jupyterlab, open_notebook, run_all, wait_until_idle
from classroom import ROOT, answered, blank, exercises, light, solved
from playwright.sync_api import expect

LABS = sorted(MODULES)
LAB, EXERCISE = "01_softmax", "my_softmax"
FAILED = "[data-mime-type='application/vnd.jupyter.error'], [data-mime-type='application/vnd.jupyter.stderr']"
PIXELS = """image => {
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL();
}"""


@pytest.fixture(scope="module")
def course(browser, tmp_path_factory):
    """A copy of the labs, and of the settings that JupyterLab finds where it is started."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "labs", folder / "labs")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return folder


@pytest.fixture(scope="module")
def server(course, tmp_path_factory):
    with jupyterlab(course, tmp_path_factory.mktemp("jupyter"), files="labs") as url:
        yield url


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    if page.locator(".jp-Notebook").count():
        choose(page, "Kernel", "Shut Down Kernel")
    page.close()
    assert errors == []


def place(nb, name: str) -> int:
    """Where in a notebook the cell with this id stands."""
    return next(k for k, cell in enumerate(nb.cells) if cell.id == name)


def images(nb) -> dict[str, int]:
    """How many pictures each code cell of an executed notebook shows."""
    return {
        cell.id: sum("image/png" in output.get("data", {}) for output in cell.outputs)
        for cell in nb.cells
        if cell.cell_type == "code"
    }


def pixels(image) -> str:
    expect(image).to_have_js_property("complete", True)
    return image.evaluate(PIXELS)


def move(page, slider) -> None:
    """One step with an arrow key: to the right, or to the left where it stands at its right end."""
    at_end = slider.get_attribute("aria-valuenow") == slider.get_attribute("aria-valuemax")
    slider.focus()
    page.keyboard.press("ArrowLeft" if at_end else "ArrowRight")


@pytest.mark.parametrize("lab", LABS)
def test_a_lab_runs_draws_its_pictures_and_redraws_them_when_a_slider_moves(lab, server, page):
    open_notebook(page, server, f"{lab}/{lab}.ipynb")
    run_all(page)
    assert page.locator(FAILED).all_inner_texts() == []
    nb = blank(lab)
    for exercise in exercises(lab):
        expect(cell(page, place(nb, f"check_{exercise}"))).to_contain_text("not answered yet")

    drawn = {name: cell(page, place(nb, name)).locator(".jp-Cell-outputArea img") for name in images(solved(lab))}
    assert {name: image.count() for name, image in drawn.items()} == images(solved(lab))
    widths = [image.evaluate("image => image.naturalWidth") for image in page.locator(".jp-OutputArea img").all()]
    assert all(width > 0 for width in widths)

    labels = page.locator(".widget-slider .widget-label")
    assert labels.evaluate_all("labels => labels.filter(l => l.scrollWidth > l.clientWidth).map(l => l.title)") == []
    for label in labels.all():
        expect(label).to_have_attribute("title", re.compile(".+, from .+ to .+"))
    sliders = page.get_by_role("slider").all()
    assert sliders
    for slider in sliders:
        image = page.locator(".jp-OutputArea-output").filter(has=page.get_by_role("slider")).locator("img")
        before = pixels(image)
        move(page, slider)
        changed = f"([image, before]) => ({PIXELS})(image) !== before"
        page.wait_for_function(changed, arg=[image.element_handle(), before])


def write(page, number: int, source: str) -> None:
    """Replace the text of a cell, by the keyboard."""
    cell(page, number).locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(source)


def run(page, number: int) -> None:
    """Run one cell with Shift+Enter."""
    before = cell(page, number).locator(".jp-InputPrompt").inner_text()
    cell(page, number).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    expect(cell(page, number).locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]"), timeout=60_000)
    expect(cell(page, number).locator(".jp-InputPrompt")).not_to_have_text(before)
    wait_until_idle(page)


def bank(exercise: str, name: str):
    """An answer of the answer bank to an exercise of lab 01."""
    return next(case for case in cases(LAB) if (case.exercise, case.function.__name__) == (exercise, name))


def test_a_wrong_answer_is_told_its_idea_in_a_table_and_a_right_one_gets_full_points(server, page):
    nb = blank(LAB)
    answer, check = place(nb, EXERCISE), place(nb, f"check_{EXERCISE}")
    open_notebook(page, server, f"{LAB}/{LAB}.ipynb")
    run(page, place(nb, "setup"))

    write(page, answer, bank(EXERCISE, "unshifted").source)
    run(page, answer)
    run(page, check)
    table = cell(page, check).get_by_role("table")
    expect(table).to_contain_text("7 of 10 points, not all right yet")
    expect(table).to_contain_text("Subtract the largest logit of the row first")

    write(page, answer, bank(EXERCISE, "shifted").source)
    run(page, answer)
    run(page, check)
    expect(table).to_contain_text("10 of 10 points, all right")
    expect(table).not_to_contain_text("wrong")


# Each piece of text in the tables and below: its colour, and the background colours behind it, the nearest first.
READ = """() => {
    const parse = colour => { const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
    const texts = [];
    for (const part of document.querySelectorAll(".jp-RenderedHTML")) {
        const walk = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) {
            const behind = [];
            for (let e = walk.currentNode.parentElement; e; e = e.parentElement)
                behind.push(parse(getComputedStyle(e).backgroundColor));
            const colour = parse(getComputedStyle(walk.currentNode.parentElement).color);
            if (walk.currentNode.textContent.trim())
                texts.push({text: walk.currentNode.textContent, colour, behind});
        }
    }
    return texts;
}"""


def over(top: list[float], below: list[float]) -> list[float]:
    """The colour that is seen where a translucent one, r g b alpha, lies over an opaque one."""
    return [top[3] * t + (1 - top[3]) * b for t, b in zip(top[:3], below[:3], strict=True)]


def seen(text: dict) -> tuple[list[float], list[float]]:
    """The colours of a text and of what is behind it, as they are seen."""
    behind = [255.0, 255.0, 255.0]
    for layer in reversed(text["behind"]):
        behind = over(layer, behind)
    return over(text["colour"], behind), behind


def luminance(rgb: list[float]) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [c / 255 for c in rgb[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: list[float], behind: list[float]) -> float:
    """Contrast of text with what is behind it, from 1 to 21; WCAG 2.1."""
    light, dark = sorted((luminance(colour), luminance(behind)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_table_is_a_table_and_can_be_read_in_both_themes_and_on_a_narrow_page(server, course, page):
    folder = course / "labs" / "table"
    folder.mkdir()
    nb = answered(blank(LAB), [bank(EXERCISE, "unshifted"), bank("cross_entropy", "summed")])
    nb = light(nb, LAB)
    nb.cells = nb.cells[:7]  # two answers, and one that is left blank
    nbformat.write(nb, folder / "table.ipynb")
    open_notebook(page, server, "table/table.ipynb")
    run_all(page)

    table = page.locator(".jp-OutputArea").get_by_role("table").first
    expect(table.locator("caption")).to_contain_text("my_softmax: 7 of 10 points")
    assert table.locator("thead th").evaluate_all("heads => heads.map(head => head.scope)") == ["col"] * 3
    rows = table.locator("tbody tr").all_inner_texts()
    assert sum(row.startswith("✓ right") for row in rows) == 7
    assert sum(row.startswith("✗ wrong") for row in rows) == 3

    expect(page.locator(".jp-RenderedHTML code")).to_have_text("raise NotImplementedError()")  # of the blank answer

    dark = []
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        choose(page, "Settings", "Theme", theme)
        expect(page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
        page.wait_for_timeout(500)  # the theme's colours fade in
        texts = page.evaluate(READ)
        assert len(texts) > 40
        assert [text["text"] for text in texts if contrast(*seen(text)) < 4.5] == []
        dark.append(luminance(seen(texts[0])[1]) < 0.2)
    assert dark == [False, True]

    for width in (1280, 800):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(200)
        for output in page.locator(".jp-OutputArea-output").all():
            assert output.evaluate("output => output.scrollWidth <= output.clientWidth + 1"), width


def validate(page) -> str:
    """What the Validate button of JupyterLab's toolbar says."""
    page.get_by_role("button", name="Validate", exact=True).click()
    message = page.locator("#validation-message")
    message.wait_for(timeout=60_000)
    text = message.inner_text()
    page.locator(".jp-Dialog").get_by_role("button").last.click()
    return text


def test_validate_says_what_is_blank_what_is_wrong_and_why_and_when_all_is_right(server, course, page):
    folder = course / "labs" / "validate"
    folder.mkdir()
    nb = light(blank(LAB), LAB)
    nb.cells = nb.cells[:5]
    nbformat.write(nb, folder / "validate.ipynb")
    open_notebook(page, server, "validate/validate.ipynb")
    said = validate(page)
    assert "my_softmax: not answered yet, 0 of 10 points" in said
    assert "cross_entropy: not answered yet, 0 of 5 points" in said
    assert "some but not all" not in said

    write(page, 1, bank(EXERCISE, "shifted").source)
    write(page, 3, bank("cross_entropy", "summed").source)
    said = validate(page)
    assert "my_softmax" not in said
    assert "Average over the rows instead of adding" in " ".join(said.split())

    write(page, 3, next(case.source for case in cases(LAB) if case.exercise == "cross_entropy" and case.is_right))
    assert "Success!" in validate(page)
