"""Binder, devcontainer and Colab install what requirements.lock says, with a Python that the course supports."""

import json
import re
import subprocess
import sys

import pytest
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

sys.path.insert(0, str(ROOT))
import start  # noqa: E402

SUPPORTED = SpecifierSet(re.search(r'requires-python = "(.*)"', (ROOT / "pyproject.toml").read_text())[1])
DEVCONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
IMPORT_ALL = """
import importlib, pkgutil, sys
for name in "nbgrader nbval nbconvert nbclient nbformat sqlalchemy pyseccomp jupyterlab bleach pytest".split():
    sys.modules[name] = None  # as if it were not installed
import logitlab.datasets
from logitlab import checks, plots
for room in (checks, plots):
    for module in pkgutil.iter_modules(room.__path__):
        importlib.import_module(f"{room.__name__}.{module.name}")
"""
PYTHONS = [
    ("Binder", (ROOT / ".binder" / "runtime.txt").read_text().strip().removeprefix("python-")),
    ("devcontainer", DEVCONTAINER["image"].split(":")[1]),
]


@pytest.mark.parametrize(("where", "version"), PYTHONS)
def test_the_python_is_one_that_the_course_supports_and_the_lock_installs(where, version):
    assert SUPPORTED.contains(f"{version}.0")
    marks = {"python_version": version, "python_full_version": f"{version}.0", "sys_platform": "linux"}
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if re.match(r"[a-z]", line)]
    wanted = [Requirement(line) for line in lines]
    names = [r.name for r in wanted if r.marker is None or r.marker.evaluate(marks)]
    assert len(names) == len(set(names))
    assert {"tensorflow", "numpy", "jupyterlab", "nbgrader"} <= set(names)


def test_the_set_up_accepts_the_pythons_that_the_package_accepts():
    for minor in range(6, 20):
        assert (start.OLDEST <= (3, minor) <= start.NEWEST) == SUPPORTED.contains(f"3.{minor}.5"), minor


def test_binder_installs_the_lock_and_nothing_beside_it():
    folder = ROOT / ".binder"
    requirements = (folder / "requirements.txt").read_text().split()
    assert requirements[0] == "-r"
    assert [(folder / name).resolve() for name in requirements[1:]] == [ROOT / "requirements.lock"]
    # repo2docker looks into one folder only, and takes one of conda, Docker and pip.
    assert {path.name for path in folder.iterdir()} == {"requirements.txt", "runtime.txt"}
    assert not (ROOT / "binder").exists()


def test_the_devcontainer_runs_a_target_of_the_makefile_that_makes_its_interpreter():
    command = DEVCONTAINER["postCreateCommand"].split()
    assert command[0] == "make"
    plan = subprocess.run(
        [*command, "--dry-run", "--always-make"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert plan.returncode == 0, plan.stderr
    assert "start.py setup" in plan.stdout
    interpreter = DEVCONTAINER["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert interpreter.replace("${containerWorkspaceFolder}", str(ROOT)) == str(start.VENV / "bin" / "python")


def test_the_devcontainer_forwards_the_port_of_make_lab():
    plan = subprocess.run(["make", "lab", "--dry-run"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert [int(port) for port in re.findall(r"--port=(\d+)", plan.stdout)] == DEVCONTAINER["forwardPorts"]
    assert set(DEVCONTAINER["portsAttributes"]) == set(map(str, DEVCONTAINER["forwardPorts"]))


def test_a_lab_needs_none_of_the_packages_that_grade():
    """Colab has TensorFlow, scikit-learn, Matplotlib and ipywidgets; it has neither nbgrader nor its companions."""
    done = subprocess.run([sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
