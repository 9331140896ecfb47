"""A kernel that is forked from a warm process is the kernel that would have been started, only sooner."""

import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from jupyter_client import KernelManager
from jupyter_client.manager import start_new_kernel
from logitlab.grading.provision import Forked, NotWarm, WarmProcess, end_all, warm_process
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
WARM = "JUPYTER_DEFAULT_PROVISIONER_NAME"


@pytest.fixture
def warm(monkeypatch):
    from jupyter_client.provisioning import KernelProvisionerFactory

    monkeypatch.setenv(WARM, "logitlab-warm")
    KernelProvisionerFactory.clear_instance()
    yield
    KernelProvisionerFactory.clear_instance()


@pytest.fixture(scope="module", autouse=True)
def _none_is_left():
    yield
    end_all()


def ask(client, code: str) -> str:
    """What the code prints."""
    told = []

    def hook(message):
        content = message["content"]
        told.append(content.get("text", "") or content.get("evalue", "") or "")

    client.execute_interactive(code, output_hook=hook, timeout=60)
    return "".join(told)


def is_seen_to_be_dead(manager, client) -> None:
    """Within ten seconds; and cleans up."""
    end = time.monotonic() + 10
    while manager.is_alive() and time.monotonic() < end:
        time.sleep(0.05)
    assert not manager.is_alive()
    client.stop_channels()
    manager.cleanup_resources()


SOURCES = [
    "import numpy as np\nimport matplotlib.pyplot as plt\nimport sys",
    "fig, ax = plt.subplots()\nax.plot(np.sin(np.arange(50)), marker='o', label='sin')\nax.legend();",
    "import tensorflow as tf, keras\nkeras.utils.set_random_seed(0)\nX = np.random.default_rng(0).normal(size=(64, 2))",
    "m = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8, 'relu'), keras.layers.Dense(3)])\n"
    "m.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True))\n"
    "h = m.fit(X, (X[:, 0] > 0).astype(int), epochs=3, verbose=0)\nprint(h.history['loss'])",
    "print(sorted(k for k in globals() if not k.startswith('_')), sys.argv[0].endswith('ipykernel_launcher.py'))",
    "print(plt.get_backend(), __name__)",
    "1 / 0",
]


def executed() -> nbformat.NotebookNode:
    nb = new_notebook(cells=[new_code_cell(source) for source in SOURCES])
    return NotebookClient(nb, allow_errors=True, kernel_name="python3", record_timing=False).execute()


def test_cells_give_the_same_text_figures_and_errors(request):
    cold = executed()
    request.getfixturevalue("warm")
    assert [cell.outputs for cell in executed().cells] == [cell.outputs for cell in cold.cells]


def test_a_kernel_interrupts_restarts_and_ends_as_jupyter_expects(warm):
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        assert isinstance(manager.provisioner.process, Forked)
        identity = client.execute("while True: pass")
        time.sleep(0.5)
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=10)
        assert reply["parent_header"]["msg_id"] == identity
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        ask(client, "x = 1")
        first = manager.provisioner.pid
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=60)
        assert "not defined" in ask(client, "print(x)")
        second = manager.provisioner.pid
        assert first != second
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    for pid in (first, second):
        assert not Path(f"/proc/{pid}").exists()


def test_a_kernel_that_dies_is_seen_to_be_dead(warm):
    manager, client = start_new_kernel(kernel_name="python3")
    client.execute("import os; os._exit(3)")
    is_seen_to_be_dead(manager, client)


def test_a_signal_to_a_process_that_has_just_ended_is_no_error():
    gone = subprocess.Popen(["true"])
    gone.wait()
    reading, writing = os.pipe()
    Forked(gone.pid, reading).kill()
    os.close(reading)
    os.close(writing)


def test_each_kernel_draws_its_own_random_numbers_and_has_its_own_surroundings(warm, tmp_path):
    drawn = set()
    for _ in range(2):
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel(env={**os.environ, "MINE": "yes"}, cwd=str(tmp_path))
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        code = (
            "import random, os, numpy as np; print(random.random(), np.random.rand(), os.getcwd(), os.environ['MINE'])"
        )
        *numbers, folder, mine = ask(client, code).split()
        assert (folder, mine) == (str(tmp_path), "yes")
        drawn.update(numbers)
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert len(drawn) == 4


def test_where_nothing_can_be_forked_a_kernel_starts_cold_and_says_so(warm, monkeypatch, caplog):
    def refuse(*arguments):
        raise NotWarm("no memory")

    monkeypatch.setattr(WarmProcess, "fork", refuse)
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        assert ask(client, "print(1 + 1)").strip() == "2"
        assert not isinstance(manager.provisioner.process, Forked)
        assert "this kernel starts cold" in caplog.text
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_warm_process_that_was_killed_is_started_again(warm):
    process = warm_process(dict(os.environ))
    manager, client = start_new_kernel(kernel_name="python3")
    process._process.kill()
    process._process.wait()
    is_seen_to_be_dead(manager, client)
    manager, client = start_new_kernel(kernel_name="python3")
    assert ask(client, "print(1 + 1)").strip() == "2"
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_nothing_is_left_when_the_process_that_asked_ends(tmp_path):
    script = """
import os, signal
from logitlab.grading.provision import warm_process
forked = warm_process(dict(os.environ)).fork(
    "ipykernel_launcher", ["ipykernel_launcher"], os.getcwd(), dict(os.environ), os.open(os.devnull, os.O_WRONLY))
print(forked.pid, next(iter(__import__("logitlab.grading.provision", fromlist=["x"])._processes.values()))._process.pid)
os.kill(os.getpid(), signal.SIGKILL)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)
    pids = [int(pid) for pid in run.stdout.split()]
    assert len(pids) == 2, run.stderr
    end = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < end:
        time.sleep(0.05)
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
