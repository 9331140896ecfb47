"""The pages: whole, offline, readable for everybody, and without a word of the answers."""

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import numpy as np
import pytest
from answers import MODULES
from classroom import blank, solved
from logitlab.authoring import LabError
from logitlab.formulas import softmax
from logitlab.markdown import markdown2html, mathml, render
from logitlab.plots.softmax import softmax_bars
from logitlab.site import figures, pages, questions

LABS = sorted(MODULES)
NAMES = ["index", *LABS]
LOADING = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}


class Document(HTMLParser):
    """The tags of a page with their attributes, and its text without scripts."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def all(self, name: str) -> list[dict]:
        return [attributes for tag, attributes in self.tags if tag == name]


@pytest.fixture(scope="module")
def site(root, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    pages.write(root, folder)
    return folder


@pytest.fixture(scope="module")
def documents(site) -> dict[str, Document]:
    return {path.stem: Document(path.read_text("utf-8")) for path in site.glob("*.html")}


@pytest.fixture
def live(browser, site):
    """Lab 01 with its moving picture, and a way to set the sliders and read the bars."""
    tab = browser.new_page()
    tab.goto((site / "01_softmax.html").as_uri())

    def bars(**numbers: float) -> tuple[list[float], list[float]]:
        for name, number in numbers.items():
            tab.locator(f"input[name={name}]").fill(str(number))
        read = "drawing => [...drawing.querySelectorAll('[data-value]')].map(bar => Number(bar.dataset.value))"
        return tuple(tab.locator(".live svg").nth(k).evaluate(read) for k in range(2))

    tab.bars = bars
    yield tab
    tab.close()


def closed_up(text: str) -> str:
    return "".join(text.split())


@cache
def answer_lines(lab: str) -> set[str]:
    """The lines of all answers of a lab, code and words, without their spaces."""
    lines = []
    for cell in solved(lab).cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            if cell.cell_type == "code":
                lines += re.search(r"### BEGIN SOLUTION\n(.*?)### END", cell.source, re.DOTALL)[1].splitlines()
            else:
                lines += re.split(r"[.:;|]\s", Document(render(cell.source)[0]).text)
    return {closed_up(line) for line in lines} - {""}


@cache
def learners_text(lab: str) -> str:
    """All that stands in the learner's notebook, without spaces."""
    sources = (c.source if c.cell_type == "code" else Document(render(c.source)[0]).text for c in blank(lab).cells)
    return closed_up("".join(sources))


def given_away(text: str, name: str) -> set[str]:
    """Lines of the answers of any lab in the text of a page, but for what stands in the learner's notebook too."""
    known = learners_text(name) if name in LABS else ""
    seen = closed_up(text)
    return {line for lab in LABS for line in answer_lines(lab) if line in seen and line not in known}


def test_there_is_a_page_for_every_lab_and_one_to_land_on(documents, site):
    assert sorted(documents) == sorted(NAMES)
    links = [link["href"] for link in documents["index"].all("a")]
    assert {f"{lab}.html" for lab in LABS} <= set(links)
    for before, after in zip(LABS, LABS[1:], strict=False):
        assert {"rel": "next", "href": f"{after}.html"} in documents[before].all("a")
        assert {"rel": "prev", "href": f"{before}.html"} in documents[after].all("a")


def test_the_landing_page_asks_eleven_questions_and_links_to_the_sections_that_settle_them(documents):
    assert len(questions.QUESTIONS) == 11
    text = " ".join(documents["index"].text.split())
    links = [link["href"] for link in documents["index"].all("a")]
    for question in questions.QUESTIONS:
        assert re.sub("<.*?>", "", question.asks) in text
        assert question.places
        for place in question.places:
            assert place.replace("#", ".html#") in links


