"""JupyterLab in a real browser, for the tests of what a person sees."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

TOKEN = "for-this-test"
ARGUMENTS = "--no-sandbox --disable-background-networking --disable-component-update --disable-sync".split()
# All cells stay in the page, also those out of sight; nothing is asked for from the network.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window. Skips the test where it is not installed."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed (on Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@contextlib.contextmanager
def jupyterlab(course: Path, scratch: Path, files: str = ".") -> Iterator[str]:
    """The address of a JupyterLab that is started in a course folder, on loopback and a free port.

    scratch: an empty folder for its settings and its log. files: the folder below `course` that it shows.
    """
    for name, values in SETTINGS.items():
        path = scratch / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    environment = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    environment = {name: str(scratch / folder) for name, folder in environment.items()}
    environment["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "logitlab-warm"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    command += [f"--notebook-dir={course / files}", f"--IdentityProvider.token={TOKEN}"]
    log = scratch / "log"
    with (
        log.open("w") as stream,
        subprocess.Popen(command, cwd=course, stdout=stream, stderr=stream, env=os.environ | environment) as process,
    ):
        try:
            yield _wait_for(scratch / "runtime", process, log)
        finally:
            process.terminate()


def _wait_for(runtime: Path, process: subprocess.Popen, log: Path, seconds: float = 60) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        for info in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(ValueError):  # half written
                return json.loads(info.read_text())["url"]
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


def open_notebook(page: Page, server: str, path: str) -> None:
    """Open a notebook of the server alone in JupyterLab, and wait until its kernel can be used."""
    page.goto(f"{server}lab/tree/{path}?token={TOKEN}&reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    wait_until_idle(page)


def choose(page: Page, *path: str) -> None:
    """Choose from JupyterLab's menus, for example Run, Run All Cells."""
    page.get_by_role("menuitem", name=path[0], exact=True).first.click()
    for name in path[1:]:
        page.locator(".lm-Menu-item").filter(has_text=name).first.click()


def wait_until_idle(page: Page, seconds: float = 120) -> None:
    """Wait until the status bar says that the kernel is there and idle."""
    page.locator(".jp-StatusBar-Middle, .jp-StatusBar-Left").get_by_text(re.compile(r"\| Idle$")).first.wait_for(
        timeout=1000 * seconds
    )


def run_all(page: Page, seconds: float = 120) -> None:
    """Run all cells by the menu, and wait until each has run and the kernel is idle."""
    choose(page, "Run", "Run All Cells")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].every(p => /\\d/.test(p.textContent))",
        timeout=1000 * seconds,
    )
    wait_until_idle(page)


def cell(page: Page, number: int) -> Locator:
    """The cell with this number, counted from 0."""
    return page.locator(".jp-Notebook .jp-Cell").nth(number)
