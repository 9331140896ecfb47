"""`logitlab-warm`: a kernel provisioner for everything that speaks Jupyter. Its kernels start without the imports.

    JUPYTER_DEFAULT_PROVISIONER_NAME=logitlab-warm nbgrader autograde 01_softmax

It forks each kernel from a warm process (`logitlab.grading.warm`), one per set of environment variables that
the imports read. Where that cannot be had, the kernel is started as usual, with a warning.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import hashlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

_START = 120  # seconds that the imports may take
SHARED = "LOGITLAB_WARM"  # the environment variable that names the folder of a shared warm process
_READ_AT_IMPORT = ("TF_", "OMP_", "MKL_", "KERAS_BACKEND", "CUDA_", "XLA_", "LANG", "LC_", "TZ", "PATH")


class NotWarm(Exception):
    """A kernel cannot be forked; says why."""


class Forked:
    """A process that the warm process has forked: what LocalProvisioner asks of a subprocess.Popen.

    orphaned: whether it ended because the warm process did, through no fault of its own.
    """

    stdin = stdout = stderr = None
    orphaned = False

    def __init__(self, pid: int, answers: int):
        self.pid = pid
        self.returncode: int | None = None
        self._answers = answers

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        if self.returncode is None and select.select([self._answers], [], [], 0)[0]:
            line = os.read(self._answers, 100)
            # Without a word its parent is gone, and it with it.
            self.orphaned = not line.strip()
            self.returncode = -signal.SIGKILL if self.orphaned else int(line)
            os.close(self._answers)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired after `timeout` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("kernel", timeout)
            select.select([self._answers], [], [], 0.1)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended; its parent may have seen that before this process."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class WarmProcess:
    """A warm process of this one, started when it is first asked; it ends with this process, or when idle.

    shared: the path of a socket. Where a process of `share` listens there, that one is asked instead.
    """

    def __init__(self, environment: dict[str, str], shared: Path | None = None):
        self._shared = shared
        # The threads of OpenBLAS would not survive a fork.
        self._environment = {**environment, "OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._channel: socket.socket | None = None

    def fork(self, module: str, command: list[str], folder: str, environment: dict, error: int) -> Forked:
        """A kernel. error: the descriptor of its standard error. Raises NotWarm."""
        task = {"module": module, "command": command, "folder": folder, "environment": environment}
        packet = json.dumps(task).encode()
        with self._lock:
            for _ in range(2):  # the second time for one that has ended because it was idle
                reading, writing = os.pipe()
                try:
                    self._start()
                    socket.send_fds(self._channel, [packet], [error, writing])
                except OSError as failure:
                    os.close(reading)
                    self.end()
                    reason = failure
                    continue
                finally:
                    os.close(writing)
                pid = self._number(reading)
                if pid is not None:
                    return Forked(pid, reading)
                os.close(reading)
                self.end()
                reason = "it ended before it had forked"
        raise NotWarm(f"the warm process cannot be used ({reason})")

    def _number(self, reading: int) -> int | None:
        """The number of the new process; None if there is none."""
        if not select.select([reading], [], [], _START)[0]:
            return None
        line = b""
        while not line.endswith(b"\n"):
            byte = os.read(reading, 1)
            if not byte:
                return None
            line += byte
        return int(line)

    def _start(self) -> None:
        if self._channel is not None and (self._process is None or self._process.poll() is None):
            return
        self.end()
        if self._shared is not None and self._join():
            return
        self.start()

    def _join(self) -> bool:
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._channel.connect(str(self._shared))
        except OSError:
            self._channel.close()
            self._channel = None
        return self._channel is not None

    def start(self, *listeners: socket.socket) -> None:
        """Start it. listeners: sockets on which others can ask it."""
        self._channel, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        descriptors = [each.fileno() for each in (other, *listeners)]
        command = [sys.executable, "-I", "-m", "logitlab.grading.warm", *map(str, descriptors)]
        with other:
            self._process = subprocess.Popen(
                command,
                env=self._environment,
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def end(self) -> None:
        """End it, and with it its kernels."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None:
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:  # it is still importing
                self._process.kill()
                self._process.wait()
            self._process = None


_processes: dict[tuple, WarmProcess] = {}
_processes_lock = threading.Lock()


def warm_process(environment: dict[str, str]) -> WarmProcess:
    """The warm process of this process whose imports have read these environment variables."""
    read = _read_at_import(environment)
    key = (os.getpid(), *sorted(read.items()))
    with _processes_lock:
        if key not in _processes:
            folder = os.environ.get(SHARED)
            _processes[key] = WarmProcess(read, Path(folder) / _name(read) if folder else None)
        return _processes[key]


def _read_at_import(environment: dict[str, str]) -> dict[str, str]:
    home = {"HOME": os.environ.get("HOME", "/")}
    return home | {name: value for name, value in environment.items() if name.startswith(_READ_AT_IMPORT)}


def _name(read: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(read.items())).encode()).hexdigest()[:16]


@contextlib.contextmanager
def share(environment: dict[str, str], folder: Path) -> Iterator[dict[str, str]]:
    """One warm process for several processes of this user: those that get the variables which this gives.

    environment: of the kernels. folder: a private one, for its socket. It is started at once, so that its imports
    pass while other things begin.
    """
    read = _read_at_import(environment)
    process = WarmProcess(read)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(folder / _name(read)))
        listener.listen()
        process.start(listener)
    try:
        yield {SHARED: str(folder)}
    finally:
        process.end()


@atexit.register
def end_all() -> None:
    """End every warm process of this one."""
    with _processes_lock:
        for (pid, *_), process in list(_processes.items()):
            if pid == os.getpid():
                process.end()
        _processes.clear()


class WarmProvisioner(LocalProvisioner):
    """Forks IPython kernels from a warm process; any other kernel, and any kernel where that fails, starts as usual."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel that `cmd` stands for: python [-I] -m MODULE ARGUMENTS."""
        module = cmd[cmd.index("-m") + 1] if "-m" in cmd else ""
        if module not in ("ipykernel_launcher", "ipykernel", "logitlab.grading.kernel") or sys.platform != "linux":
            return await super().launch_kernel(cmd, **kwargs)
        environment = dict(kwargs.get("env") or os.environ)
        folder = str(kwargs.get("cwd") or Path.cwd())
        error = kwargs.get("stderr")
        try:
            with contextlib.ExitStack() as stack:
                if not hasattr(error, "fileno"):
                    error = stack.enter_context(open(os.devnull, "wb"))
                arguments = cmd[cmd.index("-m") + 1 :]
                self.process = await asyncio.to_thread(
                    warm_process(environment).fork, module, arguments, folder, environment, error.fileno()
                )
        except NotWarm as reason:
            self.log.warning("%s: this kernel starts cold", reason)
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = folder
        return self.connection_info
