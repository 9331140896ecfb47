"""Watches a running kernel from outside, and ends it when it goes past a limit that nothing else enforces."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from logitlab.grading.launch import KernelManager
from logitlab.grading.sandbox import Limits
from logitlab.grading.states import State

INTERVAL = 0.2  # seconds
FLOOD = 1 << 30  # bytes by which the grader itself may grow


class Watch:
    """Between `with` and its end, a thread looks after a kernel.

    verdict: the state and the reason for which the kernel was ended; None if it was not.
    deadline: the time.monotonic() at which it is ended, or None; whoever runs a cell sets it.
    """

    def __init__(self, kernel: KernelManager, limits: Limits, seconds: float):
        self.verdict: tuple[State, str] | None = None
        self.deadline: float | None = None
        self._kernel, self._limits, self._seconds = kernel, limits, seconds
        self._most_memory = 0
        self._self, self._process = psutil.Process(), psutil.Process(kernel.pid)
        self._own_memory = self._self.memory_info().rss
        self._begin = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._over.set()
        self._thread.join()

    def end(self, state: State, reason: str) -> None:
        """End the kernel and say why; the first reason stands."""
        self.verdict = self.verdict or (state, reason)
        self._kernel.kill()

    def cause_of_death(self) -> tuple[State, str]:
        """Why the kernel is gone."""
        if self.verdict is None:
            words = self._kernel.last_words
            starved = self._most_memory > 0.8 * self._limits.memory or "bad_alloc" in words
            self.verdict = (
                (State.OUT_OF_MEMORY, f"the kernel died with {self._most_memory >> 20} MB in use")
                if starved
                else (State.KERNEL_DIED, "the kernel's process ended")
            )
        return self.verdict

    def _look(self) -> None:
        while not self._over.wait(INTERVAL):
            try:
                breach = self._breach()
            except (OSError, psutil.Error):  # it has just ended, which whoever talks to it will see
                continue
            if breach is not None:
                self.end(*breach)
                return

    def _breach(self) -> tuple[State, str] | None:
        now, limits = time.monotonic(), self._limits
        if now - self._begin > self._seconds:
            return State.TIMED_OUT, f"the submission took longer than {self._seconds:g} seconds"
        if self.deadline is not None and now > self.deadline:
            return State.TIMED_OUT, "a cell went on after it was interrupted"
        memory = self._process.memory_info().rss
        self._most_memory = max(self._most_memory, memory)
        if memory > limits.memory:
            return State.OUT_OF_MEMORY, f"more than {limits.memory >> 20} MB were in use"
        if self._self.memory_info().rss - self._own_memory > FLOOD:
            return State.KERNEL_DIED, "it was ended because it flooded the grader with messages"
        written, count = 0, 0
        for size in self._files():
            written, count = written + size, count + 1
            if written > limits.disk or count > limits.files:
                return (
                    State.KERNEL_DIED,
                    f"it was ended because it wrote more than {limits.disk >> 20} MB or {limits.files} files",
                )
        return None

    def _files(self) -> Iterator[int]:
        """The sizes of the kernel's files: those in its folder, and those it has open but has unlinked."""
        waiting = [self._kernel.place.work]
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                        yield 0
                    else:
                        yield entry.stat(follow_symlinks=False).st_blocks * 512
        for path in Path(f"/proc/{self._kernel.pid}/fd").glob("*"):
            with contextlib.suppress(OSError):
                status = path.stat()
                if status.st_nlink == 0:
                    yield status.st_blocks * 512
