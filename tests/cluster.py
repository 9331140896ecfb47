"""A Dask scheduler and workers in processes of their own, as on machines of their own, for tests."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

# A submission with this in it ends the process that grades it, which learners' code itself cannot do.
POISON = "# the end of the grader"
_PRELOAD = f"""
import os, signal
from logitlab.grading import work

def poisonous(plain):
    def execute(work):
        if {POISON!r} in work.notebook:
            os.kill(os.getpid(), signal.SIGKILL)
        return plain(work)
    return execute

work.execute = poisonous(work.execute)
"""


def poisoned(folder: Path) -> dict[str, str]:
    """The environment in which Dask's workers die of a submission with `POISON`."""
    path = folder / "preload.py"
    path.write_text(_PRELOAD)
    return {"DASK_DISTRIBUTED__WORKER__PRELOAD": str(path)}


class Cluster:
    """A scheduler and workers; `address` is all that is told to others.

    hidden: a folder that the workers find empty, as on another machine.
    """

    def __init__(self, folder: Path, workers: int = 2, hidden: Path | None = None):
        self.processes: list[subprocess.Popen] = []
        self._folder = folder
        folder.mkdir()
        note = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(note))
        end = time.monotonic() + 60
        while not note.exists() and time.monotonic() < end:
            time.sleep(0.1)
        self.address = json.loads(note.read_text())["address"]
        self._hidden = hidden
        self.workers = [self.add_worker(k) for k in range(workers)]

    def add_worker(self, number: int) -> subprocess.Popen:
        """Start one more, in a folder of its own."""
        place = self._folder / f"node{number}"
        place.mkdir(exist_ok=True)
        options = ["--nthreads", "1", "--memory-limit", "0", "--no-dashboard", "--local-directory", str(place)]
        return self._start("worker", self.address, *options, place=place)

    def _start(self, role: str, *options: str, place: Path | None = None) -> subprocess.Popen:
        command = [sys.executable, "-m", "dask", role, *options]
        if role == "worker" and self._hidden is not None:
            hide = 'mount -t tmpfs none "$0" && exec "$@"'
            command = ["unshare", "--map-root-user", "--mount", "sh", "-c", hide, str(self._hidden), *command]
        environment = os.environ | {"HOME": str(place)} if place else dict(os.environ)
        with open(self._folder / f"{role}.log", "a") as log:
            process = subprocess.Popen(
                command, cwd=place or self._folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *failure: object) -> None:
        for process in self.processes:
            end(process)


def end(process: subprocess.Popen) -> None:
    """Kill a process and all that it started."""
    try:
        below = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        below = []
    for each in [process, *below]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each.pid, signal.SIGKILL)
    process.wait()
