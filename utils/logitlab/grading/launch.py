"""Starting and ending a kernel in the sandbox, for whoever executes notebooks with jupyter_client."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from logitlab.grading.sandbox import Limits

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_PREFIX = "logitlab-"
_PLACE = "/tmp" if Path("/tmp").is_dir() else None
MESSAGE_BYTES = 80 << 20  # of one part of a message; a larger one is dropped with its connection
MESSAGES_WAITING = 50
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS")
# Kernels run side by side, one per core; more threads for models as small as these only cost time.
_THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


class Workplace:
    """The private folder of one kernel: its working directory, its channels and its log.

    work: what the learner's code can write to. channels: holds the connection file and the sockets.
    """

    def __init__(self) -> None:
        # Short: the path of a Unix socket has 107 bytes at most.
        self.root = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_PLACE))
        self._lock = _lock(self.root)
        self.work, self.channels, self.log = self.root / "work", self.root / "channels", self.root / "log"
        for folder in (self.work, self.channels):
            folder.mkdir()

    def environment(self) -> dict[str, str]:
        """What a kernel needs to know of its surroundings, and nothing else of the grader's."""
        home = str(self.work / ".home")
        places = {name: f"{home}/{name.lower()}" for name in ("IPYTHONDIR", "MPLCONFIGDIR", "KERAS_HOME", "TMPDIR")}
        for folder in places.values():
            Path(folder).mkdir(parents=True, exist_ok=True)
        _share_fonts(Path(places["MPLCONFIGDIR"]))
        # There is no user database inside, and no shared memory for joblib to warn about.
        return {
            **kept_environment(),
            **places,
            "HOME": home,
            "USER": "learner",
            "LOGNAME": "learner",
            "JOBLIB_MULTIPROCESSING": "0",
        }

    def remove(self) -> None:
        """Delete it all, whatever modes the learner's code has left."""
        shutil.rmtree(self.root, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def kept_environment() -> dict[str, str]:
    """What every kernel gets of the grader's environment."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | dict.fromkeys(_THREADS, "1")


def sweep() -> None:
    """Remove the places of processes that were killed before they could do it themselves."""
    for channels in Path(_PLACE or tempfile.gettempdir()).glob(f"{_PREFIX}*/channels"):
        with contextlib.suppress(OSError):
            lock = _lock(channels.parent)
            shutil.rmtree(channels.parent, ignore_errors=True)
            if lock is not None:
                os.close(lock)


def _lock(root: Path) -> int | None:
    """A lock on a folder, which goes with the process. Raises OSError if another process has it."""
    if fcntl is None:
        return None
    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _share_fonts(folder: Path) -> None:
    """Give a kernel the grader's list of fonts: making one takes seconds."""
    import matplotlib

    for path in Path(matplotlib.get_cachedir()).glob("fontlist-*.json"):
        shutil.copy(path, folder)


class KernelManager(AsyncKernelManager):
    """Starts `logitlab.grading.kernel`, in the sandbox, reached over Unix sockets in a private folder.

    unsafe: without the sandbox. warm: forked from a process that has the imports behind it.
    Where the system lacks what the sandbox needs, the kernel does not start and says so in `last_words`.
    """

    def __init__(self, limits: Limits, unsafe: bool = False, warm: bool = False, **options):
        self.place = Workplace()
        context = zmq.asyncio.Context()
        # What a kernel sends is kept within bounds before it is read.
        context.setsockopt(zmq.MAXMSGSIZE, MESSAGE_BYTES)
        context.setsockopt(zmq.RCVHWM, MESSAGES_WAITING)
        super().__init__(context=context, **options)
        self.transport = "ipc"
        self.connection_file = str(self.place.channels / "kernel.json")
        self.ip = str(self.place.channels / "c")
        settings = {
            "sandbox": not unsafe,
            "limits": asdict(limits),
            "folder": str(self.place.work),
            "connection_file": self.connection_file,
        }
        command = [sys.executable, "-I", "-m", "logitlab.grading.kernel", json.dumps(settings)]
        self._kernel_spec = KernelSpec(argv=command, display_name="learner", language="python")
        if warm:
            self._kernel_spec.metadata["kernel_provisioner"] = {"provisioner_name": "logitlab-warm"}

    async def launch(self) -> None:
        """Start the kernel with a clean environment, its folder as working directory, and nothing inherited."""
        with open(self.place.log, "wb") as log:
            await self.start_kernel(
                env=self.place.environment(), cwd=str(self.place.work), stdout=subprocess.DEVNULL, stderr=log
            )
        self.pid = self.provisioner.pid
        self._handle = os.pidfd_open(self.pid) if hasattr(os, "pidfd_open") else None

    def kill(self) -> None:
        """End the kernel at once; from any thread."""
        try:
            if self._handle is not None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            else:
                os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    async def end(self) -> None:
        """End the kernel and everything it left: its process, its sockets, its folder."""
        try:
            if self.has_kernel:
                self.kill()
                await self.shutdown_kernel(now=True)
        finally:
            if getattr(self, "_handle", None) is not None:
                os.close(self._handle)
            self.context.destroy(linger=0)
            self.place.remove()

    async def is_orphaned(self) -> bool:
        """Whether the kernel ended because the process that it was forked from did."""
        process = getattr(self.provisioner, "process", None)
        return process is not None and not await self.is_alive() and getattr(process, "orphaned", False)

    @property
    def last_words(self) -> str:
        """The end of what the kernel's process wrote to its standard error."""
        with open(self.place.log, "rb") as log:
            log.seek(max(0, self.place.log.stat().st_size - 2000))
            return log.read().decode(errors="replace")
