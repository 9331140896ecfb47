"""The warm process: it imports what the labs import, once, and forks a kernel each time it is asked.

    python -I -m logitlab.grading.warm CHANNEL [LISTENER]      (what `logitlab.grading.provision` starts)

CHANNEL is the descriptor of its end of a Unix socket of packets. A packet asks for a kernel and brings two
descriptors: the kernel's standard error, and a pipe on which the answers come: the number of its process, and
later its exit status. Nothing is computed before a fork and no thread is alive; when the other end of the channel
closes, this process and all its kernels end. Other processes of the same user ask over LISTENER, a listening
socket; when one of them ends, its kernels do.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import io
import json
import os
import random
import runpy
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterable

from logitlab.quiet import quietly

# What the labs import and a kernel needs; no module of logitlab.checks, which has no business in a kernel.
MODULES = """
    numpy matplotlib.pyplot ipywidgets sklearn.datasets scipy.special tensorflow keras
    ipykernel.kernelapp ipykernel.ipkernel IPython.core.completer nbformat
    logitlab.datasets logitlab.formulas logitlab.models logitlab.checks.answers
""".split()
IDLE = 300  # seconds without a kernel and without a request, after which it ends
PACKET = 1 << 16
_PR_SET_PDEATHSIG = 1


class _Sink(io.StringIO):
    """Where log handlers write that are made during the imports, as in a notebook that imports quietly.

    A kernel that starts closes the handlers that it finds, and what they write to; it must stay open.
    """

    def write(self, text: str) -> int:
        return len(text)

    def close(self) -> None:
        pass


def main() -> None:
    """Import, then fork on request until the other end is gone or nothing has happened for long."""
    channel, *listeners = (socket.socket(fileno=int(number)) for number in sys.argv[1:])
    with quietly(), contextlib.redirect_stderr(_Sink()):
        for name in MODULES:
            importlib.import_module(name)
    threads = len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 1
    if threads > 1:
        sys.exit(f"{threads} threads are alive after the imports; a fork would lose them")
    # A collection in a child would copy every page that it walks over.
    gc.collect()
    gc.freeze()
    _serve(channel, listeners)


def _serve(owner: socket.socket, listeners: list[socket.socket]) -> None:
    kernels: dict[int, tuple[int, socket.socket]] = {}  # where the answers of each go, and who asked for it
    channels = [owner]
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asked for the kernels
    busy = time.monotonic()
    while kernels or time.monotonic() - busy < IDLE:
        ready, _, _ = select.select([*channels, *listeners, woken], [], [], 1)
        for listener in listeners:
            if listener in ready:
                channels.append(listener.accept()[0])
        for channel in [channel for channel in channels if channel in ready]:
            packet, descriptors = _packet(channel)
            if packet:
                error, answers = descriptors
                pid = os.fork()
                if pid == 0:
                    ours = [each.fileno() for each in (*channels, *listeners)]
                    others = [descriptor for descriptor, _ in kernels.values()]
                    _become(json.loads(packet), error, [answers, woken, waker, *ours, *others])
                os.close(error)
                os.write(answers, f"{pid}\n".encode())
                kernels[pid] = answers, channel
                busy = time.monotonic()
            elif channel is owner:
                _kill(kernels)
                return
            else:
                channels.remove(channel)
                channel.close()
                _kill(pid for pid, (_, asked) in kernels.items() if asked is channel)
        with contextlib.suppress(BlockingIOError):
            os.read(woken, 100)
        for pid in list(kernels):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                answers, _ = kernels.pop(pid)
                with contextlib.suppress(BrokenPipeError):
                    os.write(answers, f"{os.waitstatus_to_exitcode(status)}\n".encode())
                os.close(answers)
                busy = time.monotonic()


def _packet(channel: socket.socket) -> tuple[bytes, list[int]]:
    """A request and its descriptors; nothing if the other end is gone."""
    try:
        packet, descriptors, _, _ = socket.recv_fds(channel, PACKET, 2)
    except ConnectionResetError:
        return b"", []
    return packet, descriptors


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _become(task: dict, error: int, inherited: Iterable[int]) -> None:
    """In the child: be what a process would be that was started with this command. Does not return."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for descriptor in inherited:
            os.close(descriptor)
        os.setsid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor, target in ((nothing, 0), (nothing, 1), (error, 2)):
            os.dup2(descriptor, target)
        os.close(nothing)
        os.close(error)
        os.chdir(task["folder"])
        os.environ.clear()
        os.environ.update(task["environment"])
        _renew()
        if "" not in sys.path:
            sys.path.insert(0, "")
        sys.argv = task["command"]
        runpy.run_module(task["module"], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    finally:
        with contextlib.suppress(Exception):
            sys.stderr.flush()
    os._exit(code)


def _renew() -> None:
    """Give a forked process what it would have drawn or read for itself."""
    import matplotlib
    import numpy as np

    random.seed()
    np.random.seed()
    tempfile.tempdir = None
    time.tzset()
    # ipykernel sets it for a cold kernel before Matplotlib is imported.
    matplotlib.rcParams["backend"] = os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")


if __name__ == "__main__":
    main()