def test_every_link_leads_somewhere(documents, site):
    ids = {name: {tag["id"] for _, tag in page.tags if "id" in tag} for name, page in documents.items()}
    for name, page in documents.items():
        for link in page.all("a"):
            if not link["href"].startswith("https://"):
                file, _, anchor = link["href"].partition("#")
                target = Path(file).stem or name
                assert (site / f"{target}.html").is_file(), link
                assert not anchor or anchor in ids[target], (name, link)


def test_a_page_loads_nothing_but_its_neighbours(documents, site):
    for name, page in documents.items():
        for tag, attributes in page.tags:
            address = attributes.get(LOADING.get(tag, ""), "data:")
            assert address.startswith("data:") or (site / address).is_file(), (name, tag, address)
    assert not re.search(r"url\(|@import", (site / "style.css").read_text())
    assert not re.search(r"fetch|XMLHttpRequest|import\(", (site / "softmax.js").read_text())


def test_all_script_is_under_a_megabyte(documents, site):
    assert sum(path.stat().st_size for path in site.glob("*.js")) < 1_000_000
    scripts = [script for page in documents.values() for script in page.all("script")]
    assert scripts == [{"src": "softmax.js", "defer": None}]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_gives_no_answer_away(name, documents):
    assert given_away(documents[name].text, name) == set()
    assert "SOLUTION" not in documents[name].text


@pytest.mark.parametrize("lab", LABS)
def test_an_answer_on_a_page_would_be_noticed(lab):
    nb = solved(lab)
    shown = Document(pages.lab_html(nb, pages.page_of(lab, nb))).text
    found = given_away(shown, lab)
    for cell in nb.cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("solution"):
            rendered = cell.source if cell.cell_type == "code" else Document(render(cell.source)[0]).text
            assert any(line in closed_up(rendered) for line in found), mark.grade_id


@pytest.mark.parametrize("lab", LABS)
def test_a_page_shows_every_cell_that_learners_have_and_every_output_that_is_theirs_to_see(lab, documents):
    text = closed_up(documents[lab].text)
    ids = {tag.get("id") for tag in documents[lab].all("div")}
    outputs = {cell.id: cell.get("outputs", []) for cell in solved(lab).cells}
    images = texts = 0
    for cell in blank(lab).cells:
        assert f"cell-{cell.id}" in ids
        if cell.cell_type == "code":
            assert closed_up(cell.source) in text, cell.id
        if "nbgrader" not in cell.metadata:
            for output in outputs[cell.id]:
                assert closed_up(output.get("text", "")) in text, cell.id
                images += "image/png" in output.get("data", {})
                texts += "image/png" not in output.get("data", {})
    assert images == len(documents[lab].all("img"))
    assert texts == documents[lab].all("pre").count({"class": "output"})


def test_the_written_answer_is_blank(documents):
    assert "YOUR ANSWER HERE" in documents["09_digits"].text
    assert "Rubric" not in documents["09_digits"].text


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_what_it_is_and_what_its_figures_show(name, documents):
    page = documents[name]
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("title")) == len(page.all("h1")) == len(page.all("main")) == 1
    ids = [tag["id"] for _, tag in page.tags if "id" in tag]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    for image in page.all("img"):
        assert len(image["alt"]) > 40, image["alt"]
    for nav in page.all("nav"):
        assert nav["aria-label"]


def test_titles_of_pages_differ(site):
    titles = [re.search("<title>(.*)</title>", path.read_text("utf-8"))[1] for path in site.glob("*.html")]
    assert len(set(titles)) == len(NAMES)


def test_a_text_of_a_figure_belongs_to_a_figure():
    for lab, texts in figures.TEXTS.items():
        nb = pages.to_read(blank(lab), solved(lab), lab)
        assert texts.keys() <= pages.page_of(lab, nb).figures.keys()


def test_a_figure_without_a_text_is_named(monkeypatch):
    monkeypatch.setitem(figures.TEXTS, "02_argmax", {})
    nb = pages.to_read(blank("02_argmax"), solved("02_argmax"), "02_argmax")
    with pytest.raises(LabError, match=r"02_argmax: .*'order_picture' has no text.*figures\.py"):
        pages.page_of("02_argmax", nb)


