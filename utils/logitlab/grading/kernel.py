"""The process in which a learner's notebook runs: an IPython kernel that answers questions, inside the sandbox.

    python -I -m logitlab.grading.kernel SETTINGS      (what `logitlab.grading.launch` starts)

It imports no check. The grader asks its questions in messages of a type of their own, and nothing but
plain data goes back (`logitlab.grading.glass`).
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import os
import site
import sys
import types
from collections.abc import Sequence
from pathlib import Path

from logitlab.grading import sandbox

REQUEST, REPLY = "logitlab_request", "logitlab_reply"

PACKAGE = Path(__file__).resolve().parents[1]
# The checks, the grading and the command line stay out of reach.
_SHARED = ("__init__.py", "quiet.py", "models.py", "formulas.py", "datasets.py", "plots")
_OURS = ("checks/__init__.py", "checks/answers.py", "grading/__init__.py", "grading/glass.py", "grading/kernel.py")
_OURS += ("grading/sandbox.py",)
_SYSTEM = """
    /lib /lib64 /usr/lib /usr/lib64 /usr/local/lib /usr/share/fonts /usr/share/zoneinfo /usr/share/locale
    /etc/ld.so.cache /etc/localtime /etc/fonts /dev/urandom /dev/random /dev/zero
    /proc/self /proc/cpuinfo /proc/meminfo /proc/stat /proc/filesystems /proc/sys/vm/overcommit_memory
    /sys/devices/system
""".split()


def access(work: Path, channels: Path) -> sandbox.Access:
    """What a kernel can reach: Python, its packages, the system's libraries, the parts of ours it needs, its folder."""
    python = [sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages()]
    ours = [PACKAGE / name for name in (*_SHARED, *_OURS)]
    read = [*(Path(name) for name in (*python, *_SYSTEM)), *ours]
    return sandbox.Access(read, [work, Path(os.devnull)], names=[PACKAGE], sockets=[channels])


class _NoChecks(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives a notebook that imports its checks modules without any: a check does nothing in this process."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None):
        if name.startswith("logitlab.checks."):
            return importlib.machinery.ModuleSpec(name, self)
        return None

    def create_module(self, spec):
        module = types.ModuleType(spec.name, "The grader has the checks; this process has none.")
        module.__getattr__ = _no_check
        return module

    def exec_module(self, module):
        pass


def _no_check(name: str) -> object:
    if name.startswith("__"):
        raise AttributeError(name)
    return lambda *arguments, **options: None


def main() -> None:
    """Enter the sandbox, then become a kernel."""
    settings = json.loads(sys.argv[1])
    if settings["sandbox"]:
        reach = access(Path(settings["folder"]), Path(settings["connection_file"]).parent)
        sandbox.enter(reach, sandbox.Limits(**settings["limits"]))
    # Only now: NumPy starts threads, and they too must be inside.
    import logitlab.checks.answers  # noqa: F401

    sys.meta_path.insert(0, _NoChecks())
    from ipykernel.ipkernel import IPythonKernel
    from ipykernel.kernelapp import IPKernelApp

    from logitlab.grading.glass import Responder

    class Kernel(IPythonKernel):
        """An IPython kernel that also answers a check's questions."""

        msg_types = [*IPythonKernel.msg_types, REQUEST]

        def __init__(self, **options):
            super().__init__(**options)
            self._responder = Responder(self.shell.user_ns)

        async def logitlab_request(self, stream, ident, parent):
            content, buffers = self._responder.answer(parent["content"], parent["buffers"])
            self.session.send(stream, REPLY, content, parent, ident, buffers=buffers)

    if "" not in sys.path:
        sys.path.insert(0, "")  # the learner's own modules, as in any notebook
    # Without history, and silent: what it would log goes to nobody.
    arguments = ["-f", settings["connection_file"], "--HistoryManager.enabled=False", "--log-level=ERROR"]
    IPKernelApp.launch_instance(argv=arguments, kernel_class=Kernel)


if __name__ == "__main__":
    main()
