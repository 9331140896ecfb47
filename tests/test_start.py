"""The first minutes: what goes wrong before anything is installed is told in one line, with the way out."""

import os
import shutil
import socket
import subprocess
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT))
import start  # noqa: E402


@pytest.fixture
def clone(root, tmp_path):
    """What `make lab` needs of a clone, with nothing set up; in a folder with a space, as people have."""
    folder = tmp_path / "my course"
    folder.mkdir()
    for name in ("Makefile", "start.py", "requirements.lock", "pyproject.toml"):
        shutil.copy(root / name, folder)
    return folder


def python_that(tmp_path, changed):
    """A real Python in which these lines run before anything else."""
    (tmp_path / "sitecustomize.py").write_text(changed)
    python = tmp_path / "python-for-this-test"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return python


def make(folder, target, *arguments, **environment):
    """Call make without the settings of a make around it, and return the lines it prints besides its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--silent", "--no-print-directory", target, *arguments],
        cwd=folder, env=kept | environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
    )  # fmt: skip
    return done.returncode, [line for line in done.stdout.splitlines() if not line.startswith("make: ***")]


def set_up(clone, lock):
    """Set up really, but only what this lock names; TensorFlow's first start is left out."""
    (clone / "requirements.lock").write_text(lock)
    code = "import start; start.FIRST_START = ''; start.main(['setup'])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=clone, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("target", ["setup", "lab", "test"])
def test_a_wrong_python_is_named_with_one_that_would_do(clone, tmp_path, target):
    old = python_that(tmp_path, "import sys; sys.version_info = (3, 9, 1, 'final', 0)")
    status, lines = make(clone, target, f"PYTHON={old}")
    assert status
    assert len(lines) == 1
    assert "Python 3.9 cannot run TensorFlow" in lines[0]
    assert "make lab PYTHON=python3.1" in lines[0]
    assert not (clone / ".venv").exists()


def test_a_python_that_is_not_there_is_named(clone):
    status, lines = make(clone, "lab", "PYTHON=python-of-nobody")
    assert status
    assert lines == [
        "There is no python-of-nobody. Install Python 3.10 to 3.13, or name yours: make lab PYTHON=python3.11"
    ]


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_missing_venv_module_is_named_with_its_package(clone, tmp_path, module):
    python = python_that(tmp_path, f"import sys; sys.modules[{module!r}] = None")
    status, lines = make(clone, "setup", f"PYTHON={python}")
    assert status
    assert len(lines) == 1
    assert f"sudo apt install python3.{sys.version_info.minor}-venv" in lines[0]


def test_too_small_a_disk_is_found_before_anything_is_downloaded(clone, tmp_path):
    small = "import shutil; real = shutil.disk_usage; shutil.disk_usage = lambda path: real(path)._replace(free=10**9)"
    status, lines = make(clone, "setup", f"PYTHON={python_that(tmp_path, small)}")
    assert status
    assert len(lines) == 1
    assert "needs 4.0 GB of disk, and 1.0 GB are free" in lines[0]
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize(
    ("pip_says", "told"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "The disk is full.",
        ),
        ("WARNING: Retrying after connection broken by 'NewConnectionError(...)'\nERROR: none", "cannot be reached"),
        ("ERROR: Package 'x' requires a different Python", "ERROR: Package 'x' requires a different Python"),
    ],
)
def test_a_failed_download_is_told_in_one_reason(pip_says, told):
    assert told in start.reason(f"Collecting x\n{pip_says}\n").splitlines()[0]


def test_a_setup_that_failed_is_begun_anew_and_one_that_is_done_is_kept(clone):
    status, lines = set_up(clone, "--no-index\na-package-of-nobody==1\n")
    assert status
    assert any("No matching distribution found for a-package-of-nobody" in line for line in lines)
    half = clone / ".venv" / "half-written"
    half.touch()

    status, lines = set_up(clone, "# nothing\n")
    assert not status, lines
    assert lines[0] == "An earlier set-up was not finished. It begins anew."
    assert "The set-up is done" in lines[-1]
    assert not half.exists()

    (clone / ".venv" / "kept").touch()
    assert make(clone, "setup", "PYTHON=false") == (0, [])
    assert (clone / ".venv" / "kept").exists()


def test_a_taken_port_is_told_and_another_one_used(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        used = start.free_port(port)
    assert port < used < port + 50
    assert capsys.readouterr().out == f"Port {port} is taken, perhaps by another JupyterLab. This one uses {used}.\n"


def test_the_progress_counts_what_pip_has_done():
    lines = ["Collecting a==1", "  Downloading a-1.whl (3 kB)", "Collecting tensorflow==2"]
    lines += ["  Downloading tensorflow-2-cp311.whl (570.2 MB)"]
    assert "2 found" in start.packages(lines)
    assert "now tensorflow (570.2 MB)" in start.packages(lines)
    assert start.packages([*lines, "Installing collected packages: a, b, tensorflow"]).endswith("of 4")