def test_what_the_last_line_of_a_cell_gives_is_shown_and_other_displays_are_refused():
    nb = pages.to_read(blank("02_argmax"), solved("02_argmax"), "02_argmax")
    nb.cells[2].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "a <value>"})]
    assert "a <value>" in Document(pages.lab_html(nb, pages.page_of("02_argmax", nb))).text
    nb.cells[2].outputs = [nbformat.v4.new_output("display_data", {"text/html": "<b>bold</b>", "text/plain": "bold"})]
    with pytest.raises(LabError, match="02_argmax: cell 'setup' displays what the pages cannot show"):
        pages.page_of("02_argmax", nb)


def test_a_question_that_is_settled_nowhere_is_named():
    with pytest.raises(LabError, match=r"settled in 01_softmax#6-the-category-needs-no-softmax.*not found"):
        pages.questions([])


@pytest.mark.parametrize("spoil", [lambda nb: nb.cells[3].update(source="## Other"), lambda nb: nb.cells.pop(3)])
def test_labs_that_are_not_what_the_solutions_generate_are_named_with_the_way_out(spoil):
    nb = blank("02_argmax")
    spoil(nb)
    with pytest.raises(LabError, match="make labs LAB=02_argmax"):
        pages.to_read(nb, solved("02_argmax"), "02_argmax")


@pytest.mark.parametrize("lab", LABS)
def test_no_formula_is_left_as_latex(lab, documents):
    assert len(documents[lab].all("math")) > 10
    for cell in blank(lab).cells:
        if cell.cell_type == "markdown":
            html = re.sub(r"<(pre|code)\b.*?</\1>", "", render(cell.source)[0], flags=re.DOTALL)
            assert not re.search(r"\\[a-z]|\$", html), cell.id


def test_a_formula_has_words_as_words_and_signs_as_signs():
    text = mathml(r"\mathrm{softmax}(z) = -\log p \lvert v \rvert - \infty")
    assert "<mtext>softmax</mtext>" in text
    assert '<mo form="prefix">−</mo><mi>log</mi><mspace width="0.167em" /><mi>p</mi>' in text
    assert '<mo form="prefix">|</mo><mi>v</mi><mo form="postfix">|</mo><mo>−</mo>' in text


def test_the_moving_picture_begins_as_the_figure_of_the_notebook(live):
    logits, probabilities = live.bars()
    axes = softmax_bars(np.array(logits))
    drawn = [[bar.get_height() for bar in ax.patches] for ax in axes]
    np.testing.assert_allclose(logits, drawn[0])
    np.testing.assert_allclose(probabilities, drawn[1])
    words = next(cell for cell in solved("01_softmax").cells if cell.id == "explore").outputs[0].data["text/plain"]
    assert " ".join(f"{z:g}" for z in logits) in words
    assert " ".join(f"{p:.3f}" for p in probabilities) in words
    fills = live.locator(".live rect[data-value]").evaluate_all("bars => bars.map(bar => bar.getAttribute('fill'))")
    assert fills == 2 * list(pages.COLORS[:4])


def test_the_moving_picture_agrees_with_the_formula_wherever_the_sliders_stand(live):
    rng = np.random.default_rng(0)
    for numbers in [*rng.integers(-100, 101, size=(12, 5)) / 10, [-10, 10, 10, -10, 10], [-10] * 5]:
        *z, c = numbers
        logits, probabilities = live.bars(**{f"z{k}": value for k, value in enumerate(z)}, c=c)
        np.testing.assert_allclose(logits, np.array(z) + c, atol=1e-12)
        np.testing.assert_allclose(probabilities, softmax(z), rtol=1e-12)


