"""The sandbox refuses where it cannot hold, and holds where namespaces are forbidden."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from answers import cases
from classroom import answered, blank, course, exercises, light, submit
from logitlab.grading import cli, sandbox
from logitlab.grading.graded import read

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")
LAB = "02_argmax"


def in_sandbox(tmp_path: Path, source: str, prelude: str = "") -> dict:
    """What a script gives that runs in the sandbox, and can write to its folder: its variable `out`."""
    work = tmp_path / "work"
    work.mkdir()
    script = f"""
import json, os, sys
from pathlib import Path
from logitlab.grading.kernel import access
from logitlab.grading.sandbox import Limits, enter
{textwrap.dedent(prelude)}
enter(access(Path({str(work)!r}), Path({str(work)!r})), Limits())
out = {{}}
def attempt(name, action):
    try:
        out[name] = repr(action())
    except BaseException as error:
        out[name] = type(error).__name__
{textwrap.dedent(source)}
print(json.dumps(out))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=work, timeout=60)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


PROBES = """
import ctypes, socket, subprocess
attempt("fork", os.fork)
attempt("program", lambda: subprocess.run(["true"]))
attempt("foreign file", lambda: open("/etc/passwd").read())
attempt("own file", lambda: Path("mine").write_text("mine"))
attempt("python", lambda: len(Path(os.__file__).read_text()) > 0)
attempt("internet socket", lambda: socket.socket(socket.AF_INET))
attempt("datagram", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
attempt("signal to parent", lambda: os.kill(os.getppid(), 0))
attempt("signal to itself", lambda: os.kill(os.getpid(), 0))
import threading
attempt("thread", lambda: [thread.start() or thread.join() for thread in [threading.Thread(target=int)]])
attempt("capabilities", lambda: [l.split()[1] for l in open("/proc/self/status") if l.startswith("CapEff")])
attempt("new mode by number", lambda: ctypes.CDLL(None, use_errno=True).syscall(452, -100, b"mine", 0o777, 0))
attempt("io_uring", lambda: ctypes.CDLL(None, use_errno=True).syscall(425, 1, None))
"""
HELD = {
    "fork": "PermissionError",
    "program": "PermissionError",
    "foreign file": "PermissionError",
    "own file": "4",
    "python": "True",
    "internet socket": "OSError",
    "datagram": "PermissionError",
    "signal to parent": "PermissionError",
    "signal to itself": "None",
    "thread": "[None]",
    "capabilities": "['0000000000000000']",
    "new mode by number": "-1",
    "io_uring": "-1",
}


def test_it_holds_what_is_inside(tmp_path):
    assert in_sandbox(tmp_path, PROBES) == HELD


def test_it_holds_in_a_container_that_forbids_namespaces(tmp_path):
    """As the usual profile of a container engine does: Landlock, seccomp and the limits stand alone."""
    forbid = """
    import errno
    from pyseccomp import ALLOW, ERRNO, SyscallFilter
    profile = SyscallFilter(ALLOW)
    for call in ("unshare", "mount", "setns", "ptrace"):
        profile.add_rule(ERRNO(errno.EPERM), call)
    profile.load()
    """
    probes = PROBES + '\nattempt("own namespace", lambda: os.readlink("/proc/self/ns/net"))'
    inside = in_sandbox(tmp_path, probes, forbid)
    inside.pop("own namespace")
    assert inside == HELD


def test_it_needs_no_root(tmp_path):
    """Started by somebody who may do nothing special, in a folder of theirs."""
    drop = """
    os.chmod(Path.cwd(), 0o777)
    if os.getuid() == 0:
        import ctypes
        from logitlab.grading.sandbox import _drop_capabilities
        _drop_capabilities()
    """
    assert in_sandbox(tmp_path, PROBES, drop) == HELD


def test_it_is_not_entered_with_threads_that_would_stay_outside(tmp_path):
    script = "import threading, time; threading.Thread(target=time.sleep, args=(5,), daemon=True).start()\n"
    script += "from logitlab.grading.sandbox import *\nenter(Access([], [], [], []), Limits())"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "before the first thread" in run.stderr


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = course(tmp_path / "course")
    right = next(case for case in cases(LAB) if case.is_right)
    submit(folder, "kim", LAB, light(answered(blank(LAB), [right]), LAB))
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("platform", "version", "names"),
    [("darwin", 7, "needs Linux"), ("linux", 0, "needs Landlock"), ("linux", 2, "needs Landlock")],
)
def test_without_what_it_needs_grading_refuses_and_names_it(folder, monkeypatch, capsys, platform, version, names):
    monkeypatch.setattr(sandbox.sys, "platform", platform)
    monkeypatch.setattr(sandbox, "landlock_version", lambda: version)
    assert cli.main(["grade", LAB]) == 1
    told = capsys.readouterr().err
    assert names in told
    assert "--unsafe" in told
    assert not (folder / "autograded").exists()


def test_the_command_line_can_say_so_where_python_lacks_what_only_unix_has():
    # psutil has its own way on each system; it is imported before.
    script = "import psutil, sys; sys.modules['resource'] = None; import logitlab.grading.cli"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_unsafe_goes_on_and_every_report_says_so(folder, monkeypatch, capsys):
    monkeypatch.setattr(sandbox, "landlock_version", lambda: 0)
    assert cli.main(["grade", LAB, "--unsafe"]) == 0
    assert "Graded without the sandbox." in capsys.readouterr().out
    assert read(folder, "kim", LAB).remarks == ["Graded without the sandbox."]
    assert cli.main(["report", LAB]) == 0
    assert "Graded without the sandbox." in (folder / f"report_{LAB}.html").read_text()
    assert exercises(LAB)