def test_the_keyboard_moves_the_picture_and_words_say_what_it_shows(live):
    live.get_by_role("slider", name="z0").focus()
    live.keyboard.press("End")
    logits, probabilities = live.bars()
    assert logits == [10, 2, 3, 4]
    said = live.get_by_role("status")
    assert "Class 0 has the largest logit, and the largest probability: 0.996." in said.inner_text()
    assert "The gap to class 3, the next, is 6.0, so class 0 is exp(6.0) = 403 times as probable" in said.inner_text()
    assert live.get_by_role("img", name="softmax(z + c): 0.996, 0.000, 0.001, 0.002").count() == 1
    live.get_by_role("slider", name="shift c").focus()
    live.keyboard.press("ArrowLeft")
    assert "The probabilities have not moved." in said.inner_text()
    assert live.bars()[1] == pytest.approx(probabilities, rel=1e-12)
    live.get_by_role("button", name="Back to the start").press("Enter")
    assert live.bars()[0] == [1, 2, 3, 4]


def test_classes_that_share_the_lead_are_all_named(live):
    live.bars(z0=4, z1=4, c=0)
    live.get_by_role("slider", name="z2").press("Home")
    assert "Classes 0, 1 and 3 share the largest logit, and the largest probability: 0.333." in live.content()
    live.bars(z0=-10, z1=-10, z2=-9.9)
    live.get_by_role("slider", name="z2").press("Home")
    live.get_by_role("slider", name="z3").press("Home")
    assert "Nothing tells the classes apart." in live.get_by_role("status").inner_text()


CONTRASTS = """() => {
  document.querySelectorAll('details').forEach(details => { details.open = true });
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const light = color => {
    const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = numbers(color).map(v => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (numbers(color)[3] !== 0) return color;
    }
  };
  const low = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('script')) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(element.closest('svg') ? style.fill : style.color), light(ground(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) low.add(`${element.tagName}.${element.className} ${contrast.toFixed(2)}`);
  }
  return [...low];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_reads_well_and_asks_nothing_of_the_network(scheme, browser, site):
    """Contrast of all text, nothing wider than a phone, a small and a large window, no error, no request."""
    tab = browser.new_page(color_scheme=scheme)
    seen, errors = [], []
    tab.on("request", lambda request: seen.append(request.url))
    tab.on("pageerror", lambda error: errors.append(error))
    for name in NAMES:
        tab.goto((site / f"{name}.html").as_uri())
        assert tab.evaluate(CONTRASTS) == [], name
        for width in (360, 800, 1280):
            tab.set_viewport_size({"width": width, "height": 800})
            assert tab.evaluate("document.documentElement.scrollWidth") == width, (name, width)
    tab.close()
    assert errors == []
    assert {"file"} <= {url.split(":")[0] for url in seen} <= {"file", "data"}


def test_low_contrast_would_be_noticed(browser):
    tab = browser.new_page()
    tab.set_content('<body style="background: #fff"><p style="color: #888">grey <b style="color: #333">dark</b></p>')
    assert tab.evaluate(CONTRASTS) == ["P. 3.54"]
    tab.close()


def test_without_a_script_the_static_figure_stays(browser, site):
    tab = browser.new_page(java_script_enabled=False)
    tab.goto((site / "01_softmax.html").as_uri())
    assert tab.locator("figure.live img").get_attribute("alt").startswith("Bars of four logits")
    tab.close()


def test_the_picture_knows_the_course_s_colours(documents):
    look = json.loads(documents["01_softmax"].all("figure")[0]["data-picture"])
    assert look["region"] == pages.REGION
    assert tuple(look["colors"]) == pages.COLORS[:4]


def test_what_a_learner_writes_is_shown_even_where_it_is_no_formula():
    html = markdown2html(r"Neither $\frac{1}{$ nor **that**, but $\log p$ is a formula.")
    assert "<strong>that</strong>" in html
    assert html.count("<math") == 1
    assert r"$\frac{1}{$" in html
